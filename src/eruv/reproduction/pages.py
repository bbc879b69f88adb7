"""Tables and figures as files: Markdown, CSV, HTML and JSON for each, and for all together."""

import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from eruv.reproduction.cells import Table
from eruv.reproduction.figures import Figure
from eruv.reproduction.formats import csv_text, html, markdown
from eruv.reproduction.scales import ABLATED
from eruv.reproduction.study import PLACES, Study
from eruv.utils.atomic import replace_text
from eruv.utils.version import VERSION

TOGETHER = "paper"

Run = dict[str, Any]


def write_pages(
    folder: Path,
    tables: Sequence[Table],
    figures: Sequence[Figure],
    runs: Mapping[str, Sequence[Run]],
    study: Study,
) -> list[Path]:
    """Write NAME.md, NAME.csv, NAME.html and NAME.json of each table, and paper.* of all.

    Args:
        folder: where they go.
        tables: filled.
        figures: drawn.
        runs: by the name of a table or figure, see `Runner.describe`.
        study: that they belong to.

    Returns:
        Their paths.
    """
    pages: dict[str, tuple[str, Sequence[Table], Sequence[Figure]]] = {
        **{table.name: (table.title, [table], []) for table in tables},
        **{figure.name: (figure.title, [], [figure]) for figure in figures},
    }
    if len(pages) > 1:
        pages[TOGETHER] = ("The paper, measured again", tables, figures)
    written = [copy for figure in figures for copy in _copies(figure, folder)]
    setting = setting_of(study)
    for name, (title, some, drawn) in pages.items():
        parts = [*(table.name for table in some), *(figure.name for figure in drawn)]
        made = list({run["key"]: run for part in parts for run in runs[part]}.values())
        texts = {
            "md": f"# {title}\n\n" + markdown(some, drawn, setting),
            "html": html(title, some, drawn, setting, made),
            "json": json.dumps(_record(some, made, study), indent=2) + "\n",
        }
        if some:
            texts["csv"] = csv_text(some, study.scale.name, study.comparable)
        for suffix, text in texts.items():
            path = folder / f"{name}.{suffix}"
            replace_text(path, text)
            written.append(path)
    return written


def setting_of(study: Study) -> str:
    """In sentences: at what scale, on what data, with what settings."""
    seeds = ", ".join(map(str, study.seeds))
    sentences = [
        f"Scale: {study.scale.name}.",
        *_data_sentences(study),
        f"Seeds of C3D: {seeds}; of other networks: {study.seeds[0]}.",
        *_training_sentences(study),
        *(note for info in study.data.values() for note in info.notes),
    ]
    return " ".join(sentences)


def _data_sentences(study: Study) -> list[str]:
    titles = [f"{PLACES.get(name, name)}: {info.title}" for name, info in study.data.items()]
    if study.comparable:
        return [f"Data: {'; '.join(titles)}."]
    return [
        "Not the paper's data or settings: published values stand beside the measured ones, and "
        "no differences, which would say nothing.",
        f"In the places of the paper's sets: {'; '.join(titles)}.",
    ]


def _training_sentences(study: Study) -> list[str]:
    """Of C3D; the records have the settings of every run."""
    before = study.scale.pretraining["eruv", ABLATED]
    after = study.scale.finetuning["ucf101", ABLATED]
    length = f"{before.pairs:,} samples" if before.pairs else f"{before.epochs} epochs"
    clips = f"{after.steps} steps" if after.steps else f"{after.epochs} epochs"
    return [
        f"Pre-training: {length} (an ERUV sample has two clips, one of VCOP or VCP three), batches "
        f"of {before.batch_size}, width {before.width:g}, crops of {before.size.crop} pixels.",
        f"Fine-tuning: {clips} in batches of {after.batch_size} clips, ten-clip tests.",
    ]


def _copies(figure: Figure, folder: Path) -> list[Path]:
    """Copy the files of a figure under its own name."""
    copies = [folder / f"{figure.name}{path.suffix}" for path in figure.files]
    for path, copy in zip(figure.files, copies, strict=True):
        shutil.copyfile(path, copy)
    return copies


def _record(tables: Sequence[Table], runs: Sequence[Run], study: Study) -> dict[str, Any]:
    return {
        "scale": study.scale.name,
        "seeds": list(study.seeds),
        "data": {name: asdict(info) for name, info in study.data.items()},
        "tables": [table.to_dict() for table in tables],
        "runs": list(runs),
        "versions": {
            "eruv": VERSION,
            "torch": torch.__version__,
            "python": platform.python_version(),
            "machine": platform.machine(),
        },
    }
