"""The commands that are disturbed: what each starts from, its words, and what it must leave."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from fault_films import make_film

NETWORK = ("--backbone", "r3d", "--width", "0.05")
SIZE = ("--size.height", "32", "--size.width", "43", "--size.crop", "32")
PLAIN = ("--threads", "1", "--loader_workers", "0", "--checkpoint_interval_s", "0")
SUFFIXES = ("mp4", "avi", "mkv", "ts")
CLASSES, OF_CLASS = 2, 4
INDEXED_FROM = 8  # windows, in place of 100,000

Outcome = dict[str, str]


@dataclass(frozen=True)
class Job:
    """A command in a folder.

    Attributes:
        words: of the command line, of paths below the folder.
        needs: what lies in the folder before, below the folder of parts.
        outcome: what it left, as digests by name.
        small_index: whether a table of vectors gets an index from 8 windows on.
    """

    words: Callable[[Path], Sequence[object]]
    needs: tuple[str, ...]
    outcome: Callable[[Path], Outcome]
    small_index: bool = False

    def run(self, folder: Path) -> None:
        """The command, in this process, which it ends."""
        from eruv.cli.main import main

        if self.small_index:
            from eruv.moments import memory  # of which the command takes it; imported before

            memory.MOST_IN_MEMORY = INDEXED_FROM
        main([str(word) for word in self.words(folder)])


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _digest(rows: Any) -> str:
    return _sha(json.dumps(rows, sort_keys=True, default=str).encode())


def library_outcome(folder: Path) -> Outcome:
    """Rows of the catalogue, whatever their order, and bytes of the proxies."""
    from eruv.library.catalogue import Library
    from eruv.library.check import digests_of

    library = Library(folder / "library")
    videos = sorted(library.videos(), key=lambda row: row["video_id"])
    segments = sorted(
        library.segments().to_pylist(), key=lambda row: (row["video_id"], row["start"])
    )
    sources = sorted(
        (one.path.name, one.video_id, one.reason, one.position)
        for one in library.sources().values()
    )
    proxies = sorted((folder / "library" / "proxies").rglob("*"))
    return {
        "videos": _digest(videos),
        "segments": _digest(segments),
        "sources": _digest(sources),
        "digests": _digest(sorted(digests_of(library).items())),
        "proxies": _digest(
            [[path.name, _sha(path.read_bytes())] for path in proxies if path.is_file()]
        ),
    }


def vectors_outcome(folder: Path) -> Outcome:
    """Rows of the vectors, and whether searches find the index."""
    from eruv.library.catalogue import Library
    from eruv.library.rows import VECTORS

    library = Library(folder / "library")
    found = library_outcome(folder)
    for name in library.database.list_tables().tables:
        if name.startswith(VECTORS):
            table = library.database.open_table(name)
            rows = table.to_arrow().to_pylist()
            found[name] = _digest(sorted(rows, key=lambda row: (row["video_id"], row["start"])))
            indices = sorted(one.name for one in table.list_indices())
            left = [table.index_stats(one) for one in indices]
            found["index"] = _digest([indices, [one.num_unindexed_rows for one in left if one]])
    return found


def training_outcome(folder: Path) -> Outcome:
    """Bytes of the weights, and what was measured."""
    run = folder / "run"
    done = json.loads((run / "done.json").read_text())
    done.pop("seconds")
    names = ("model.safetensors", "head.safetensors", "config.json", "README.md")
    files = [run / name for name in names if (run / name).exists()]
    found = {path.name: _sha(path.read_bytes()) for path in files} | {"done": _digest(done)}
    tests = run / "recognition.json"
    if tests.exists():
        found["recognition"] = _digest(json.loads(tests.read_text())["top1"])
    return found


def paper_outcome(folder: Path) -> Outcome:
    """Weights of all runs, and the cells of all tables."""
    models = sorted((folder / "paper").rglob("model.safetensors"))
    tables = sorted((folder / "paper").glob("table*.json"))
    cells = [[row["cells"] for row in json.loads(one.read_text())["rows"]] for one in tables]
    kept = [path for path in models if "resume" not in path.parts]
    return {
        "weights": _digest([_sha(path.read_bytes()) for path in kept]),
        "runs": str(len(kept)),
        "tables": _digest(cells),
    }


def pretrain_words(folder: Path) -> Sequence[object]:
    few = ("--batch-size", "2", "--pairs", "16", "--validation.every_pairs", "8")
    less = ("--validation.pairs_per_relation", "1", "--validation.batch_norm_batches", "1")
    places = ("pretrain", folder / "library", "--to", folder / "run", "--device", "cpu")
    return (*places, *NETWORK, *SIZE, *PLAIN, *few, *less)


def finetune_words(folder: Path) -> Sequence[object]:
    few = ("--batch-size", "2", "--steps", "6", "--validate_steps", "3", "--held_out", "0.3")
    places = ("finetune", folder / "labelled", "--to", folder / "run", "--device", "cpu")
    return (*places, "--workers", "1", *NETWORK, *SIZE, *PLAIN, *few)


def embed_words(folder: Path) -> Sequence[object]:
    places = ("embed", folder / "library", "--run", folder / "run", "--every-s", "0.5")
    return (*places, "--workers", "0", "--device", "cpu")


JOBS = {
    "ingest": Job(
        lambda folder: (
            *("ingest", folder / "films", "--to", folder / "library", "--workers", "1"),
        ),
        ("films",),
        library_outcome,
    ),
    "pretrain": Job(pretrain_words, ("films", "library"), training_outcome),
    "embed": Job(embed_words, ("films", "library", "run"), vectors_outcome),
    "index": Job(embed_words, ("films", "embedded", "run"), vectors_outcome, small_index=True),
    "finetune": Job(finetune_words, ("labelled",), training_outcome),
    "paper": Job(
        lambda folder: ("paper", "table5", "--smoke", "--to", folder / "paper", "--device", "cpu"),
        (),
        paper_outcome,
    ),
}


def prepare_films(parts: Path) -> None:
    """Four films of two shots, one broken and one that is none; and eight labelled ones."""
    for number, suffix in enumerate(SUFFIXES):
        make_film(parts / "films" / f"{number}.{suffix}", number)
    whole = (parts / "films" / "0.mp4").read_bytes()
    (parts / "films" / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (parts / "films" / "text.mkv").write_text("no film")
    for number in range(CLASSES * OF_CLASS):
        path = parts / "labelled" / f"class{number % CLASSES}" / f"{number}.mp4"
        make_film(path, 100 + number, shots=1, frames=30)


def fill(job: Job, parts: Path, folder: Path) -> None:
    """A fresh folder with what a job starts from; the catalogue knows its films by their stamps."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in job.needs:
        target = "library" if name == "embedded" else name
        shutil.copytree(parts / name, folder / target)


def import_most() -> None:
    """Import what takes long and lives through a fork: all but the database."""
    for name in ("accelerate", "jsonargparse", "matplotlib.figure", "pandas", "pyarrow.dataset"):
        import_module(name)
    for name in ("sklearn.decomposition", "rich.table", "safetensors.torch", "lance_namespace"):
        import_module(name)
    for name in ("training.loop", "detection.detect", "models.encoder", "cli.main", "cli.options"):
        import_module(f"eruv.{name}")
    import_module("eruv.moments.memory")
    assert "lancedb" not in sys.modules
