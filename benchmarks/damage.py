"""Damage each kind of file of a library and a run, and see what every command says about it.

    python benchmarks/damage.py --work DIR [--only vectors]

A file of each kind is deleted, cut to half, flipped in a tenth of its bytes, or replaced by a text,
in a fresh copy of a small library with vectors and of a run. Every command that reads them is then
run in a process of its own, and a client asks for every page. Each must be done, or end with a
sentence. Writes docs/benchmarks/damage.json, and the table in docs/reliability.md.
"""

import argparse
import json
import random
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from fault_children import NOT_ENDED, Child, answer_of
from fault_jobs import JOBS, embed_words, fill, import_most, prepare_films, pretrain_words
from fault_kinds import error_of_trace
from pages import DOCS, measured_on
from reliability_page import replace_part

MOST_S = 120.0
FLIPPED = 0.1  # of the bytes
PLACES = ("library", "run")
# The kind of a file is its place, without names that are random or one of many.
RANDOM_NAME = re.compile(
    r"[0-9a-f]{16,}|\d{6,}|\b\d+-[0-9a-f-]{36}|(?<=proxies/)..|(?<=data/).*npy"
)
# What nothing reads: locks, records of transactions, hints that LanceDB can do without, curves.
UNREAD = re.compile(r"\.lock|_transactions|_hint|tensorboard|README")


def delete(path: Path, chance: random.Random) -> None:
    path.unlink()


