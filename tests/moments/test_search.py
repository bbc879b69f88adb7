"""Search: a moment finds itself, filters hold, and what touches is one moment.

Covers also: merging, query, filters, outside, media/seeking.
"""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import eruv
from eruv.library.catalogue import Library
from eruv.media import seeking
from eruv.media.video import SourceFrame, VideoSource
from eruv.moments.filters import Filters
from eruv.moments.merging import Moment, grown
from eruv.moments.outside import read_part
from eruv.moments.query import Stretch
from eruv.moments.searcher import Searcher
from eruv.moments.table import VectorTable
from eruv.utils.errors import EruvError
from eruv.utils.html import jpeg
from films_for_tests import render_video


def moment(start_s: float, end_s: float, similarity: float = 0.5, **more: Any) -> Moment:
    values: dict[str, Any] = {
        "path": "a.mp4",
        "video_id": "a",
        "shot": 0,
        "start": round(25 * start_s),
        "end": round(25 * end_s),
        "start_s": start_s,
        "end_s": end_s,
        "similarity": similarity,
        "same_footage": False,
        "best_s": start_s,
    }
    return Moment(**values | more)


def source(library: Path, video_id: str) -> Path:
    return Library(library).paths()[video_id][0]


def recoded(path: Path, to: Path, first: int, last: int) -> Path:
    """Frames [first, last) at one and a half times the size, at half quality."""
    with av.open(str(path)) as reading, av.open(str(to), "w") as writing:
        stream = writing.add_stream("libx264", rate=25, options={"crf": "26"})
        stream.width, stream.height, stream.pix_fmt = 144, 108, "yuv420p"
        for number, frame in enumerate(reading.decode(video=0)):
            if first <= number < last:
                larger = frame.reformat(144, 108, "yuv420p").to_ndarray()
                new = av.VideoFrame.from_ndarray(larger, "yuv420p")
                new.pts = number - first
                writing.mux(stream.encode(new))
        writing.mux(stream.encode(None))
    return to


@pytest.mark.parametrize("number", range(3))
def test_a_stretch_cut_out_and_encoded_anew_finds_its_own_place_first(
    embedded: tuple[Path, Path], tmp_path: Path, number: int
) -> None:
    library, _ = embedded
    segment = Library(library).segments().to_pylist()[2 * number]
    first = segment["start"] + 7
    path = source(library, segment["video_id"])
    query = recoded(path, tmp_path / "query.mp4", first, first + 30)
    found = eruv.search(library, str(query), k=3, device="cpu")
    best = found.moments[0]
    assert best.same_footage
    assert best.video_id == segment["video_id"]
    assert best.shot == segment["shot"]
    middle = segment["start_s"] + (7 + 15) / 25
    assert best.start_s - 1 <= middle <= best.end_s + 1


def test_a_file_of_the_library_is_known_by_its_path_and_by_its_id(
    embedded: tuple[Path, Path],
) -> None:
    library, _ = embedded
    video_id = Library(library).video_ids()[0]
    path = source(library, video_id)
    by_path = eruv.search(library, f"{path}@0.2-1.4", device="cpu")
    by_id = eruv.search(library, f"{video_id}@0.2-1.4", device="cpu")
    assert by_path.moments == by_id.moments
    assert by_path.moments[0].video_id == video_id
    others = eruv.search(library, f"{path}@0.2-1.4", other_videos=True, device="cpu")
    assert others.moments
    assert all(one.video_id != video_id for one in others.moments)


def test_filters_of_path_and_time_hold(embedded: tuple[Path, Path]) -> None:
    library, _ = embedded
    video_id = Library(library).video_ids()[1]
    path = source(library, video_id)
    found = eruv.search(
        library, f"{path}@0-1", paths=f"*{path.name}", from_s=0.5, to_s=2.0, device="cpu"
    )
    assert found.moments
    for one in found.moments:
        assert one.path == str(path)
        assert 0.5 <= one.start_s < one.end_s <= 2.0
    with pytest.raises(EruvError, match=r"no video of the library has a path that matches nothing"):
        eruv.search(library, f"{path}@0-1", paths="nothing", device="cpu")


