"""The files of the paper command: one set for each table, and one for all that was asked for."""

import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from eruv.reproduction.factory import Factory
from eruv.reproduction.results import FilledTable, table_record
from eruv.reproduction.scale import ABLATED
from eruv.reproduction.titles import PLACES
from eruv.reproduction.writing import Figure, csv_text, html, markdown
from eruv.utils.atomic import replace_text
from eruv.utils.version import VERSION

TOGETHER = "paper"

Run = dict[str, Any]


def write_pages(
    folder: Path,
    tables: Sequence[FilledTable],
    figures: Sequence[Figure],
    runs: Mapping[str, Sequence[Run]],
    factory: Factory,
) -> list[Path]:
    """Write NAME.md, NAME.csv, NAME.html and NAME.json of each table, and paper.* of all.

    Args:
        folder: where they go.
        tables: filled.
        figures: drawn.
        runs: by the name of a table or figure, what was run for it, see `run_record`.
        factory: what it was made from.

    Returns:
        Their paths.
    """
    groups: dict[str, tuple[Sequence[FilledTable], Sequence[Figure]]] = {
        **{table.name: ([table], []) for table in tables},
        **{figure.name: ([], [figure]) for figure in figures},
    }
    if len(groups) > 1:
        groups[TOGETHER] = (tables, figures)
    written = [copy for figure in figures for copy in _copied(figure, folder)]
    for name, (some, drawn) in groups.items():
        names = [*(table.name for table in some), *(figure.name for figure in drawn)]
        behind = list({run["key"]: run for part in names for run in runs[part]}.values())
        title = _title(some, drawn) if name != TOGETHER else "The paper, measured again"
        setting = setting_of(factory)
        texts = {
            "md": f"# {title}\n\n" + markdown(some, drawn, setting),
            "html": html(title, some, drawn, setting, behind),
            "json": json.dumps(_record(some, behind, factory), indent=2) + "\n",
        }
        if some:
            texts["csv"] = csv_text(some, factory.scale.name, factory.comparable)
        for suffix, text in texts.items():
            path = folder / f"{name}.{suffix}"
            replace_text(path, text)
            written.append(path)
    return written


def _title(tables: Sequence[FilledTable], figures: Sequence[Figure]) -> str:
    return tables[0].title if tables else figures[0].title


def _copied(figure: Figure, folder: Path) -> list[Path]:
    """The files of a figure under its own name."""
    copies = []
    for path in figure.files:
        copy = folder / f"{figure.name}{path.suffix}"
        shutil.copyfile(path, copy)
        copies.append(copy)
    return copies


def setting_of(factory: Factory) -> str:
    """In sentences: at what scale, on what data, with what settings."""
    seeds = ", ".join(map(str, factory.seeds))
    notes = [note for outline in factory.outlines.values() for note in outline.notes]
    sentences = [
        f"Scale: {factory.scale.name}.",
        *_data_sentences(factory),
        f"Seeds of C3D: {seeds}; of other networks: {factory.seeds[0]}.",
        *_training_sentences(factory),
        *notes,
    ]
    return " ".join(sentences)


def _data_sentences(factory: Factory) -> list[str]:
    sets = factory.outlines
    titles = [f"{PLACES.get(name, name)}: {one.title}" for name, one in sets.items()]
    if factory.comparable:
        return [f"Data: {'; '.join(titles)}."]
    return [
        "Not the paper's data or settings: published values stand beside the measured ones, and "
        "no differences, which would say nothing.",
        f"In the places of the paper's sets: {'; '.join(titles)}.",
    ]


def _training_sentences(factory: Factory) -> list[str]:
    """Of C3D; the records have the settings of every run."""
    scale = factory.scale
    before, after = scale.pretraining["eruv", ABLATED], scale.finetuning["ucf101", ABLATED]
    length = f"{before.pairs:,} samples" if before.pairs else f"{before.epochs} epochs"
    clips = f"{after.steps} steps" if after.steps else f"{after.epochs} epochs"
    return [
        f"Pre-training: {length} (an ERUV sample has two clips, one of VCOP or VCP three), batches "
        f"of {before.batch_size}, width {before.width:g}, crops of {before.size.crop} pixels.",
        f"Fine-tuning: {clips} in batches of {after.batch_size} clips, ten-clip tests.",
    ]


def _record(tables: Sequence[FilledTable], runs: Sequence[Run], factory: Factory) -> Run:
    return {
        "scale": factory.scale.name,
        "seeds": list(factory.seeds),
        "data": {name: asdict(outline) for name, outline in factory.outlines.items()},
        "tables": [table_record(table) for table in tables],
        "runs": list(runs),
        "versions": {
            "eruv": VERSION,
            "torch": torch.__version__,
            "python": platform.python_version(),
            "machine": platform.machine(),
        },
    }
