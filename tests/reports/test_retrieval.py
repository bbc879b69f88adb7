"""`eruv retrieve` from end to end: figures, page, kept features, and what stands beside ours.

Covers also: gallery, retrieval_page.
"""

import json
import re
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import eruv
from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation import features
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.models.encoder import Encoder
from eruv.published.retrieval import PUBLISHED, published_for
from eruv.reports.retrieval import folder_name, retrieve
from eruv.reports.retrieval_page import recall_rows
from eruv.utils.errors import EruvError, Interrupted

HOSTILE = "<b>wave</b>".replace("/", "\u2215")
SIZE = ClipSize(32, 43, 32)


@pytest.fixture(scope="module")
def videos(
    tmp_path_factory: pytest.TempPathFactory, render_video: Callable[..., Path]
) -> LabelledVideos:
    """24 stretches of four films, the class of which is their film or its neighbour."""
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "films").mkdir()
    for number in range(4):
        name = f"film{number}{HOSTILE if number == 0 else ''}.mp4"
        render_video(folder / "films" / name, [(number, 120)])
    ingest([folder / "films"], folder / "library", workers=1)
    library = Library(folder / "library")
    paths = library.paths()
    ids = sorted(library.video_ids(), key=lambda video_id: paths[video_id][0])
    classes = (HOSTILE, "run", "bow")
    stretches = [
        LabelledVideo(video, 0 if part == 0 else 3 * part, 120 - part, classes[video * part % 3])
        for part in range(12)
        for video in range(4)
    ]
    return LabelledVideos(
        "Films <1>", library, tuple(ids), classes, tuple(stretches[:24]), tuple(stretches[24:])
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "my run"
    torch.manual_seed(0)
    Encoder("r3d", 0.02, SIZE.height, SIZE.width, SIZE.crop).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def result(videos: LabelledVideos, run: Path) -> dict[str, Any]:
    return retrieve(videos, run, device="cpu").to_dict()


@pytest.fixture(scope="module")
def page(result: dict[str, Any]) -> str:
    return Path(result["page"]).read_text(encoding="utf-8")


def test_what_is_returned_is_what_is_written(result: dict[str, Any], run: Path) -> None:
    folder = run / "retrieval" / "films-1"
    assert result["record"] == str(folder / "retrieval.json")
    written = json.loads((folder / "retrieval.json").read_text())
    assert written == {name: result[name] for name in written}
    assert list(written["recall"]) == list(written["chance"]) == ["1", "5", "10", "20", "50"]
    assert written["queries"] == written["gallery"] == 24
    assert written["recall"]["50"] == 1.0
    assert written["published"] is None
    assert eruv.retrieve is retrieve


def test_the_page_loads_nothing_and_escapes_names(page: str) -> None:
    assert not re.findall(r"https?://", page)
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert "url(" not in page
    assert "<script" not in page
    assert "<b>wave" not in page
    assert "&lt;b&gt;wave" in page
    assert "Films &lt;1&gt;" in page
    assert len(page.encode()) < 3_000_000


def test_every_shown_query_has_its_strip_and_five_neighbours_marked_in_words_too(
    page: str, videos: LabelledVideos, result: dict[str, Any]
) -> None:
    groups = re.findall(r'<section id="group-\d">(.*?)</section>', page, re.DOTALL)
    assert len(groups) == 3
    for query in re.findall(r'<article class="query">(.*?)</article>', page, re.DOTALL):
        label = re.search(r"<h3>(.*?) <span", query).group(1)
        figures = re.findall(r'<figure class="hit (\w+)">(.*?)</figure>', query, re.DOTALL)
        assert [kind for kind, _ in figures].count("query") == 1
        assert len(figures) == 6
        for rank, (kind, figure) in enumerate(figures):
            assert figure.count("<img ") == 4
            shown = re.search(r"<b>(.*?)</b>", figure).group(1)
            if kind == "query":
                assert shown == label
            else:
                assert (kind == "right") == (shown == label)
                assert f"{rank} {'✓ right' if shown == label else '✗ wrong'}" in figure
        right = sum(kind == "right" for kind, _ in figures)
        assert (f"{right} of 5 right" in query) == (right > 0)


def test_figures_on_the_page_are_those_of_the_record(page: str, result: dict[str, Any]) -> None:
    part = page.split('id="result"')[1].split("</section>")[0]
    for kind in ("recall", "chance"):
        for share in result[kind].values():
            assert f"{100 * share:.1f} %" in part
    assert "Published" not in part
    for label, share in result["class_recall"].items():
        if "<" not in label:
            after = page.split('id="classes"')[1].split(label)[1]
            assert f"{100 * share:.1f} %" in after[:600]


def test_a_second_call_reads_the_features_and_gives_the_same_page(
    videos: LabelledVideos,
    run: Path,
    result: dict[str, Any],
    page: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(features, "clips_of", None)
    assert retrieve(videos, run, device="cpu").to_dict() == result
    assert Path(result["page"]).read_text(encoding="utf-8") == page


def test_other_weights_are_described_anew(
    videos: LabelledVideos, run: Path, result: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(run, tmp_path / "other")
    torch.manual_seed(1)
    Encoder("r3d", 0.02, SIZE.height, SIZE.width, SIZE.crop).save_pretrained(tmp_path / "other")
    path = Path("retrieval") / "films-1" / "features" / "test-video.npy"
    retrieve(videos, tmp_path / "other", device="cpu")
    assert not np.allclose(np.load(run / path), np.load(tmp_path / "other" / path))


def test_clips_have_a_folder_and_a_page_of_their_own(
    videos: LabelledVideos, run: Path, tmp_path: Path
) -> None:
    few = replace(videos, train=videos.train[:6], test=videos.test[:2])
    found = retrieve(few, run, tmp_path / "clips", level="clip", device="cpu")
    assert (found.queries, found.gallery) == (20, 60)
    page = found.page.read_text(encoding="utf-8")
    assert "clip 7 of 10" in page
    assert "Each clip of a test video is a query" in page
    assert "10 clips of 16 frames" in page
    assert folder_name("UCF101, split 1", "clip") == "ucf101-split-1-clips"
    assert folder_name("видео", "video") == "data"


def test_ctrl_c_is_taken_up_again_where_it_struck(
    videos: LabelledVideos, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    original = features.clips_of

    def strike(stretch: LabelledVideo, size: ClipSize, *count: int) -> Any:
        read.append(stretch.start)
        if len(read) == 10:
            signal.raise_signal(signal.SIGINT)
        return original(stretch, size, *count)

    monkeypatch.setattr(features, "clips_of", strike)
    with pytest.raises(Interrupted, match=r"train-video\.npy has 10 of 24 rows\. Run the same"):
        retrieve(videos, run, tmp_path, device="cpu")
    found = retrieve(videos, run, tmp_path, device="cpu")
    assert len(read) == 48
    assert found.recall == retrieve(videos, run, device="cpu").recall


def test_a_crop_that_leaves_nothing_to_pool_is_refused(
    videos: LabelledVideos, tmp_path: Path
) -> None:
    Encoder("r3d", 0.02, 32, 43, 24).save_pretrained(tmp_path)
    with pytest.raises(EruvError, match=r"sees crops of 24 pixels.*at least 32: train one with"):
        retrieve(videos, tmp_path, device="cpu")


def test_wrong_values_are_named(videos: LabelledVideos, run: Path, tmp_path: Path) -> None:
    with pytest.raises(EruvError, match="level must be one of video, clip; got frame"):
        retrieve(videos, run, level="frame")
    with pytest.raises(EruvError, match="seed must be at least 0; got -1"):
        retrieve(videos, run, seed=-1)
    with pytest.raises(EruvError, match="holds no encoder"):
        retrieve(videos, tmp_path)


def test_a_video_whose_proxy_breaks_after_the_features_has_no_pictures(
    videos: LabelledVideos, run: Path, result: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(videos.library.folder, tmp_path / "library")
    library = Library(tmp_path / "library")
    library.proxy_path(videos.video_ids[1]).write_bytes(b"broken")
    shutil.copytree(run / "retrieval" / "films-1", tmp_path / "out")
    retrieve(replace(videos, library=library), run, tmp_path / "out", device="cpu")
    page = (tmp_path / "out" / "retrieval.html").read_text(encoding="utf-8")
    assert page.count("no pictures: its proxy cannot be read") > 3


@pytest.mark.parametrize(
    ("classes", "train", "test", "table"),
    [
        (101, 9537, 3783, "Table V"),
        (101, 9586, 3734, "Table V"),
        (101, 9500, 3780, "Table V"),
        (51, 3570, 1530, "Table VI"),
        (101, 9000, 3783, None),
        (101, 3783, 9537, None),
        (3, 9537, 3783, None),
        (51, 9537, 3783, None),
    ],
)
def test_published_figures_stand_beside_ours_on_the_same_data_set_only(
    classes: int, train: int, test: int, table: str | None
) -> None:
    found = published_for(classes, train, test)
    assert (found.table if found else None) == table


def test_published_figures_are_those_of_the_paper() -> None:
    ucf101, hmdb51 = PUBLISHED
    assert len(ucf101.rows) == 15
    assert len(hmdb51.rows) == 12
    assert ucf101.rows["C3D (ERUV)"] == (25.2, 40.5, 48.3, 57.6, 70.4)
    assert hmdb51.rows["R(2+1)D (ERUV)"] == (9.3, 26.4, 38.5, 51.8, 73.9)
    for one in PUBLISHED:
        assert all(list(row) == sorted(row) and len(row) == 5 for row in one.rows.values())
    # Of each column, added up from the text of the printed tables.
    assert [round(sum(column), 1) for column in zip(*ucf101.rows.values(), strict=True)] == [
        264.2, 455.3, 572.8, 711.9, 919.6,
    ]  # fmt: skip
    assert [round(sum(column), 1) for column in zip(*hmdb51.rows.values(), strict=True)] == [
        87.9, 264.1, 398.4, 580.2, 850.0,
    ]  # fmt: skip


def test_later_works_that_print_one_figure_leave_the_others_open() -> None:
    from dataclasses import asdict

    shares = {str(k): 0.5 for k in (1, 5, 10, 20, 50)}
    record = {"title": "x", "recall": shares, "chance": shares, "published": asdict(PUBLISHED[0])}
    rows = recall_rows(record)
    assert [row.kind for row in rows[:3]] == ["ours", "chance", "published"]
    (later,) = (row for row in rows if row.title == "CoCLR")
    assert later.recalls == [0.518, None, None, None, None]
    assert later.kind == "later"
