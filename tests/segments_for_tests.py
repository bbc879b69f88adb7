"""Segments for tests of pretext tasks, and whether draws among them are uniform."""

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.stats import chisquare

from eruv.clips.spec import ClipSpec
from eruv.pretext.segment_arrays import Segments

# Videos of shots of segments, by the number of frames.
Films = list[list[list[int]]]


def films_of(shortest: int, longest: int) -> st.SearchStrategy[Films]:
    """Films whose segments have so many frames."""
    shots = st.lists(st.integers(shortest, longest), min_size=1, max_size=3)
    return st.lists(st.lists(shots, min_size=1, max_size=3), min_size=1, max_size=4)


FILMS = films_of(16, 130)
# What three clips with their gaps fit into; from 96 on another clip may lie beside them.
LONG_FILMS = films_of(64, 140)
SEEDS = st.integers(0, 2**32 - 1)


def segments_of(films: Films) -> Segments:
    """Segments one after another, shots ten frames apart."""
    rows = []
    for video, shots in enumerate(films):
        position = 0
        for shot, lengths in enumerate(shots):
            for length in lengths:
                rows.append((video, shot, position, position + length))
                position += length
            position += 10
    return Segments.group(*np.array(rows, np.int64).T)


def segment_of(segments: Segments, clip: ClipSpec) -> int:
    """The number of the segment that holds all frames of a clip."""
    (found,) = np.flatnonzero(
        (segments.video == clip.video)
        & (segments.start <= min(clip.frames))
        & (segments.end > max(clip.frames))
    )
    return int(found)


def check_uniform(found: list[Any], among: list[Any]) -> None:
    """Chi-square; with fixed seeds this does not fail by chance."""
    counts = Counter(found)
    assert set(counts) <= set(among)
    assert len(among) == 1 or chisquare([counts[one] for one in among]).pvalue > 1e-3, counts