def test_lengths_and_the_querys_own_shots_are_left_out(embedded: tuple[Path, Path]) -> None:
    library, _ = embedded
    video_id = Library(library).video_ids()[4]
    every = eruv.search(library, f"{video_id}@0.2-1.2", k=100, duplicates=True).moments
    lengths = sorted({round(one.end_s - one.start_s, 3) for one in every})
    least, most = lengths[0] + 0.01, lengths[-1] + 0.01
    some = eruv.search(
        library, f"{video_id}@0.2-1.2", k=100, min_s=least, max_s=most, duplicates=True
    ).moments
    assert some == [one for one in every if least <= one.end_s - one.start_s <= most]
    assert len(some) < len(every)
    others = eruv.search(library, f"{video_id}@0.2-1.2", other_shots=True, k=100).moments
    assert others
    assert all((one.video_id, one.shot) != (video_id, 0) for one in others)
    assert any(one.video_id == video_id for one in others)


def test_an_id_or_pattern_cannot_break_out_of_the_condition() -> None:
    condition = Filters(paths="*", from_s=1).condition("", (), {"ab12": [Path("x'; DROP")]})
    assert condition.sql() == "video_id IN ('ab12') AND start_s >= 1.0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.mp4", Stretch("a.mp4")),
        ("a.mp4@12.5-15", Stretch("a.mp4", 12.5, 15.0)),
        ("a.mp4@1:02", Stretch("a.mp4", 62.0, 64.0)),
        ("dir@2/b.mp4@1:00:00-1:00:01.5", Stretch("dir@2/b.mp4", 3600.0, 3601.5)),
        ("me@home.mp4", Stretch("me@home.mp4")),
    ],
)
def test_a_query_is_a_file_with_seconds(text: str, expected: Stretch) -> None:
    assert Stretch.parse(text) == expected


def test_a_file_whose_name_looks_like_a_query_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a@5").touch()
    assert Stretch.parse("a@5") == Stretch("a@5")


def test_wrong_queries_are_told(embedded: tuple[Path, Path]) -> None:
    library, _ = embedded
    path = source(library, Library(library).video_ids()[0])
    with pytest.raises(EruvError, match="a stretch must begin before it ends"):
        eruv.search(library, f"{path}@3-2")
    with pytest.raises(EruvError, match="is neither a file nor the id"):
        eruv.search(library, "nowhere.mp4@1-2")
    for wrong in ({"min_s": 3, "max_s": 2}, {"min_s": -1}, {"max_s": float("nan")}):
        with pytest.raises(EruvError, match="`min_s` must be at least 0 and at most `max_s`"):
            eruv.search(library, str(path), **wrong)
    with pytest.raises(EruvError, match=r"ends at .* s; got a stretch from 900 s on"):
        eruv.search(library, f"{path}@900-901")
    for wrong in ({"from_s": float("nan")}, {"to_s": float("inf")}, {"from_s": 3, "to_s": 2}):
        with pytest.raises(EruvError, match="`from_s` must be before `to_s`"):
            eruv.search(library, str(path), **wrong)
    with pytest.raises(EruvError, match="is neither a file nor the id"):
        eruv.search(library, str(path.parent))
    with pytest.raises(EruvError, match="`k` must be at least 1; got 0"):
        eruv.search(library, str(path), k=0)


def test_windows_that_touch_and_are_hardly_less_similar_are_one_moment() -> None:
    windows = [moment(0, 1, 0.5), moment(1.5, 2.5, 0.85), moment(3, 4, 0.87), moment(4, 5, 0.9)]
    best = windows[-1]
    for gap_s, margin, start_s in (
        (0.5, 0.1, 1.5),  # the first is less similar
        (0.5, 0.5, 0.0),
        (0.5, 0.04, 3.0),
        (0.4, 0.5, 3.0),  # half a second lies between
        (0.5, 0.01, 4.0),
    ):
        found = grown(best, windows, [], gap_s, margin)
        assert (found.start_s, found.end_s, found.best_s) == (start_s, 5, 4)
        assert (found.start, found.end) == (round(25 * start_s), 125)
    other = moment(3, 4, 0.9, same_footage=True)
    assert grown(best, [other, best], [], 0.5, 0.5).start_s == 4
    assert grown(best, windows, [moment(0, 1)], 0.5, 0.5).start_s == 3  # the second touches it


def test_more_moments_begin_with_the_same_ones(embedded: tuple[Path, Path]) -> None:
    library, _ = embedded
    path = source(library, Library(library).video_ids()[2])
    found = [eruv.search(library, f"{path}@0.4-1", k=k, device="cpu").moments for k in (1, 3, 50)]
    counts = [len(moments) for moments in found]
    assert counts[:2] == [1, 3]
    assert counts[2] > 3
    for few, more in itertools.pairwise(found):
        assert [replace(one, duplicates=()) for one in few] == [
            replace(one, duplicates=()) for one in more[: len(few)]
        ]


