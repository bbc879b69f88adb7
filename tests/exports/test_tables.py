"""A library as Parquet, read by Hugging Face datasets, as WebDataset shards, and as annotations.

Covers also: shards, annotations, export, folder, cli/export.
"""

import io
import json
import shutil
import wave
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as pq
import pytest

import eruv
from eruv.exports.annotations import export_label_studio
from eruv.exports.folder import ExportFolder
from eruv.exports.shards import export_shards
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.moments.table import VectorTable
from eruv.utils.storage.remote_path import place
from films_for_tests import render_video


@pytest.fixture(scope="module")
def exported(embedded: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    eruv.export(
        embedded[0], folder, parquet=True, webdataset=True, fiftyone=True, label_studio=True
    )
    return folder


@pytest.fixture(scope="module")
def library(embedded: tuple[Path, Path]) -> Library:
    return Library(embedded[0])


def test_datasets_reads_what_the_library_holds(exported: Path, library: Library) -> None:
    import datasets

    def rows(name: str) -> list[dict]:
        cache = str(exported / "cache")
        return datasets.load_dataset(str(exported), name, split="train", cache_dir=cache).to_list()

    videos = library.videos()
    names = {
        one["video_id"]: path[0].name
        for one in videos
        for path in [library.paths()[one["video_id"]]]
    }
    assert {(one["video_id"], one["name"]) for one in rows("videos")} == set(names.items())
    assert rows("segments") == library.segments().to_pylist()
    shots = [(one["video_id"], one["start"], one["end"], one["end_s"]) for one in rows("shots")]
    assert shots == [
        (one["video_id"], *frames, times[1])
        for one in videos
        for frames, times in zip(one["shots"], one["shots_s"], strict=True)
    ]
    moments, table = rows("moments"), VectorTable.of_library(library).table.to_arrow()
    assert len(moments) == table.num_rows > 0
    stored = {(one["video_id"], one["start"]): one["vector"] for one in table.to_pylist()}
    for one in moments:
        assert one["vector"] == stored[one["video_id"], one["start"]]


def test_webdataset_reads_the_frames_of_the_segments(exported: Path, library: Library) -> None:
    import webdataset

    shards = [str(path) for path in sorted(exported.glob("*.tar"))]
    found = list(webdataset.WebDataset(shards, shardshuffle=False))
    segments = library.segments().to_pylist()
    assert len(found) == len(segments) > 0
    reader = library.reader()
    by_place = {(one["video_id"], one["start"]): one for one in segments}
    for sample in found:
        facts = json.loads(sample["json"])
        row = by_place.pop((facts["video_id"], facts["start"]))
        with av.open(io.BytesIO(sample["mp4"])) as film:
            frames = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
        assert len(frames) == row["end"] - row["start"]
        clip = reader.read(row["video_id"], [row["start"], row["end"] - 1])
        height, side = frames[0].shape[0], clip.shape[1]
        top, left = (height - side) // 2, (171 - side) // 2
        for frame, picture in zip((frames[0], frames[-1]), clip, strict=True):
            inner = frame[top : top + side, left : left + side].astype(float)
            gray = picture @ np.array([0.299, 0.587, 0.114])
            assert np.abs(inner - gray).mean() < 3
    assert not by_place


def test_a_shard_ends_when_it_is_full_and_old_ones_go(library: Library, tmp_path: Path) -> None:
    names = dict.fromkeys(library.video_ids(), "film")
    (tmp_path / "segments-000999.tar").write_bytes(b"of somebody else")
    many = export_shards(library, ExportFolder(tmp_path), names, most_bytes=1)
    assert set(many.values()) == {1}
    one = export_shards(library, ExportFolder(tmp_path), names)
    assert list(one.values()) == [sum(many.values())]
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"segments-000000.tar", "segments-000999.tar", "export.json"}


