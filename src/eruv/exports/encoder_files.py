"""An encoder as one file that runs without eruv: a program of torch.export, or ONNX.

Either takes uint8 RGB clips (B, 16, crop, crop, 3), B free, and gives features (B, num_features):
scaling and residual frames are part of it, so that nothing about the input must be remembered.
"""

import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export import Dim, ExportedProgram

from eruv.clips.spec import CLIP_FRAMES
from eruv.models.encoder import Encoder
from eruv.utils.atomic import whole_file
from eruv.utils.errors import EruvError

CHECKED_CLIPS = 3
# Of the largest feature. Sums in another order; more would be another network.
TOLERANCE = 1e-4

Clips = NDArray[np.uint8]
Runner = Callable[[Clips], NDArray[np.float32]]


@dataclass(frozen=True)
class ExportedEncoder:
    """A written encoder.

    Attributes:
        path: of its file.
        difference: the largest one between its features and the encoder's on random clips, as a
            part of the largest feature.
    """

    path: Path
    difference: float


def export_encoder(encoder: Encoder, path: Path, facts: Mapping[str, Any]) -> ExportedEncoder:
    """Write an encoder in the format of the suffix, and compare what the file gives.

    Args:
        encoder: in evaluation mode, on the CPU.
        path: ends in .pt2 (torch.export) or .onnx.
        facts: stored inside the file; JSON.

    Raises:
        EruvError: where a library is missing, or the file's features differ.
    """
    write, run = FORMATS[path.suffix]
    # A batch of one would be taken for a constant.
    example = torch.from_numpy(_random_clips(encoder, 2))
    with torch.no_grad(), _quiet():
        program = torch.export.export(
            encoder, (example,), dynamic_shapes=({0: Dim("batch", min=1)},)
        )
        with whole_file(path) as partial:
            write(program, partial, json.dumps(facts))
            difference = _difference(encoder, run(partial))
            if not difference <= TOLERANCE:
                raise EruvError(
                    f"{path.name} would give other features than the encoder: they differ by "
                    f"{difference:.1e}, allowed is {TOLERANCE:.0e}. It was not written; please "
                    f"report this with the output of eruv doctor."
                )
    return ExportedEncoder(path, difference)


def _write_program(program: ExportedProgram, path: Path, facts: str) -> None:
    with path.open("wb") as file:
        torch.export.save(program, file, extra_files={"eruv.json": facts})


def _program_runner(path: Path) -> Runner:
    with path.open("rb") as file:
        network = torch.export.load(file).module()
    return lambda clips: network(torch.from_numpy(clips)).numpy()


def _write_onnx(program: ExportedProgram, path: Path, facts: str) -> None:
    _need_onnx()
    made = torch.onnx.export(
        program,
        input_names=["clips"],
        output_names=["features"],
        dynamo=True,
        verbose=False,
    )
    assert made is not None
    made.model.metadata_props["eruv"] = facts
    made.save(str(path), external_data=False)


def _onnx_runner(path: Path) -> Runner:
    import onnxruntime

    session = onnxruntime.InferenceSession(path.read_bytes())
    return lambda clips: session.run(None, {"clips": clips})[0]


def _need_onnx() -> None:
    try:
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise EruvError(
            "ONNX needs onnxscript and onnxruntime, which are not installed: "
            "pip install 'eruv[onnx]'"
        ) from error


FORMATS: dict[str, tuple[Callable[[ExportedProgram, Path, str], None], Callable[[Path], Runner]]]
FORMATS = {".pt2": (_write_program, _program_runner), ".onnx": (_write_onnx, _onnx_runner)}


def _difference(encoder: Encoder, run: Runner) -> float:
    clips = _random_clips(encoder, CHECKED_CLIPS)
    expected = encoder.features(clips)
    return float(np.abs(run(clips) - expected).max() / np.abs(expected).max())


def _random_clips(encoder: Encoder, count: int) -> Clips:
    side = encoder.size.crop
    shape = (count, CLIP_FRAMES, side, side, 3)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks about packages that no encoder needs."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
