"""`eruv predict`: video files come in; what is to be seen in them goes out, with scores and times.

Files are read directly: no library is needed.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from eruv.datasets.labelled_videos import LabelledVideo
from eruv.evaluation.described import on_device
from eruv.evaluation.direct_reading import DirectVideo, read_directly
from eruv.evaluation.ten_clips import clips_of
from eruv.library.discovery import find_videos
from eruv.library.estimate import estimate_ingest
from eruv.media.proxy import ProxySettings
from eruv.media.video import UnreadableVideo
from eruv.models.classifier import Classifier
from eruv.training.classifier_folder import load_classifier
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError
from eruv.utils.paths import Paths, paths_of, printable

BEST = 5

Result = dict[str, Any]


def predict(
    model: Path | str,
    videos: Paths,
    *,
    shots: bool = False,
    device: str = "auto",
    threads: int = 0,
) -> Result:
    """Tell what is to be seen in videos, by ten clips of each (fact 4).

    Args:
        model: folder made by `finetune`.
        videos: files and folders; folders are searched to the bottom.
        shots: a prediction for every shot instead of one for the whole video.
        device: auto, cpu or cuda.
        threads: decoding threads; 0 takes one a core.

    Returns:
        `videos`: path, frames, the `seconds` that it took, and `predictions`, each with label,
        score (from 0 to 1), start and end in frames and in seconds of the video, and the `best`
        five labels with their scores; `unreadable` and `damaged` files; `seconds` in all.

    Raises:
        EruvError: if there is no classifier, or no video could be read.
    """
    if threads < 0:
        raise EruvError(f"--threads is at least 0 (one a core); got {threads}.")
    started = time.monotonic()
    classifier = on_device(load_classifier(model), device)
    paths, unreadable = _search(videos)
    found: list[Result] = []
    damaged: list[Result] = []
    expected = estimate_ingest(paths, [os.path.getsize(path) for path in paths], 1).frames
    with TemporaryDirectory(prefix="eruv-") as folder, Progress("predict", expected) as progress:
        predictor = _Predictor(classifier, Path(folder), shots, threads)
        frames = 0
        for path in paths:

            def show(count: int, words: str, path: Path = path, before: int = frames) -> None:
                progress.update(before + count, f"{printable(Path(path.name))}, {words}")

            try:
                result, damage = predictor.of_file(path, show)
            except UnreadableVideo as error:
                unreadable.append(_fault(path, error.reason, error.position))
                continue
            found.append(result)
            frames += result["frames"]
            damaged += [damage] if damage else []
    _refuse_nothing(found, unreadable)
    return {
        "model": str(model),
        "videos": found,
        "unreadable": unreadable,
        "damaged": damaged,
        "seconds": round(time.monotonic() - started, 3),
    }


@dataclass(frozen=True)
class _Predictor:
    """Classifies one file after another."""

    classifier: Classifier
    folder: Path
    by_shot: bool
    threads: int

    def of_file(self, path: Path, show: Callable[[int, str], None]) -> tuple[Result, Result | None]:
        """Predictions for a file, and its damage if there is any."""
        started = time.monotonic()
        video = read_directly(
            path,
            self.folder,
            ProxySettings(**self.classifier.details.get("proxy", {})),
            self.threads,
            lambda count: show(count, "reading"),
        )
        predictions = self._predictions(video, show)
        result = {
            "path": str(path),
            "frames": video.shots.num_frames,
            "predictions": predictions,
            "seconds": round(time.monotonic() - started, 3),
        }
        damage = video.shots.damage
        return result, {"path": str(path), **vars(damage)} if damage.failed_packets else None

    def _predictions(self, video: DirectVideo, show: Callable[[int, str], None]) -> list[Result]:
        reader = video.reader(self.classifier.size)
        stretches = video.stretches(self.by_shot)
        found = []
        try:
            for number, (start, end) in enumerate(stretches, start=1):
                stretch = LabelledVideo(0, start, end, "")
                clips = reader.read_all(clips_of(stretch, self.classifier.size))
                logits = self.classifier.of_video(torch.from_numpy(clips))
                start_s, end_s = video.shots.times.range(start, end)
                times = {"start": start, "end": end, "start_s": start_s, "end_s": end_s}
                best = best_labels(logits, self.classifier.classes)
                found.append({**best[0], **times, "best": best})
                show(video.shots.num_frames, f"{number} of {len(stretches)} classified")
        finally:
            reader.close()
            video.proxy.unlink()
        return found


def best_labels(logits_C: torch.Tensor, classes: tuple[str, ...]) -> list[Result]:
    """The five labels of the highest scores, which sum up to 1 over all C classes."""
    best = logits_C.softmax(dim=0).topk(min(BEST, len(classes)))
    return [
        {"label": classes[number], "score": score}
        for number, score in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]


def _search(named: Paths) -> tuple[list[Path], list[Result]]:
    """All videos, each once; what is named and is not there does not stop the others."""
    paths: set[Path] = set()
    missing = []
    for name in paths_of(named):
        try:
            paths.update(find_videos([name]))
        except EruvError as error:
            missing.append(_fault(Path(name), str(error), ""))
    if not paths:
        _refuse_nothing([], missing)
    return sorted(paths), missing


def _fault(path: Path, reason: str, position: str) -> Result:
    return {"path": str(path), "reason": reason, "position": position}


def _refuse_nothing(found: list[Result], faults: list[Result]) -> None:
    if found:
        return
    reasons = [
        f"{one['path']}: {one['reason']} ({one['position']})" if one["position"] else one["reason"]
        for one in faults
    ]
    raise EruvError("; ".join(reasons) or "no video was named")
