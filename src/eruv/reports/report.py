"""`eruv report`: one HTML page about a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.published.tables import TABLE_I_OVERALL
from eruv.reports.charts import training_charts
from eruv.reports.ingested import Ingested
from eruv.reports.measured import headline, retrieval_tables
from eruv.reports.moments import moments_section
from eruv.reports.results import Results, read_results
from eruv.reports.settings import editing_settings, training_settings, versions
from eruv.reports.strips import examples
from eruv.reports.timeline import BAR_WIDTH, timeline
from eruv.training.held_out import FEWEST_VIDEOS
from eruv.training.run_folder import RunFolder
from eruv.utils.atomic import replace_text
from eruv.utils.html import page_environment
from eruv.utils.results import Result

PAGE = "report.html"


@dataclass(frozen=True)
class ReportResult(Result):
    """What `eruv report` wrote: the page."""

    report: Path


def report(
    run: Path | str, to: Path | str | None = None, *, library: Path | str | None = None
) -> ReportResult:
    """Write the report of a run, finished or not.

    Args:
        run: folder made by `pretrain`.
        to: the page; `report.html` in the run's folder by default.
        library: where the library is now, if it was moved.

    Raises:
        EruvError: if there is no such run or library.
    """
    results = read_results(RunFolder(Path(run)))
    opened = Library(Path(library) if library else results.folder.library_folder)
    page = Path(to) if to else results.folder.folder / PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    replace_text(page, render(results, opened))
    return ReportResult(page)


def render(results: Results, library: Library) -> str:
    """The page as text; equal for equal input."""
    template = page_environment("eruv.reports", "eruv.moments").get_template("report.html.j2")
    return template.render(_content(results, library))


def _content(results: Results, library: Library) -> dict[str, Any]:
    ingested = Ingested(library)
    return {
        "results": results,
        "run_name": results.folder.folder.resolve().name,
        "held_out_by": results.run["held_out_by"],
        "fewest_videos": FEWEST_VIDEOS,
        "feasibility": results.run["feasibility"],
        "text": results.text,
        "headline": headline(results),
        "ingested": ingested,
        "rows": timeline(library, ingested, results),
        "bar_width": BAR_WIDTH,
        "examples": examples(results, library, ingested),
        "charts": training_charts(results),
        "paper_overall": TABLE_I_OVERALL / 100,
        "retrievals": retrieval_tables(results),
        "training_settings": training_settings(results, ingested),
        "editing_settings": editing_settings(library),
        "versions": versions(results),
        **moments_section(results, library),
    }
