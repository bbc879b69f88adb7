"""Clips sent as planes are, once converted, the clips that are read in RGB.

Covers also: spec.
"""

import platform

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.clips.planes import PlaneClips, can_convert, read_plane_clips, rgb_on, to_rgb
from eruv.clips.reader import ClipReader
from eruv.clips.spec import IN_PLACE, ClipSize, ClipSpec
from eruv.library.catalogue import Library
from eruv.media.proxy import ProxySettings
from films_for_tests import SmallLibrary

FRAMES = 30  # every film of the small library has more
# FFmpeg's converters for other processors round otherwise.
MOST_OFF = 0 if platform.machine() == "x86_64" else 3


@pytest.fixture(scope="module")
def library(small_library: SmallLibrary) -> Library:
    return Library(small_library.folder)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[ClipSize, list[ClipSpec]]:
    """Two clips of one length, of any videos and of any look that a task gives them."""
    crop = draw(st.sampled_from([16, 33, 112, 128]))
    frames = st.lists(st.integers(0, FRAMES - 1), min_size=3, max_size=3).map(tuple)
    looks = st.one_of(
        st.tuples(st.integers(0, 3), st.just(IN_PLACE)),
        st.tuples(st.just(0), st.permutations(IN_PLACE).map(tuple)),
    )
    specs = []
    for _ in range(2):
        offset = draw(st.integers(0, 128 - crop)), draw(st.integers(0, 171 - crop))
        specs.append(ClipSpec(draw(st.integers(0, 1)), draw(frames), offset, *draw(looks)))
    return ClipSize(crop=crop), specs


@given(pairs())
@settings(max_examples=60, deadline=None)
def test_planes_become_what_is_read_in_rgb(
    library: Library, pair: tuple[ClipSize, list[ClipSpec]]
) -> None:
    size, specs = pair
    reader = reader_of(library, size)
    wanted = reader.read_all(specs)
    clips = read_plane_clips(reader, specs)
    got = to_rgb(clips).numpy()
    assert got.shape == wanted.shape
    assert got.dtype == np.uint8
    assert np.abs(got.astype(int) - wanted).max() <= MOST_OFF
    # A batch has one dimension more.
    stacked = PlaneClips(*(torch.stack((part, part)) for part in clips))
    np.testing.assert_array_equal(rgb_on(stacked, torch.device("cpu"))[1].numpy(), got)
    reader.close()


def reader_of(library: Library, size: ClipSize) -> ClipReader:
    paths = [library.proxy_path(name) for name in sorted(library.video_ids())]
    return ClipReader(paths, library.settings.proxy, size)


def test_black_white_and_primaries_become_what_the_standard_says() -> None:
    """BT.601 in limited range; the converter rounds down, up to three times for green."""
    yuv = {
        (0, 0, 0): (16, 128, 128),
        (255, 255, 255): (235, 128, 128),
        (255, 0, 0): (81, 90, 240),
        (0, 255, 0): (145, 54, 34),
        (0, 0, 255): (41, 240, 110),
    }
    pixels = torch.zeros((1, 1), dtype=torch.int32)
    for colour, (y, u, v) in yuv.items():
        planes = torch.tensor([[[y, y], [y, y], [u, v]]], dtype=torch.uint8)
        rgb = to_rgb(PlaneClips(planes, pixels)).flatten()
        assert (rgb.int() - torch.tensor(colour)).abs().max() <= 3, colour


def test_planes_are_for_a_gpu_and_pictures_that_need_no_scaling() -> None:
    gpu, processor, proxies = torch.device("cuda"), torch.device("cpu"), ProxySettings()
    assert can_convert(gpu, ClipSize(), proxies)
    assert not can_convert(processor, ClipSize(), proxies)
    assert not can_convert(gpu, ClipSize(64, 86, 56), proxies)
