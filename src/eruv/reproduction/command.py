"""`eruv.paper`: the tables and figures of the paper, published and measured side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eruv.reproduction.cells import Table
from eruv.reproduction.differences import with_differences
from eruv.reproduction.figures import FIGURES, Figure
from eruv.reproduction.options import PaperOptions, relation_subsets
from eruv.reproduction.pages import write_pages
from eruv.reproduction.plan import Failure, Plan, in_order
from eruv.reproduction.runner import Runner
from eruv.reproduction.study import Study
from eruv.reproduction.tables import TABLES, training_notes
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from eruv.utils.results import Result

NAMES = (*TABLES, *FIGURES)
EVERYTHING = "all"


@dataclass(frozen=True)
class PaperResult(Result):
    """What `eruv.paper` did, or would do.

    Attributes:
        dry_run: whether it only planned.
        plan: title, key, done, samples (pairs, or clips of a training on labels) and seconds of
            each run.
        runs, to_do: how many runs there are, and how many of them are not done.
        seconds_left: estimated, of those whose time is known.
        unknown_times: runs whose time is not known.
        tables: filled, as in the JSON files; None after a dry run, as is all that follows.
        missing_cells: cells with fewer measured seeds than they should have.
        failed: title and reason.
        files: paths of all that was written.
    """

    dry_run: bool
    plan: list[dict[str, Any]]
    runs: int
    to_do: int
    seconds_left: float
    unknown_times: int
    tables: list[dict[str, Any]] | None = None
    missing_cells: int | None = None
    failed: list[Failure] | None = None
    files: list[Path] | None = None

    def to_dict(self) -> dict[str, Any]:
        """As in `Result`; of a dry run the plan alone."""
        return {name: value for name, value in super().to_dict().items() if value is not None}


def paper(
    what: str | Iterable[str],
    to: Path | str,
    *,
    scale: str = "paper",
    untrimmed: Path | str | None = None,
    ucf101: Path | str | None = None,
    ucf101_splits: Path | str | None = None,
    hmdb51: Path | str | None = None,
    hmdb51_splits: Path | str | None = None,
    labelled: Path | str | None = None,
    seeds: Iterable[int] = (0,),
    relations: Iterable[str | Sequence[str]] = (),
    pairs: int | None = None,
    dry_run: bool = False,
    device: str = "auto",
) -> PaperResult:
    """Fill tables and draw figures of the paper: train what is missing, reuse what is there.

    A run is known by all its settings and its data, and reused when and only when they are the
    same. Called again after an interruption, it continues where it stopped.

    Args:
        what: of table1 to table6, probe, joined, fig5 and fig6; or all.
        to: folder for data, runs and pages.
        scale: `paper`; `small` (six hours per seed on two cores) and `smoke` (minutes) take
            built-in films where no data is named.
        untrimmed: folder of videos to pre-train on; THUMOS14's validation set in the paper.
        ucf101, ucf101_splits: folders of the clips and of the official split files.
        hmdb51, hmdb51_splits: the same.
        labelled: a folder per class, or a CSV table, in HMDB51's place.
        seeds: of C3D; other networks take the first.
        relations: further rows of Table II, each as ("C_S", "P_S") or "C_S,P_S".
        pairs: samples of each pre-training, in place of the scale's.
        dry_run: only plan.
        device: auto, cpu or cuda.

    Raises:
        EruvError: for an unknown table, or data that cannot be read.
        Interrupted: after Ctrl-C.
    """
    names = _names(what)
    paths = {
        "untrimmed": untrimmed,
        "ucf101": ucf101,
        "ucf101_splits": ucf101_splits,
        "hmdb51": hmdb51,
        "hmdb51_splits": hmdb51_splits,
        "labelled": labelled,
    }
    options = PaperOptions(
        scale, {name: Path(path) for name, path in paths.items() if path}, tuple(seeds), pairs
    )
    return _paper(names, Path(to), options, relation_subsets(relations), dry_run, device)


# The name of this function in earlier versions.
reproduce = paper


def _paper(
    names: Sequence[str],
    folder: Path,
    options: PaperOptions,
    subsets: tuple[tuple[str, ...], ...],
    dry_run: bool,
    device: str,
) -> PaperResult:
    configs = options.make_scale().for_device(device)
    data = options.make_data(folder / "data", configs)
    runner = Runner(folder / "runs", data, device)
    study = Study(configs, data.infos(), options.seeds, subsets)
    experiments = [one for part in _parts(names, study) for one in part.experiments]
    if not experiments:
        raise EruvError(
            f"{', '.join(names)} cannot be measured on this data. Pass more of untrimmed, ucf101 "
            f"and hmdb51."
        )
    if dry_run:
        return PaperResult(dry_run=True, **Plan.of(experiments, runner, study.data).to_dict())
    folder.mkdir(parents=True, exist_ok=True)
    with folder_lock(folder):
        used = [name for one in in_order(experiments) for name in one.data_names]
        study = replace(study, data=data.prepare(list(dict.fromkeys(used))))
        return _measure(_parts(names, study), study, runner, folder)


def _names(what: str | Iterable[str]) -> list[str]:
    """Tables and figures by name, in the order of the paper.

    Raises:
        EruvError: for an unknown one.
    """
    what = [what] if isinstance(what, str) else list(what)
    unknown = [name for name in what if name not in (*NAMES, EVERYTHING)]
    if unknown or not what:
        raise EruvError(
            f"choose from {', '.join(NAMES)} and {EVERYTHING}; got {', '.join(unknown) or 'none'}."
        )
    return [name for name in NAMES if name in what or EVERYTHING in what]


def _parts(names: Sequence[str], study: Study) -> list[Table | Figure]:
    """Tables and figures, without tables that would be empty."""
    tables = [make(study) for name, make in TABLES.items() if name in names]
    figures = [make(study) for name, make in FIGURES.items() if name in names]
    return [*(table for table in tables if not table.is_empty), *figures]


def _measure(
    parts: Sequence[Table | Figure], study: Study, runner: Runner, folder: Path
) -> PaperResult:
    plan = Plan.of((one for part in parts for one in part.experiments), runner, study.data)
    failed: list[Failure] = []
    try:
        failed = plan.run()
    finally:
        # Also after an interruption: what there is by now can be looked at.
        tables = [
            with_differences(part, runner.result).filled(
                runner.result,
                study.comparable,
                (
                    *training_notes(part, runner.result),
                    *runner.rare_classes(in_order(part.experiments)),
                ),
            )
            for part in parts
            if isinstance(part, Table)
        ]
        drawn = [_drawn(part, runner) for part in parts if isinstance(part, Figure)]
        figures = [figure for figure in drawn if figure.files]
        runs = {part.name: list(map(runner.describe, in_order(part.experiments))) for part in parts}
        files = write_pages(folder, tables, figures, runs, study)
    return PaperResult(
        dry_run=False,
        **plan.to_dict(),
        tables=[table.to_dict() for table in tables],
        missing_cells=sum(table.missing_cells for table in tables),
        failed=failed,
        files=files,
    )


def _drawn(figure: Figure, runner: Runner) -> Figure:
    """A figure with its files, if it is drawn by now."""
    result = runner.result(figure.drawing) if figure.drawing else None
    if not figure.drawing or not result:
        return figure
    drawing = runner.folder_of(figure.drawing)
    return replace(figure, files=tuple(drawing / name for name in result["files"]))
