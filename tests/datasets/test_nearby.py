"""A data set that was ingested for one command is not ingested again for the next one."""

from pathlib import Path

import pytest

from eruv.datasets.labelled_library import label_library, open_labelled
from eruv.datasets.nearby import library_for
from eruv.datasets.opening import open_dataset
from films_for_tests import render_video


def test_videos_that_lie_in_a_library_nearby_are_not_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    for number, name in enumerate(("walk", "walk", "run", "run")):
        (data / name).mkdir(parents=True, exist_ok=True)
        render_video(data / name / f"{number}.mp4", [(number, 20)])
    first = tmp_path / "runs" / "model" / "library"
    label_library(open_dataset(data), first)
    second = tmp_path / "runs" / "encoder" / "retrieval" / "library"
    near = [tmp_path / "runs" / "encoder"]
    assert open_labelled(data, None, default=second, near=near).library.folder == first
    assert "already" in capsys.readouterr().err
    assert not second.exists()
    assert open_labelled(data, second).library.folder == second  # where one is named
    versions = first / "catalogue" / "segments.lance" / "_versions"
    kept = {file: file.read_bytes() for file in versions.iterdir()}
    for file, content in kept.items():
        file.write_bytes(b"\7" * len(content))  # a damaged library holds nothing
    assert library_for(open_dataset(data), tmp_path / "none", near) == second
    for file, content in kept.items():
        file.write_bytes(content)
    render_video(data / "run" / "5.mp4", [(9, 20)])
    third = tmp_path / "runs" / "other" / "library"
    assert open_labelled(data, None, default=third, near=near).library.folder == third
