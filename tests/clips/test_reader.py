"""Clips as pixels: a film that tells its frame numbers shows what every relation really reads."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from eruv.clips.reader import MAX_OPEN_PROXIES, ClipReader, move_tiles
from eruv.clips.spec import ClipSize, ClipSpec
from eruv.detection.detectors import DetectorChoice
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.video_pass import EditingSettings
from eruv.media.proxy import ProxySettings
from eruv.pretext.eruv import RelationTask
from eruv.pretext.relation_settings import RELATIONS, RelationSettings
from eruv.pretext.segment_arrays import SegmentTable
from eruv.pretext.vcop import ClipOrderTask
from eruv.pretext.vcp import ClozeTask
from eruv.utils.errors import EruvError
from films_for_tests import NumberedVideo, frame_number_of, frame_numbers_of_pixels

SIZE = ClipSize()


@pytest.fixture(scope="module")
def numbered_library(
    numbered_video: NumberedVideo, tmp_path_factory: pytest.TempPathFactory
) -> Library:
    folder = tmp_path_factory.mktemp("numbered_library")
    # The numbers are written in colour, which the default detector takes for cuts.
    settings = EditingSettings(detector=DetectorChoice("hog-reference"))
    ingest([numbered_video.path], folder, workers=1, settings=settings)
    return Library(folder)


def reader_of(library: Library, size: ClipSize = SIZE) -> ClipReader:
    paths = [library.proxy_path(video_id) for video_id in sorted(library.video_ids())]
    return ClipReader(paths, library.settings.proxy, size)


@pytest.fixture(scope="module")
def reader(numbered_library: Library) -> ClipReader:
    return reader_of(numbered_library)


def numbers_of(clip: NDArray[np.uint8]) -> list[int]:
    return [frame_number_of(picture) for picture in clip]


def test_the_film_is_cut_where_its_shots_end(
    numbered_library: Library, numbered_video: NumberedVideo
) -> None:
    """Else the rest of this file would test something else."""
    (row,) = numbered_library.videos()
    assert [tuple(shot) for shot in row["shots"]] == numbered_video.shots


@pytest.mark.parametrize("relation", [name for name in RELATIONS if name != "C_D"])
def test_pixels_of_a_relation_are_those_its_spec_names(
    relation: str,
    numbered_library: Library,
    numbered_video: NumberedVideo,
    reader: ClipReader,
) -> None:
    segments = SegmentTable.of_library(numbered_library).segments
    task = RelationTask(segments, SIZE, RelationSettings())
    for seed in range(2):
        generator = np.random.default_rng([seed, 5])
        sample = task.sample(generator, task.classes.index(relation))
        for spec in sample.clips:
            clip = reader.read(spec)
            assert clip.shape == (16, 112, 112, 3)
            assert clip.dtype == np.uint8
            assert numbers_of(clip) == list(spec.frames)
            places = {numbered_video.place_of(picture) for picture in clip}
            assert places == {(spec.quarter_turns, *spec.offset)}


def test_reversed_sped_up_and_repeated_frames_come_in_the_order_asked(reader: ClipReader) -> None:
    for frames in (range(115, 99, -1), range(40, 101, 4), [7] * 16, [300, 3, 619, 3]):
        clip = reader.read(ClipSpec(0, tuple(frames), SIZE.centre))
        assert numbers_of(clip) == list(frames)


def test_a_turn_is_counter_clockwise(reader: ClipReader) -> None:
    plain = reader.read(ClipSpec(0, (50,), (3, 20)))[0]
    once = reader.read(ClipSpec(0, (50,), (3, 20), quarter_turns=1))[0]
    # Counter-clockwise takes the top right corner to the top left one.
    np.testing.assert_array_equal(once[0, 0], plain[0, -1])
    np.testing.assert_array_equal(once, plain.transpose(1, 0, 2)[::-1])
    for turns in range(4):
        turned = reader.read(ClipSpec(0, (50,), (3, 20), quarter_turns=turns))[0]
        np.testing.assert_array_equal(turned, np.rot90(plain, turns))
        assert turned.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize("tiles", [(1, 0, 2, 3), (3, 2, 1, 0), (1, 2, 3, 0), (0, 3, 1, 2)])
def test_each_place_shows_the_tile_that_the_spec_names_in_every_frame(
    reader: ClipReader, numbered_video: NumberedVideo, tiles: tuple[int, ...]
) -> None:
    frames = (50, 51, 300)
    clip = reader.read(ClipSpec(0, frames, (3, 20), tiles=tiles))
    assert clip.shape == (3, 112, 112, 3)
    for picture, frame in zip(clip, frames, strict=True):
        for place, tile in enumerate(tiles):
            top, left = 56 * (place // 2), 56 * (place % 2)
            shown = picture[top : top + 56, left : left + 56]
            assert frame_number_of(shown) == frame
            row, column = divmod(tile, 2)
            assert numbered_video.place_of(shown) == (0, 3 + 56 * row, 20 + 56 * column)


@settings(deadline=None)
@given(
    half=st.integers(1, 5),
    odd=st.integers(0, 1),
    tiles=st.permutations(range(4)),
    frames=st.integers(1, 3),
)
def test_moved_tiles_lose_no_pixel_and_an_odd_middle_stays(
    half: int, odd: int, tiles: list[int], frames: int
) -> None:
    side = 2 * half + odd
    clip = np.arange(frames * side * side * 3, dtype=np.uint8).reshape(frames, side, side, 3)
    moved = clip.copy()
    move_tiles(moved, tiles)

    def source(row: int, column: int) -> tuple[int, int]:
        """Where the pixel that is shown here was, found one pixel at a time."""
        if odd and half in (row, column):
            return row, column
        far = half + odd
        down, right = divmod(tiles[2 * (row >= far) + (column >= far)], 2)
        return row % far + far * down, column % far + far * right

    for row, column in np.ndindex(side, side):
        np.testing.assert_array_equal(
            moved[:, row, column], clip[(slice(None), *source(row, column))]
        )


def test_a_clip_with_moved_tiles_may_lie_among_others(reader: ClipReader) -> None:
    specs = [
        ClipSpec(0, tuple(range(40, 56)), (3, 20)),
        ClipSpec(0, tuple(range(48, 64)), (0, 5), tiles=(3, 0, 1, 2)),
        ClipSpec(0, tuple(range(52, 68)), (9, 9), quarter_turns=3),
    ]
    for clip, spec in zip(reader.read_all(specs), specs, strict=True):
        np.testing.assert_array_equal(clip, reader.read(spec))


@pytest.mark.parametrize(
    ("task", "label"),
    [(ClipOrderTask, label) for label in range(6)] + [(ClozeTask, label) for label in range(5)],
)
def test_pixels_of_three_clips_are_those_their_specs_name(
    task: type[ClipOrderTask] | type[ClozeTask],
    label: int,
    numbered_library: Library,
    numbered_video: NumberedVideo,
    reader: ClipReader,
) -> None:
    segments = SegmentTable.of_library(numbered_library).segments
    segments = segments.select(segments.lengths >= 64)
    sample = task(segments, SIZE).sample(np.random.default_rng(label), label)
    for clip, spec in zip(reader.read_all(sample.clips), sample.clips, strict=True):
        assert numbers_of(clip) == list(spec.frames)
        if spec.tiles == (0, 1, 2, 3):
            places = {numbered_video.place_of(picture) for picture in clip}
            assert places == {(spec.quarter_turns, *spec.offset)}
        else:
            row, column = divmod(spec.tiles[0], 2)
            shown = numbered_video.place_of(clip[5, :56, :56])
            assert shown == (0, spec.offset[0] + 56 * row, spec.offset[1] + 56 * column)


def test_the_repeated_edge_column_never_shows(
    reader: ClipReader, numbered_video: NumberedVideo
) -> None:
    assert reader.settings.stored_width == SIZE.width + 1
    offset = (SIZE.height - SIZE.crop, SIZE.width - SIZE.crop)
    (picture,) = reader.read(ClipSpec(0, (50,), offset))
    assert numbered_video.place_of(picture) == (0, *offset)
    whole = reader_of_whole_pictures(reader)
    (luma,) = whole.read((50,)).astype(float) @ [0.299, 0.587, 0.114]
    assert luma.shape == (128, 171)
    steps = np.abs(np.diff(luma, axis=1)).mean(0)
    assert steps[-1] > 0.3 * steps.mean()  # a repeated column would have next to no step


def reader_of_whole_pictures(reader: ClipReader):
    reader.read(ClipSpec(0, (0,), (0, 0)))
    return reader.open[0]


def test_frames_are_scaled_to_another_size_before_the_crop(
    numbered_library: Library, numbered_video: NumberedVideo
) -> None:
    size = ClipSize(64, 86, 56)
    small = reader_of(numbered_library, size)
    clip = small.read(ClipSpec(0, tuple(range(200, 216)), (4, 15)))
    assert clip.shape == (16, 56, 56, 3)
    assert numbers_of(clip) == list(range(200, 216))
    assert (frame_numbers_of_pixels(clip[3, 4:-4, 4:-4]) == 203).mean() > 0.95
    # The same place at twice the size, averaged, is the same picture.
    large = reader_of(numbered_library).read(ClipSpec(0, (203,), (8, 30)))[0].astype(float)
    halved = large.reshape(56, 2, 56, 2, 3).mean((1, 3))
    assert np.abs(clip[3] - halved).mean() < 3


def test_a_frame_beyond_the_end_is_refused(reader: ClipReader) -> None:
    with pytest.raises(IndexError, match="has no frame 620"):
        reader.read(ClipSpec(0, (619, 620), SIZE.centre))


def test_no_more_than_a_few_proxies_are_open_at_once(reader: ClipReader) -> None:
    many = ClipReader([*reader.proxies] * (MAX_OPEN_PROXIES + 5), reader.settings, SIZE)
    for video in range(len(many.proxies)):
        many.read(ClipSpec(video, (0,), (0, 0)))
        many.read(ClipSpec(1, (0,), (0, 0)))
    assert len(many.open) == MAX_OPEN_PROXIES
    assert 1 in many.open  # what is used stays
    assert 0 not in many.open
    many.close()
    assert not many.open


def test_a_proxy_that_is_gone_is_an_error(tmp_path: Path) -> None:
    gone = ClipReader([tmp_path / "gone.mp4"], ProxySettings(), SIZE)
    with pytest.raises(EruvError, match="gone"):
        gone.read(ClipSpec(0, (0,), (0, 0)))
    assert not gone.open


@pytest.mark.parametrize("kind", ["zeros", "noise"])
def test_a_proxy_that_is_damaged_inside_is_named_with_the_way_out(
    numbered_library: Library, tmp_path: Path, kind: str
) -> None:
    (video_id,) = numbered_library.video_ids()
    content = bytearray(numbered_library.proxy_path(video_id).read_bytes())
    start = content.index(b"mdat") + 4
    size = content.index(b"moov") - 4 - start
    noise = np.random.default_rng(0).bytes(size)
    content[start : start + size] = bytes(size) if kind == "zeros" else noise
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)
    damaged = ClipReader([path], numbered_library.settings.proxy, SIZE)
    for read in (damaged.read_all, damaged.read_planes):
        with pytest.raises(EruvError, match=rf"{path} is damaged .* eruv repair LIBRARY"):
            read([ClipSpec(0, (0, 300), SIZE.centre)])
    damaged.close()


@pytest.mark.parametrize("crop", [15, 129, 0])
def test_a_crop_that_does_not_fit_is_refused(crop: int) -> None:
    with pytest.raises(ValueError, match="crop must be at least 16 and fit into 128x171"):
        ClipSize(crop=crop)


def test_a_spec_without_real_frames_or_turns_is_refused() -> None:
    for frames in ((), (-1, 0)):
        with pytest.raises(ValueError, match="frame numbers of at least 0"):
            ClipSpec(0, frames, (0, 0))
    with pytest.raises(ValueError, match="quarter_turns"):
        ClipSpec(0, (0,), (0, 0), quarter_turns=4)


def test_tiles_are_the_four_and_not_turned_as_well() -> None:
    for tiles in ((0, 1, 2), (0, 1, 2, 2), (1, 2, 3, 4), ()):
        with pytest.raises(ValueError, match=r"tiles must be 0, 1, 2 and 3 in any order; got"):
            ClipSpec(0, (0,), (0, 0), tiles=tiles)
    with pytest.raises(ValueError, match="turned or have its tiles moved, not both"):
        ClipSpec(0, (0,), (0, 0), quarter_turns=1, tiles=(1, 0, 2, 3))
    assert ClipSpec(0, (0,), (0, 0)).tiles == (0, 1, 2, 3)


def test_the_middle_crop_is_in_the_middle() -> None:
    assert ClipSize().centre == (8, 29)
    assert ClipSize(64, 86, 56).centre == (4, 15)
