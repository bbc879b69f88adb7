"""A small library to take to a GPU: built-in films, labelled clips and raw clips, as proxies.

python benchmarks/gpu_library.py --to DIR [--labelled DIR ...] [--raw DIR|CSV ...]

Clips are joined into films of several shots. Held-out films, and films of labelled test clips, are
in the library too, but listed in contents.json as not to be trained on.
"""

import argparse
import csv
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from eruv.films.films import render_films
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.reproduction.joined_films import CLIPS_PER_FILM, join_films

CONTENTS = "contents.json"
TEST_SHARE = 0.3
SUFFIXES = {".mp4", ".avi", ".mkv", ".mov", ".webm"}
# A stretch of video with a class: id of its video, first frame, frame after the last, class.
Labelled = tuple[str, int, int, str]


@dataclass
class Contents:
    """What is in the library, as contents.json has it."""

    held_out: list[str] = field(default_factory=list)
    labelled: list[dict[str, Any]] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the library anew."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--to", type=Path, required=True, help="folder, made by this")
    parser.add_argument("--films", type=Path, help="where built-in films are kept; default: in TO")
    parser.add_argument("--num-films", type=int, nargs=2, default=(20, 10))
    parser.add_argument("--labelled", type=Path, nargs="*", default=[], help="one folder a class")
    parser.add_argument("--labelled-clips", type=int, default=150, help="most of each labelled set")
    parser.add_argument("--raw", type=Path, nargs="*", default=[], help="folders, or CSV tables")
    parser.add_argument("--by", nargs="*", default=[], help="columns whose clips are one source")
    parser.add_argument("--raw-clips", type=int, default=60, help="most clips of each raw set")
    given = parser.parse_args(arguments)
    folder = given.to / "library"
    if folder.exists():
        parser.error(f"{folder} exists: delete it to build another")
    contents = Contents()
    add_built_in(folder, given.films or given.to / "films", given.num_films, contents)
    for path in given.labelled:
        add_labelled(folder, path, given.labelled_clips, contents)
    for path in given.raw:
        clips = spread(raw_clips(path, given.by), given.raw_clips)
        join_apart(clips, folder, f"raw clips of {path.parent.name or path.name}", contents)
    library = Library(folder)
    for name, table in library.tables.items():
        pq.write_table(table.to_arrow(), folder / "catalogue" / f"{name}.parquet")
    (given.to / CONTENTS).write_text(json.dumps(vars(contents), indent=1))
    size = sum(path.stat().st_size for path in (folder / "proxies").glob("*/*.mp4"))
    frames = sum(row["num_frames"] for row in library.videos())
    print(f"{folder}: {len(library.video_ids())} films, {frames:,} frames, {size / 1e6:.1f} MB")
    print(json.dumps(contents.parts, indent=1))


def add_built_in(folder: Path, films: Path, counts: tuple[int, int], contents: Contents) -> None:
    """The demo's films; shots of held-out ones are looked for among those of the others."""
    made = render_films(films, num_train=counts[0], num_held_out=counts[1], workers=2)
    ingest([films], folder)
    ids = {paths[0].stem: one for one, paths in Library(folder).paths().items()}
    contents.held_out += [ids[film.name] for film in made if film.split == "held_out"]
    shots: dict[str, list[Labelled]] = {"train": [], "held_out": []}
    for film in made:
        shots[film.split] += [
            (ids[film.name], shot.start, shot.end, shot.action) for shot in film.shots
        ]
    contents.labelled.append(labelled_set("built-in actions", shots["train"], shots["held_out"]))
    contents.parts["built-in films"] = len(made)


def add_labelled(folder: Path, path: Path, most: int, contents: Contents) -> None:
    """Clips in a folder for each class; the last ones of each class by name are the test clips.

    Of more clips than `most` the first ones of either part are taken.
    """
    classes = {one.name: clips_below(one) for one in sorted(path.iterdir()) if one.is_dir()}
    parts: dict[str, list[Labelled]] = {}
    for part in ("train", "test"):
        share = min(1.0, most / sum(map(len, classes.values())))
        chosen = {name: of_part(clips, part, share) for name, clips in classes.items()}
        label_of = {clip: name for name, clips in chosen.items() for clip in clips}
        films = join_apart(mixed(chosen), folder, f"{part} clips of {path.name}", contents)
        parts[part] = [
            (film, start, end, label_of[clip])
            for film, clips, ranges in films
            for clip, (start, end) in zip(clips, ranges, strict=True)
        ]
        if part == "test":
            contents.held_out += [film for film, _, _ in films]
    contents.labelled.append(labelled_set(path.name, parts["train"], parts["test"]))


def labelled_set(name: str, train: list[Labelled], test: list[Labelled]) -> dict[str, Any]:
    """As contents.json has it."""
    classes = sorted({label for *_, label in (*train, *test)})
    return {"name": name, "classes": classes, "train": train, "test": test}


def of_part(clips: Sequence[Path], part: str, share: float) -> Sequence[Path]:
    """The training or the test clips of one class, or so large a share of them."""
    first = round((1 - TEST_SHARE) * len(clips))
    found = clips[:first] if part == "train" else clips[first:]
    return found[: round(share * len(found))]


def mixed(classes: dict[str, Sequence[Path]]) -> list[Path]:
    """All clips, with every class everywhere."""
    placed = [
        ((number + 0.5) / len(clips), name, clip)
        for name, clips in classes.items()
        for number, clip in enumerate(clips)
    ]
    return [clip for _, _, clip in sorted(placed)]


def join_apart(
    clips: Sequence[Path], folder: Path, name: str, contents: Contents
) -> list[tuple[str, Sequence[Path], list[list[int]]]]:
    """Join clips into films of the library; of each film the id, its clips and their frames.

    Raises:
        RuntimeError: if a clip could not be read, since shots and clips then no longer agree.
    """
    before = set(Library(folder).video_ids())
    library = join_films(clips, folder)
    rows = [row for row in library.videos() if row["video_id"] not in before]
    groups = [clips[at : at + CLIPS_PER_FILM] for at in range(0, len(clips), CLIPS_PER_FILM)]
    found = [
        (row["video_id"], group, row["shots"]) for row, group in zip(rows, groups, strict=True)
    ]
    for film, group, shots in found:
        if len(group) != len(shots):
            raise RuntimeError(f"{film} has {len(shots)} shots of {len(group)} clips of {name}")
    contents.parts[name] = len(clips)
    return found


def clips_below(folder: Path) -> list[Path]:
    """All videos in a folder and below it, by name."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def raw_clips(path: Path, by: Sequence[str]) -> list[Path]:
    """Clips of a folder, or of a table with a column `path`, those of one source together.

    Of a table with a column `split`, the training clips alone.
    """
    if path.is_dir():
        return clips_below(path)
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("split", "train") == "train"]
    rows.sort(key=lambda row: [row[name] for name in (*by, "path")])
    return [path.parent / row["path"] for row in rows]


def spread(clips: Sequence[Path], most: int) -> list[Path]:
    """Whole films' worth of clips, evenly over the list."""
    films = [clips[at : at + CLIPS_PER_FILM] for at in range(0, len(clips), CLIPS_PER_FILM)]
    wanted = min(len(films), max(1, most // CLIPS_PER_FILM))
    return [clip for n in range(wanted) for clip in films[n * len(films) // wanted]]


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    main()