def cut(path: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(max(1, int(FLIPPED * len(content)))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def write_text(path: Path, chance: random.Random) -> None:
    path.write_text("This is not what it was.\n")


WAYS: dict[str, Callable[[Path, random.Random], None]] = {
    "deleted": delete,
    "cut to half": cut,
    "bytes flipped": flip,
    "a text": write_text,
}


def commands(folder: Path, damaged: Path) -> dict[str, Sequence[object]]:
    """Words of each command that reads a library or a run, whichever is damaged."""
    library, run, out = folder / "library", folder / "run", folder / "out"
    film = folder / "films" / "0.mp4"
    of_both = {
        "embed": embed_words(folder),
        "search": ("search", library, f"{film}@0-1", "--device", "cpu"),
        "pretrain again": pretrain_words(folder),
        "report": ("report", run),
    }
    if damaged.parts[0] == "run":
        return of_both | {
            "export": ("export", run, "--to", out, "--torch"),
            "relations": ("relations", run, "--pairs-per-relation", "1", "--device", "cpu"),
            "attention": ("attention", run, film, "--to", out, "--device", "cpu"),
        }
    return of_both | {
        "check": ("check", library),
        "repair": ("repair", library),
        "remove": ("remove", library, folder / "films" / "1.avi"),
        "ingest": ("ingest", folder / "films", "--to", library, "--workers", "1"),
        "search, shown": ("search", library, f"{film}@0-1", "--split", out, "--device", "cpu"),
        "explore": ("explore", library, "--html", out / "map.html"),
        "export": ("export", library, "--to", out, "--parquet", "--webdataset"),
        "pretrain": (*pretrain_words(folder)[:2], "--to", out, *pretrain_words(folder)[4:]),
    }


def run_command(words: Sequence[object]) -> None:
    from eruv.cli.main import main

    main([str(word) for word in words])


def ask_pages(folder: Path) -> None:
    """Ask for every page as a browser does; an error within raises here."""
    from starlette.testclient import TestClient

    from eruv.utils.errors import EruvError
    from eruv.web.app import application

    host = "127.0.0.1:8340"
    try:
        page = application(folder / "library", hosts=[host], device="cpu")
    except EruvError as error:
        sys.exit(str(error))
    headers = {"origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    client = TestClient(page, base_url=f"http://{host}", headers=headers)
    home = client.get("/")
    ids = dict.fromkeys(re.findall(r'href="/video/([0-9a-f]+)"', home.text))
    paths = ["/progress", "/pins", "/runs", "/map", "/map/whole", "/search?q=0.mp4@0-1"]
    paths += re.findall(r'href="(/runs/[^"]+)"', client.get("/runs").text)
    for one in ids:
        paths += [f"/video/{one}", f"/still/{one}?at_s=0.5", f"/media/{one}", f"/preview/{one}"]
        paths += [f"/search?video={one}&start=0&end=1"]
    if ids:
        paths += [f"/attention/{next(iter(ids))}/picture?start=0&end=1"]
    answers = [client.get(path) for path in paths]
    broken = [
        path for path, answer in zip(paths, answers, strict=True) if answer.status_code == 500
    ]
    if broken:
        raise RuntimeError(f"500 from {', '.join(broken)}")


@dataclass(frozen=True)
class Said:
    """What a command said about a file that was damaged.

    Attributes:
        file: its kind, the place below the folder.
        way: what was done to it.
        command: that was run then.
        outcome: done, a sentence, a trace, or silence.
        words: the last of what it said.
    """

    file: str
    way: str
    command: str
    outcome: str
    words: str


def kinds_of(parts: Path) -> dict[str, Path]:
    """A file of each kind, below the folder of parts."""
    found: dict[str, Path] = {}
    for place in PLACES:
        for path in sorted((parts / place).rglob("*")):
            name = path.relative_to(parts).as_posix()
            if path.is_file() and not UNREAD.search(name):
                found.setdefault(RANDOM_NAME.sub("*", name), Path(name))
    return found


def said(work: Path, file: str, way: str, command: str, function: Callable[[], None]) -> Said:
    log = work / "log"
    code = Child(function, log).wait(MOST_S)
    words = log.read_text(errors="replace")
    trace = error_of_trace(words)
    if code == NOT_ENDED:
        outcome = "silence"
    elif trace or code < 0:
        outcome, words = "trace", trace or words
    else:
        outcome = "sentence" if code else "done"
    last = words.strip().replace(str(work), "").rsplit("\n", 1)[-1][-400:]
    return Said(file, way, command, outcome, last)


def trials(work: Path, only: str) -> Iterator[Said]:
    """Every command on every kind of file, damaged in every way."""
    parts, place = work / "parts", work / "trial"
    kinds = {name: path for name, path in kinds_of(parts).items() if only in name}
    started = time.monotonic()
    for number, (kind, name) in enumerate(kinds.items()):
        for way, damage in WAYS.items():
            functions = {
                command: partial(run_command, words)
                for command, words in commands(place, name).items()
            } | {"pages": partial(ask_pages, place)}
            for command, function in functions.items():
                refill(parts, place)
                damage(place / name, random.Random(f"{kind} {way}"))
                yield said(work, kind, way, command, function)
        minutes = (time.monotonic() - started) / 60
        print(f"{number + 1} of {len(kinds)}: {kind} ({minutes:.0f} min)", flush=True)


def refill(parts: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    for name in ("films", *PLACES):
        shutil.copytree(parts / name, place / name)


def prepare(work: Path) -> None:
    """A library with vectors, and the run they are of, made in the place of all trials."""
    shutil.rmtree(work, ignore_errors=True)
    parts, place = work / "parts", work / "trial"
    parts.mkdir(parents=True)
    answer_of(lambda: prepare_films(parts), work)
    for name in ("ingest", "pretrain", "embed"):
        fill(JOBS[name], parts, place)
        code = Child(partial(JOBS[name].run, place), work / "log").wait(MOST_S)
        if code:
            raise RuntimeError(f"{name} ends with {code}: {(work / 'log').read_text()[-2000:]}")
        for part in PLACES:
            if (place / part).exists():
                shutil.rmtree(parts / part, ignore_errors=True)
                shutil.copytree(place / part, parts / part)


def write(found: Sequence[Said]) -> None:
    kinds = len({one.file for one in found})
    lines = [
        f"{kinds} kinds of files, each damaged in {len(WAYS)} ways; {len(found):,} commands.",
        "",
        "| command | done | a sentence | a trace | silence |",
        "|---|---|---|---|---|",
    ]
    for command in dict.fromkeys(one.command for one in found):
        count = Counter(one.outcome for one in found if one.command == command)
        cells = [count[one] for one in ("done", "sentence", "trace", "silence")]
        lines.append(f"| {command} | {' | '.join(map(str, cells))} |")
    stored = {"measured_on": measured_on(), "results": [asdict(one) for one in found]}
    (DOCS / "damage.json").write_text(json.dumps(stored, indent=1) + "\n")
    replace_part(DOCS.parent / "reliability.md", "damage", lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for films and libraries")
    parser.add_argument("--only", default="", help="a part of the name of a kind of file")
    words = parser.parse_args()
    import_most()
    prepare(words.work)
    found = []
    for one in trials(words.work, words.only):
        found.append(one)
        if one.outcome in ("trace", "silence"):
            print(f"{one.file}, {one.way}: {one.command}: {one.outcome}: {one.words}", flush=True)
    if not words.only:
        write(found)


if __name__ == "__main__":
    main()
