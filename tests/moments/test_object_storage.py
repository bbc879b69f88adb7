"""The two commands on object storage: the same catalogue, proxies and features as on a disk."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eruv
from eruv.library.catalogue import Library
from eruv.moments.table import VectorTable
from films_for_tests import SmallLibrary
from storage_for_tests import Faults, Storage


def command(*words: str | Path) -> dict[str, Any]:
    """What a command prints, run as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "eruv", *map(str, words), "--json"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def everything(folder: str | Path) -> dict[str, Any]:
    """All that a library knows of its videos, with its proxies and vectors."""
    library = Library(folder)
    vectors = VectorTable.of_library(library).table.to_arrow().to_pylist()
    return {
        "videos": sorted(library.videos(), key=lambda row: row["video_id"]),
        "proxy rows": sorted(
            library.tables["proxies"].to_arrow().to_pylist(), key=lambda row: row["video_id"]
        ),
        "segments": _in_order(library.segments().to_pylist()),
        "vectors": _in_order(vectors),
        "proxies": {one: library.proxy_path(one).read_bytes() for one in library.video_ids()},
    }


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["video_id"], row["start"]))


def test_the_same_two_commands_with_a_twentieth_of_requests_failing(
    storage: Storage, small_library: SmallLibrary, embedded: tuple[Path, Path]
) -> None:
    folder, run = embedded
    files = {f"films/{video.path.name}": video.path for video in small_library.truth}
    home = storage.bucket("both", files)
    storage.faults = Faults(0.05, seed=3)
    first = command("ingest", f"{home}/films", "--to", f"{home}/library", "--workers", "2")
    command("embed", f"{home}/library", "--run", run, "--every-s", "0.4", "--device", "cpu")
    failed = sum(count for kind, count in storage.faults.seen.items() if kind)
    assert failed >= 10, storage.faults.seen
    assert (first["videos"], first["new_videos"], first["quarantined"]) == (5, 5, [])
    assert eruv.ingest(f"{home}/films", f"{home}/library", workers=2).new_videos == 0

    storage.faults = Faults()
    remote, local = everything(f"{home}/library"), everything(folder)
    for name in local:
        assert remote[name] == local[name], name
    assert not [key for key in storage.keys(home) if key.endswith(".lock")]


@pytest.fixture
def library(storage: Storage, embedded: tuple[Path, Path]) -> str:
    """The address of a library with vectors, made of local files."""
    home = f"{storage.bucket('made')}/library"
    films = [paths[0] for paths in Library(embedded[0]).paths().values()]
    eruv.ingest(films, home, workers=2)
    eruv.embed(home, run=embedded[1], every_s=0.4, device="cpu")
    return home


def test_search_finds_the_same_moments(
    storage: Storage, library: str, embedded: tuple[Path, Path]
) -> None:
    folder, run = embedded
    storage.faults = Faults(0.03, kinds=("429", "500", "503", "refused", "slow"))
    film = min(paths[0] for paths in Library(folder).paths().values())
    found = [
        eruv.search(place, f"{film}@0.5-1.5", run=run, device="cpu").to_dict()["moments"]
        for place in (folder, library)
    ]
    assert [one["path"] for one in found[0]] == [one["path"] for one in found[1]]
    np.testing.assert_allclose(
        [one["similarity"] for one in found[0]], [one["similarity"] for one in found[1]], atol=1e-5
    )


@pytest.mark.slow
def test_a_training_reads_proxies_from_there(
    storage: Storage, library: str, tmp_path: Path, embedded: tuple[Path, Path]
) -> None:
    from training_for_tests import tiny, train

    local = train(Path(embedded[0]), tmp_path / "local", tiny(pairs=4)).folder
    remote = train(Path(library), tmp_path / "remote", tiny(pairs=4)).folder
    for name in ("model.safetensors", "head.safetensors"):
        assert (local / name).read_bytes() == (remote / name).read_bytes()
    assert json.loads((remote / "run.json").read_text())["library"] == library
    worth = eruv.relations(remote).to_dict()
    assert worth["relation_accuracy"] == eruv.relations(local).to_dict()["relation_accuracy"]


def test_exports_and_clusters_are_made_of_it(library: str, tmp_path: Path) -> None:
    done = eruv.export(library, tmp_path / "tables", parquet=True, webdataset=True)
    assert {file.path.suffix for file in done.files} >= {".parquet", ".tar"}
    found = eruv.explore(library, html=tmp_path / "explore.html", clusters=2)
    assert found.library == library
    assert (tmp_path / "explore.html").is_file()
