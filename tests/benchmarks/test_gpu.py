"""The GPU script where there is none, and what stands in for LanceDB."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
import torch

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.skipif(torch.cuda.is_available(), reason="torch finds a CUDA device")
def test_without_a_device_it_says_so_and_writes_nothing(tmp_path: Path) -> None:
    words = ["--with", tmp_path, "--to", tmp_path / "to", "--docs", tmp_path / "docs"]
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "gpu.py", *words], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "finds no CUDA device" in done.stderr
    assert "--device cpu --smoke" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_stand_in_keeps_rows_of_a_table(tmp_path: Path) -> None:
    path = BENCHMARKS / "stand_ins" / "lancedb.py"
    spec = importlib.util.spec_from_file_location("stand_in", path)
    assert spec is not None
    assert spec.loader is not None
    stand_in = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stand_in)
    database = stand_in.connect(tmp_path)
    assert database.list_tables().tables == []
    schema = pa.schema([("name", pa.string()), ("shots", pa.list_(pa.int64()))])
    table = database.create_table("videos", schema=schema, exist_ok=True)
    table.add(pa.Table.from_pylist([{"name": "a", "shots": [0, 9]}], schema))
    table.add([{"name": "b", "shots": []}])
    again = stand_in.connect(tmp_path)
    assert again.list_tables().tables == ["videos"]
    kept = again.create_table("videos", schema=schema, exist_ok=True)
    assert kept.to_arrow().to_pylist() == [
        {"name": "a", "shots": [0, 9]},
        {"name": "b", "shots": []},
    ]
    assert kept.count_rows() == 2
