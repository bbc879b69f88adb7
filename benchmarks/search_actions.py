"""Whether search finds the same action in other films, beside an encoder that nobody trained.

    python benchmarks/search_actions.py --to FOLDER [--pairs 11000] [--docs docs/benchmarks]

The built-in films are ingested; the recipe of the demo learns from the training films, on one
thread; both encoders embed all films. Each shot of a held-out film is a query. Looked for is among
the training films, which share no background and no figure with it: how many of the five best
moments show its action.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import eruv
from eruv.demonstration import labelled_shots
from eruv.films.films import DemoFilm, render_films
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.moments.query import Stretch
from eruv.moments.searcher import Searcher
from eruv.training.device import torch_threads
from eruv.training.pretrain import pretrain
from eruv.training.run_folder import RunFolder
from eruv.training.untrained import untrained_encoder
from pages import DOCS, write_page

FIRST = 5
HELD_OUT_FILMS = 10
WINDOWS = 200  # looked at a query, of both splits together
EVERY_S = 0.5


def measured(
    library: Library, run: Path, films: Sequence[DemoFilm], ids: dict[str, str]
) -> dict[str, Any]:
    """Share of the first five moments with the query's action, and of queries with any."""
    eruv.embed(library.folder, run=run, every_s=EVERY_S, device="cpu")
    searcher = Searcher(library.folder, run, "cpu")
    shots = {
        split: [
            (ids[films[one.video].name], one.start, one.end, one.label)
            for one in labelled_shots(films, split)
        ]
        for split in ("train", "held_out")
    }
    names = {video: searcher.names[video] for video, *_ in shots["train"]}
    shares: list[float] = []
    for video, start, end, action in shots["held_out"]:
        rate = library.rows_of([video])[video]["frames_per_second"]
        asked = searcher.of_stretch(Stretch(video, start / rate, end / rate))
        found = searcher.find(asked, k=WINDOWS, names=names, duplicates=True)[:FIRST]
        labels = [_label(shots["train"], one.video_id, (one.start + one.end) // 2) for one in found]
        shares.append(sum(label == action for label in labels) / FIRST)
    return {
        "queries": len(shares),
        "same_action": float(np.mean(shares)),
        "any": float(np.mean([share > 0 for share in shares])),
    }


def _label(shots: Sequence[tuple[str, int, int, str]], video: str, frame: int) -> str:
    return next(
        (label for one, start, end, label in shots if one == video and start <= frame < end), ""
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=11_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--docs", type=Path, default=DOCS)
    arguments = parser.parse_args()
    to = arguments.to
    films = render_films(to / "films", num_held_out=HELD_OUT_FILMS)
    ingest(to / "films", to / "library")
    library = Library(to / "library")
    ids = {paths[0].stem: video_id for video_id, paths in library.paths().items()}
    held_out = tuple(sorted(ids[film.name] for film in films if film.split == "held_out"))
    config = eruv.recipe("demo")
    validation = replace(config.validation, held_out_ids=held_out, every_pairs=arguments.pairs)
    config = replace(
        config, pairs=arguments.pairs, seed=arguments.seed, threads=1, validation=validation
    )
    run = RunFolder(to / "run")
    if not (run.folder / "done.json").exists():
        pretrain(library.folder, run.folder, None if run.started else config, device="cpu")
    untrained_encoder(run, library).save_pretrained(to / "untrained")
    with torch_threads(1):
        found = {
            name: measured(library, folder, films, ids)
            for name, folder in (("untrained", to / "untrained"), ("trained", run.folder))
        }
    print(json.dumps(found))
    actions = len({shot.label for shot in labelled_shots(films, "train")})
    lines = [
        "# The same action in other films",
        "",
        "    python benchmarks/search_actions.py --to FOLDER",
        "",
        f"{found['trained']['queries']} shots of held-out built-in films are looked for among the "
        f"training films, which share no background and no figure with them; {actions} actions. "
        f"The recipe of the demo, {arguments.pairs:,} pairs, one thread.",
        "",
        "| encoder | of the first five moments, the same action | at least one of five |",
        "|---|---|---|",
        *(
            f"| {name} | {one['same_action']:.1%} | {one['any']:.1%} |"
            for name, one in found.items()
        ),
    ]
    write_page(arguments.docs, "search_actions", lines, {"pairs": arguments.pairs, **found})


if __name__ == "__main__":
    main()