def test_a_file_that_was_replaced_is_not_found_any_more(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    library, run = tmp_path / "library", embedded[1]
    path = render_video(tmp_path / "a.mp4", [(50, 60), (51, 60)])
    eruv.ingest([path], library, workers=1)
    eruv.embed(library, run=run, device="cpu")
    render_video(path, [(60, 60), (61, 60)])
    eruv.ingest([path], library, workers=1)
    found = eruv.search(library, f"{path}@0-1", device="cpu")  # the old vectors have no name
    assert found.moments == []
    again = eruv.embed(library, run=run, device="cpu")
    assert (again.videos, again.new_videos, again.removed_videos) == (1, 1, 1)
    assert eruv.search(library, f"{path}@0-1", device="cpu").moments[0].same_footage


def test_an_encoder_that_was_moved_is_named_and_not_needed_for_the_librarys_own_moments(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(embedded[0], tmp_path / "library")
    library = tmp_path / "library"
    outside = render_video(tmp_path / "a.mp4", [(50, 60)])
    with pytest.raises(EruvError, match="where nothing is now"):
        eruv.search(library, str(outside))
    assert eruv.search(library, f"{Library(library).video_ids()[0]}@0-1").moments
    shutil.copytree(embedded[1], tmp_path / "moved")
    assert eruv.search(library, str(outside), run=tmp_path / "moved", device="cpu").moments


def test_only_the_part_that_is_asked_of_an_outside_file_is_decoded(
    embedded: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = render_video(tmp_path / "long.mp4", [(seed, 100) for seed in range(50, 62)])
    decoded: list[float] = []
    read = VideoSource.frames

    def counted(source: VideoSource) -> Iterator[SourceFrame]:
        for frame in read(source):
            decoded.append(frame.time_s)
            yield frame

    monkeypatch.setattr(VideoSource, "frames", counted)
    searcher = Searcher(embedded[0], device="cpu")
    part = searcher.query(f"{path}@40-42")
    assert min(decoded) > 36
    assert max(decoded) < 43
    decoded.clear()
    monkeypatch.setattr(seeking, "INDEXED", ())
    same = searcher.query(f"{path}@40-42")
    assert min(decoded) == 0
    np.testing.assert_allclose(part.looks, same.looks, atol=1e-3)
    assert len(part.looks) == 3


@pytest.mark.parametrize("part", ["47.9-48", "0-0.1", "20-20.2"])
def test_a_part_shorter_than_a_window_is_the_window_around_it(
    embedded: tuple[Path, Path], tmp_path: Path, part: str
) -> None:
    path = tmp_path / "short.mp4"
    render_video(path, [(70, 600), (71, 600)])
    start, end = map(float, part.split("-"))
    with read_part(path, start, end, Library(embedded[0]).settings.proxy) as found:
        ((first, last),) = found.spans(0.5, 16)
        assert last - first == 16
        assert found.times_s[first] - 1e-6 <= start <= end <= found.times_s[last - 1] + 0.04 + 1e-6


def test_a_picture_is_a_query(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    library = Library(embedded[0])
    segment = library.segments().to_pylist()[3]
    path = source(embedded[0], segment["video_id"])
    with VideoSource(path) as film:
        frame = next(islice(film.frames(), segment["start"] + 8, None)).picture
    (tmp_path / "picture.jpg").write_bytes(jpeg(frame.to_ndarray(format="rgb24"), 2))
    best = eruv.search(embedded[0], str(tmp_path / "picture.jpg"), device="cpu").moments[0]
    assert best.same_footage
    assert (best.video_id, best.shot) == (segment["video_id"], segment["shot"])


def test_a_library_whose_vectors_are_gone_gives_no_moment(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    library = tmp_path / "library"
    shutil.copytree(embedded[0], library)
    names = Library(library).video_ids()
    VectorTable.of_library(Library(library)).remove(names)
    film = source(library, names[0])
    assert eruv.search(library, f"{film}@1-2", run=embedded[1], device="cpu").moments == []
    with pytest.raises(EruvError, match=r"has no vectors\. Make them with: eruv embed"):
        eruv.explore(library)