def test_files_of_others_are_in_the_way(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("my own page")
    with pytest.raises(eruv.EruvError, match=r"README\.md exists and was not written by eruv"):
        eruv.export(embedded[0], tmp_path, parquet=True)
    assert (tmp_path / "README.md").read_text() == "my own page"
    (tmp_path / "README.md").unlink()
    for _ in range(2):  # its own it replaces
        eruv.export(embedded[0], tmp_path, parquet=True)


@pytest.mark.parametrize("damage", ["missing", "cut", "zeroed", "audio alone"])
def test_a_damaged_proxy_is_named(embedded: tuple[Path, Path], tmp_path: Path, damage: str) -> None:
    shutil.copytree(embedded[0], tmp_path / "library")
    library = Library(tmp_path / "library")
    proxy = library.proxy_path(library.segments()["video_id"][0].as_py())
    content = proxy.read_bytes()
    if damage == "missing":
        proxy.unlink()
    elif damage == "audio alone":
        with wave.open(str(proxy), "wb") as audio:
            audio.setparams((1, 2, 8000, 0, "NONE", ""))
            audio.writeframes(bytes(8000))
    else:
        half = len(content) // 2
        proxy.write_bytes(content[:half] + bytes(half if damage == "zeroed" else 0))
    with pytest.raises(
        eruv.EruvError, match=rf"{proxy.name} is (gone|damaged \(.*\))\. .*eruv repair"
    ):
        eruv.export(library.folder, tmp_path / "to", webdataset=True)


def test_annotations_have_every_shot_at_its_time(exported: Path, library: Library) -> None:
    labels = json.loads((exported / "labels.json").read_text())
    places = json.loads((exported / "data.json").read_text())
    tasks = json.loads((exported / "tasks.json").read_text())
    assert len(tasks) == len(library.videos())
    assert labels["classes"] == ["shot"]
    for row, task in zip(library.videos(), tasks, strict=True):
        assert Path(places[row["video_id"]]).exists()
        found = labels["labels"][row["video_id"]]
        assert [_half_open(one) for one in found] == row["shots"]
        times = [[one["attributes"]["start_s"], one["attributes"]["end_s"]] for one in found]
        assert times == row["shots_s"]
        ranges = [one["value"]["ranges"][0] for one in task["predictions"][0]["result"]]
        # Frames of a Label Studio timeline count from 1, and both ends are inside.
        assert [[one["start"] - 1, one["end"]] for one in ranges] == row["shots"]


@pytest.mark.parametrize("name", ["segments", "moments"])
def test_fiftyone_has_every_segment_and_the_row_of_every_vector(exported: Path, name: str) -> None:
    labels = json.loads((exported / f"{name}.json").read_text())
    assert labels["classes"] == [name.removesuffix("s")]
    rows = pq.read_table(exported / f"{name}.parquet").to_pylist()
    found = [
        (video_id, *_half_open(one), one["attributes"])
        for video_id, detections in labels["labels"].items()
        for one in detections
    ]
    numbers = {(row["video_id"], row["start"]): number for number, row in enumerate(rows)}
    for video_id, start, end, attributes in found:
        number = numbers.pop((video_id, start))
        row = rows[number]
        assert (row["end"], row["end_s"]) == (end, attributes["end_s"])
        assert attributes.get("row") == (number if name == "moments" else None)
    assert found
    assert not numbers


def _half_open(detection: dict) -> list[int]:
    """The frames, counted from 0, of a detection whose frames count from 1, both ends inside."""
    first, last = detection["support"]
    return [first - 1, last]


def test_frames_of_a_timeline_are_those_of_its_clock(tmp_path: Path) -> None:
    # Label Studio shows frame n at (n - 1) / rate, whatever the times of the frames.
    pts = [*range(60), *range(60, 180, 2)]
    (tmp_path / "films").mkdir()
    render_video(tmp_path / "films" / "two rates.mp4", [(1, 60), (2, 60)], pts=pts)
    ingest([tmp_path / "films"], tmp_path / "library", workers=1)
    eruv.export(tmp_path / "library", tmp_path / "to", label_studio=True)
    (task,) = json.loads((tmp_path / "to" / "tasks.json").read_text())
    rate = task["data"]["frames_per_second"]
    regions = [one["value"]["ranges"] for one in task["predictions"][0]["result"]]
    ((one,), (other,)) = regions
    assert one["start"] == 1
    assert other["start"] == one["end"] + 1
    assert one["end"] / rate == pytest.approx(60 / 25, abs=0.5 / rate)
    assert other["end"] / rate == pytest.approx(180 / 25, abs=1 / rate)


def test_label_studio_finds_objects_by_their_address(library: Library, tmp_path: Path) -> None:
    ids = library.video_ids()[:2]
    paths = {ids[0]: [place("s3://films/a b?.mp4")], ids[1]: [Path("/films/a b?.mp4")]}
    export_label_studio(library, ExportFolder(tmp_path), paths)
    tasks = json.loads((tmp_path / "tasks.json").read_text())
    assert [one["data"]["video"] for one in tasks] == [
        "s3://films/a b?.mp4",
        "/data/local-files/?d=films/a%20b%3F.mp4",
    ]


def test_what_cannot_be_exported_is_said(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    folder, run = embedded
    with pytest.raises(eruv.EruvError, match="a library, whose formats are parquet"):
        eruv.export(folder, tmp_path, onnx=True)
    with pytest.raises(eruv.EruvError, match="an encoder, whose formats are torch, onnx; none"):
        eruv.export(run)
    with pytest.raises(eruv.EruvError, match="neither the folder of a run"):
        eruv.export(tmp_path, torch=True)
    with pytest.raises(eruv.EruvError, match="folder of their own"):
        eruv.export(folder, parquet=True)


def test_segments_of_an_interrupted_ingest_are_not_exported(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "library"
    shutil.copytree(embedded[0], folder)
    library = Library(folder)
    lost = library.video_ids()[0]
    library.tables["videos"].delete(f"video_id = '{lost}'")
    eruv.export(folder, tmp_path / "to", parquet=True)
    for name in ("videos", "shots", "segments", "moments"):
        assert (
            lost not in pq.read_table(tmp_path / "to" / f"{name}.parquet")["video_id"].to_pylist()
        )
