"""Other thresholds for the detectors of other tools, from the signals of one pass."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from shot_scores import Transitions

Signals = Mapping[str, list[float]]
Parameters = Mapping[str, float]
# A many-hot run of fewer frames is a hard cut.
LEAST_GRADUAL = 3


def _cuts(where: NDArray[np.bool_]) -> Transitions:
    return Transitions(tuple(int(t) for t in np.flatnonzero(where) if t > 0))


def content(signals: Signals, parameters: Parameters) -> Transitions:
    """ContentDetector: `threshold` (27)."""
    # nan, the first frame's, is above nothing
    return _cuts(np.array(signals["content"]) >= parameters.get("threshold", 27.0))


def adaptive(signals: Signals, parameters: Parameters) -> Transitions:
    """AdaptiveDetector: `adaptive_threshold` (3) and `min_content_val` (15)."""
    ratio, value = np.array(signals["adaptive"]), np.array(signals["content"])
    enough = value >= parameters.get("min_content_val", 15.0)
    return _cuts((ratio >= parameters.get("adaptive_threshold", 3.0)) & enough)


def hashes(signals: Signals, parameters: Parameters) -> Transitions:
    """HashDetector: `threshold` (0.35)."""
    return _cuts(np.array(signals["hash"]) >= parameters.get("threshold", 0.35))


def histogram(signals: Signals, parameters: Parameters) -> Transitions:
    """HistogramDetector: `threshold` (0.2)."""
    least = max(0.0, min(1.0, 1.0 - parameters.get("threshold", 0.2)))
    return _cuts(np.array(signals["histogram"]) <= least)


def threshold(signals: Signals, parameters: Parameters) -> Transitions:
    """ThresholdDetector: `threshold` (12); a cut in the middle of what is darker."""
    dark = np.array(signals["threshold"]) < int(parameters.get("threshold", 12))
    # A film that starts dark has its first cut when it becomes bright, as the tool has it.
    edges = np.diff(dark.astype(np.int8), prepend=np.int8(0))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    pairs = zip(starts, ends, strict=False)
    cuts = {int(start) + round((int(end) - int(start)) / 2) for start, end in pairs}
    return Transitions(tuple(sorted(cut for cut in cuts if cut > 0)))


def _runs(where: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.diff(where.astype(np.int8), prepend=np.int8(0), append=np.int8(0))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def transnet(signals: Signals, parameters: Parameters) -> Transitions:
    """TransNetV2: `threshold` (0.5) of its first head, `many` (0.5) of its second.

    The first head marks the last frame of the old shot, or the middle of a transition; the
    second all frames of a transition. Every run of the first is a boundary; it is gradual, and
    takes the run of the second, where that has at least `LEAST_GRADUAL` frames.
    """
    single = np.array(signals["single"])
    wide = _runs(np.array(signals["many"]) > parameters.get("many", 0.5))
    cuts, graduals = set(), set()
    for start, end in _runs(single > parameters.get("threshold", 0.5)):
        peak = start + int(np.argmax(single[start:end]))
        around = [run for run in wide if run[0] <= peak < run[1]]
        if around and around[0][1] - around[0][0] >= LEAST_GRADUAL:
            graduals.add(around[0])
        elif peak + 1 < len(single):
            cuts.add(peak + 1)
    return Transitions(tuple(sorted(cuts)), tuple(sorted(graduals)))


DECIDE = {
    "content": content,
    "adaptive": adaptive,
    "hash": hashes,
    "histogram": histogram,
    "threshold": threshold,
}
