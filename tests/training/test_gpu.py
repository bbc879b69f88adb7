"""What needs a CUDA device: bf16 and compiled steps learn like plain ones."""

from pathlib import Path

import pytest
import torch

from eruv.clips.planes import PlaneClips, rgb_on, to_rgb
from eruv.clips.spec import ClipSize
from eruv.training.metrics import read_metrics
from films_for_tests import SmallLibrary
from training_for_tests import tiny, train

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device"),
]


@pytest.mark.parametrize("compiled", [False, True])
def test_losses_in_bf16_are_near_those_of_the_processor(
    small_library: SmallLibrary, tmp_path: Path, compiled: bool
) -> None:
    # Clips of the proxies' size go to the device as planes; compiling means nothing on a processor.
    config = tiny(pairs=80, compile=compiled, size=ClipSize(crop=32))
    runs = {
        device: train(small_library.folder, tmp_path / device, config, device=device)
        for device in ("cpu", "cuda")
    }
    losses = {
        name: [line["loss"] for line in read_metrics(run.folder) if line["kind"] == "train"]
        for name, run in runs.items()
    }
    assert losses["cuda"] == pytest.approx(losses["cpu"], rel=0.1)


def test_planes_become_the_same_bits_on_both_devices() -> None:
    generator = torch.Generator().manual_seed(0)
    planes = torch.randint(0, 256, (2, 3, 192, 172), dtype=torch.uint8, generator=generator)
    pixels = torch.randint(0, 128 * 172, (2, 112, 112), dtype=torch.int32, generator=generator)
    clips = PlaneClips(planes, pixels)
    assert torch.equal(rgb_on(clips, torch.device("cuda")).cpu(), to_rgb(clips))
