"""The tutorials and the notebook run block after block, on small films and with fewer steps."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from films_for_tests import SmallLibrary, render_video

TUTORIALS = Path(__file__).parent.parent / "docs" / "tutorials"
NOTEBOOK = TUTORIALS.parents[1] / "examples" / "search.ipynb"
RUN = 'eruv.run("videos", to="out")'
BLOCK = re.compile(r"```(sh|python)\n(.*?)```", re.DOTALL)
TINY = "--width 0.05 --size.height 32 --size.width 43 --size.crop 32"
# What makes a command short enough for a test.
SHORTER = {
    "eruv run": f"eruv run --pairs 16 --device cpu {TINY}",
    "--smoke": "--smoke --dry-run",  # `make smoke` does it
    "--steps 300": "--steps 2 --device cpu",
    "eruv ": f"{sys.executable} -m eruv ",
}


def blocks(name: str) -> Iterator[tuple[str, str]]:
    """Language and text of each block that readers type or paste."""
    yield from BLOCK.findall((TUTORIALS / f"{name}.md").read_text())


def follow(name: str, folder: Path) -> list[str]:
    """Run each block in a folder; what each printed on stdout."""
    return [run_block(language, text, folder) for language, text in blocks(name)]


def run_block(language: str, text: str, folder: Path) -> str:
    if language == "sh":
        for long, short in SHORTER.items():
            text = text.replace(long, short)
    words = ["bash", "-ec", text] if language == "sh" else [sys.executable, "-c", text]
    done = subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"MPLBACKEND": "agg"},
    )
    assert done.returncode == 0, f"{text}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def searched(small_library: SmallLibrary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of someone who followed the first tutorial."""
    folder = tmp_path_factory.mktemp("tutorials")
    (folder / "videos").mkdir()
    (folder / "more").mkdir()
    for film in small_library.truth:
        shutil.copy(film.path, folder / "videos")
    (folder / "videos" / "film0.mp4").rename(folder / "videos" / "film.mp4")
    render_video(folder / "more" / "new.mp4", [(90, 80), (91, 80)])
    *_, moments, overview, added = follow("search", folder)
    assert re.findall(r"videos/film\d\.mp4", moments), moments
    assert "film.mp4" not in moments
    assert "clusters" in overview or (folder / "overview.html").exists()
    assert "new" in added
    return folder


@pytest.mark.slow
def test_a_raw_folder_is_searched(searched: Path) -> None:
    found = (searched / "found.csv").read_text().splitlines()
    assert "film.mp4" in found[1]
    assert "<html" in (searched / "found.html").read_text()
    assert (searched / "out" / "report.html").exists()


@pytest.mark.slow
def test_the_notebook_runs(searched: Path) -> None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert texts[0].count(RUN) == 1
    texts[0] = texts[0].replace(RUN, "None")  # the tutorial has done it
    shown = "assert figure.axes[0].images"
    printed = run_block("python", "\n".join([*texts, shown]), searched)
    assert re.match(r"-?\d\.\d\d  .*\d s\n", printed)


@pytest.mark.slow
def test_labelled_clips_become_a_classifier(searched: Path) -> None:
    (cut, *others) = blocks("classifier")
    run_block(*cut, searched)
    clips = sorted((searched / "clips").glob("*.mp4"))
    assert len(clips) >= 10
    for number, clip in enumerate(clips[:10]):
        folder = searched / "labelled" / ("walking", "jumping")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        shutil.move(clip, folder)
    *_, worth, trained, predicted = [run_block(*one, searched) for one in others]
    assert re.match(r"trained: [01]\.\d\d .*\nuntrained: [01]\.\d\d ", worth)
    assert "top-1" in trained
    assert predicted == ""
    videos = json.loads((searched / "shots.json").read_text())["videos"]
    labels = {shot["label"] for video in videos for shot in video["predictions"]}
    assert labels
    assert labels <= {"walking", "jumping"}


def test_a_table_is_planned(tmp_path: Path) -> None:
    smoke, small, own = follow("tables", tmp_path)
    assert "29 runs" in smoke
    assert "29 runs" in small
    assert "C_{S}P_{S}" in own
    assert "C_{S}P_{S}" not in smoke
