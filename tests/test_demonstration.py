"""The demo on a few films with a tiny network: every key that scripts rely on, and going on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import eruv
from eruv.reports.results import DEMO_RETRIEVAL
from eruv.training.pretrain_config import ValidationSettings
from training_for_tests import tiny

KEYS = {
    "relation_accuracy",
    "chance",
    "relations",
    "pairs_per_relation",
    "retrieval_top1",
    "retrieval_top1_untrained",
    "retrieval_top1_colour",
    "retrieval_top1_still",
    "retrieval_chance",
    "pairs_seen",
    "seconds",
    "report",
}

TINY = tiny(
    batch_size=4,
    pairs=16,
    loader_workers=1,
    validation=ValidationSettings(pairs_per_relation=2, batch_norm_batches=1),
)


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def result(demo_folder: Path) -> dict:
    return eruv.demo(demo_folder, config=TINY, films=(3, 2), seed=1).to_dict()


def test_result_has_every_figure_that_scripts_rely_on(result: dict) -> None:
    assert result.keys() >= KEYS
    assert result["chance"] == pytest.approx(1 / 7)
    assert result["pairs_seen"] == 16
    assert 0 < result["retrieval_chance"] < 1
    assert Path(result["report"]).stat().st_size > 10_000
    json.dumps(result)


def test_held_out_films_are_never_trained_on(result: dict, demo_folder: Path) -> None:
    run = Path(result["run"])
    library = demo_folder / "library"
    from eruv.library.catalogue import Library
    from eruv.pretext.segment_arrays import SegmentTable

    names = {i: paths[0].name for i, paths in Library(library).paths().items()}
    train = SegmentTable.load(run / "data/train").video_ids
    held_out = SegmentTable.load(run / "data/held_out").video_ids
    assert {names[i].split("_")[0] for i in train} == {"train"}
    assert {names[i].rsplit("_", 1)[0] for i in held_out} == {"held_out"}


def test_second_call_does_nothing_twice(result: dict, demo_folder: Path) -> None:
    run = Path(result["run"])
    files = [
        run / "model.safetensors",
        run / "done.json",
        run / DEMO_RETRIEVAL,
        run / "relations.json",
    ]
    before = [path.stat().st_mtime_ns for path in files]
    again = eruv.demo(demo_folder, config=TINY, films=(3, 2), seed=1).to_dict()
    assert [path.stat().st_mtime_ns for path in files] == before
    for name in KEYS - {"seconds"}:
        assert again[name] == result[name]


def test_importing_eruv_is_cheap() -> None:
    code = "import sys, eruv; eruv.ingest; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
