"""The default detector: a small network over distances between frames."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import Detection, PictureFormat, Plane, Transition
from eruv.detection.detectors.cut_rules import cut_midpoints, luma_is_still, only_colours_change
from eruv.detection.detectors.features import REACH, FrameFeatures
from eruv.detection.detectors.network import CONTEXT, TemporalNetwork
from eruv.detection.detectors.new_pictures import NewPictures
from eruv.detection.detectors.picture_rows import PictureRows
from eruv.detection.detectors.transition_kinds import leads_nowhere, predicted_kind

WEIGHTS = Path(__file__).with_name("learned.npz")
CHUNK = 256  # rows that go through the network at once
# Probabilities that `recalibrated` maps to one half. Camera motion resembles a dissolve or no kind
# at all: those, and kinds less likely than KNOWN, take more.
GRADUAL_MIDPOINT = 0.7
GRADUAL_EDGE = 0.25  # recalibrated, of the frames at the edges of a gradual transition
BETWEEN = 0.1  # likewise, of the pictures between two parts of one
DISSOLVE_MIDPOINT, UNKNOWN_MIDPOINT, KNOWN = 0.9, 0.75, 0.6

Floats = NDArray[np.float32]
# First and last row, [start, end), of a gradual transition, its peak, and the features of its kind.
GradualRange = tuple[int, int, float, Floats | None]


@dataclass(frozen=True)
class LearnedSettings:
    """When a probability is a transition; the defaults were chosen on the tuning films.

    Attributes:
        threshold: least recalibrated probability of a cut, and of the likeliest frame of a gradual
            transition.
        apart: least distance of two cuts in frames; above 30 a second, in new pictures.
    """

    threshold: float = 0.5
    apart: int = 2

    def __post_init__(self) -> None:
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold must be a probability in (0, 1); got {self.threshold}")
        if self.apart < 1:
            raise ValueError(f"apart must be at least 1 frame; got {self.apart}")


@lru_cache(maxsize=1)
def _network() -> TemporalNetwork:
    return TemporalNetwork.load(WEIGHTS)


class Learned:
    """Probabilities of cuts and gradual transitions by new picture; stores 29 bytes per frame.

    A gradual transition depends on its peak, so a longer one than `context` reaches further.

    Args:
        settings: when a probability is a transition.
    """

    picture: ClassVar[PictureFormat] = FrameFeatures.picture

    def __init__(self, settings: LearnedSettings) -> None:
        self.settings = settings
        self.context = REACH + CONTEXT + settings.apart
        self.network = _network()
        self.source = PictureRows()
        self.rows: list[Floats] = []
        self.skip = 0  # rows at the front whose probabilities are known already
        self.cut, self.gradual = array("f"), array("f")
        self.ranges: list[GradualRange] = []
        self.closed = 0  # rows, beyond which no gradual transition continues

    def add(self, planes: Sequence[Plane], time_s: float | None = None) -> None:
        self.rows += self.source.add(planes, time_s)
        if len(self.rows) >= self.skip + CHUNK + CONTEXT:
            self._predict(ahead=CONTEXT)
            self._close(is_last=False)

    def finish(self) -> Detection:
        self.close_all()
        cut, gradual = np.array(self.cut, np.float32), np.array(self.gradual, np.float32)
        found, scores = transitions_and_scores(
            cut, gradual, self.ranges, self.source.pictures, self.settings
        )
        return Detection(len(scores), tuple(found), scores, self.settings.threshold)

    def close_all(self) -> None:
        """Find all gradual `ranges`; nothing is added afterwards."""
        self._predict_rest()
        self._close(is_last=True)

    def _predict_rest(self) -> None:
        self.rows += self.source.finish()
        if len(self.rows) > self.skip:
            self._predict(ahead=0)

    def _predict(self, ahead: int) -> None:
        """Probabilities of all rows but the last `ahead`, which depend on later ones."""
        rows = np.stack(self.rows)
        probabilities = self.network(rows)
        probabilities[:, 0] = recalibrated(probabilities[:, 0], cut_midpoints(rows))
        # Where colours alone change, nothing else is shown.
        probabilities[luma_is_still(rows), 0] = 0
        probabilities[only_colours_change(rows), 1] = 0
        end = len(self.rows) - ahead
        self.cut.extend(probabilities[self.skip : end, 0])
        self.gradual.extend(probabilities[self.skip : end, 1])
        # The latest rows are context of the next ones.
        self.skip = min(end, CONTEXT)
        self.rows = self.rows[end - self.skip :]

    def _close(self, is_last: bool) -> None:
        """Tell the kinds of the gradual transitions that have ended, while pictures are kept."""
        sure = recalibrated(np.array(self.gradual[self.closed :], np.float32), GRADUAL_MIDPOINT)
        open_rows = sure >= min(self.settings.threshold, BETWEEN)
        count = len(sure)
        if not is_last and open_rows.any():
            # A transition in the latest rows may continue; its kind needs the pictures after it.
            while count and open_rows[count - 1]:
                count -= 1
        for start, end, peak in gradual_rows(sure[:count], self.settings.threshold):
            low, high = self.closed + start, self.closed + end
            if self.source.kind_pictures.only_colours_change(low, high):
                continue
            first, last = self.source.pictures.frames_of(low, high)
            features = self.source.kind_pictures.features(low, high, last - first)
            self.ranges.append((low, high, peak, features))
        self.closed += count
        self.source.kind_pictures.forget_before(self.closed)


def transitions_and_scores(
    cut: Floats,
    gradual: Floats,
    ranges: Sequence[GradualRange],
    pictures: NewPictures,
    settings: LearnedSettings,
) -> tuple[list[Transition], Floats]:
    """Transitions of frames, and scores (num_frames,), from probabilities of rows (R,).

    A film begins and ends with a shot: what touches an end is a fade from or to nothing.
    """
    rows, frames = len(cut), pictures.num_frames
    scores = np.zeros(frames, np.float32)
    found: list[Transition] = []
    inside = np.zeros(rows + 1, bool)
    for start, end, peak, features in ranges:
        kind, confidence = predicted_kind(features)
        if kind in ("dissolve", "other"):
            peak = float(recalibrated(np.float32(peak), DISSOLVE_MIDPOINT))
        elif confidence < KNOWN:
            peak = float(recalibrated(np.float32(peak), UNKNOWN_MIDPOINT))
        if leads_nowhere(features) or peak < settings.threshold:
            continue
        inside[start : end + 1] = True
        first, last = pictures.frames_of(start, end)
        if settings.apart <= first < last <= frames - settings.apart:
            found.append(Transition(first, last, kind, peak, confidence))
    sure = recalibrated(gradual, GRADUAL_MIDPOINT)
    cut = np.where(np.array(pictures.is_held, bool), 0, cut)
    cut[:1] = 0
    for row in np.flatnonzero(cut).tolist():
        place = pictures.cut_before(row)
        scores[place] = max(scores[place], cut[row])
    for row in peaks(cut, settings.threshold, settings.apart, pictures.shown_for(settings.apart)):
        place = pictures.cut_before(row)
        if not inside[row] and row + 1 < rows:
            found.append(Transition(place, place, "cut", float(cut[row]), 1 - float(sure[row])))
    return sorted(found, key=lambda one: one.start), scores


def recalibrated(probability: Floats | np.float32, midpoint: float | Floats) -> Floats:
    """Probabilities with their log odds shifted so that `midpoint` becomes one half."""
    sure = probability * (1 - midpoint) / (probability + midpoint - 2 * probability * midpoint)
    return np.asarray(np.clip(sure, 0, 1), np.float32)


def gradual_rows(sure: Floats, threshold: float) -> list[tuple[int, int, float]]:
    """Ranges of rows in gradual transitions, each with its peak.

    A range reaches as far as half its peak, so that a low threshold finds more and not wider ones.
    """
    found = []
    for low, high in runs(sure >= min(threshold, GRADUAL_EDGE)):
        edge = min(GRADUAL_EDGE, float(sure[low:high].max()) / 2)
        for start, end in runs(sure[low:high] >= edge):
            peak = float(sure[low + start : low + end].max())
            if peak >= threshold:
                found.append((low + start, low + end, peak))
    return joined(found, sure)


def joined(
    ranges: list[tuple[int, int, float]], sure: NDArray[np.floating]
) -> list[tuple[int, int, float]]:
    """Join ranges of rows where all rows between them may belong to a transition, too."""
    found: list[tuple[int, int, float]] = []
    for start, end, peak in ranges:
        if found:
            before = found[-1]
            if sure[before[1] : start].min() >= BETWEEN:
                found[-1] = (before[0], end, max(before[2], peak))
                continue
        found.append((start, end, peak))
    return found


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges in which a mask is true, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def peaks(
    values: Floats, least: float, apart: int, places: NDArray[np.int64] | None = None
) -> list[int]:
    """Numbers of the largest values, none below `least`, any two with places `apart` or more.

    Places rise; without them a value's place is its number.
    """
    where = np.arange(len(values)) if places is None else places
    chosen: list[int] = []
    taken = np.zeros(len(values), bool)
    candidates = np.flatnonzero(values >= least)
    for t in candidates[np.argsort(-values[candidates], kind="stable")]:
        if not taken[t]:
            near = np.searchsorted(where, [where[t] - apart, where[t] + apart - 1], "right")
            taken[near[0] : near[1]] = True
            chosen.append(int(t))
    return sorted(chosen)
