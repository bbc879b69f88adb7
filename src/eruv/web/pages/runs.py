"""Trainings beside the library, and the encoders that embedded it, with their curves."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eruv.models.clip_encoder import is_hf
from eruv.moments.embedded_by import EmbeddedBy
from eruv.reports.charts import training_charts
from eruv.reports.results import Results, read_results
from eruv.training.run_folder import RunFolder
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable
from eruv.utils.storage.remote_path import is_remote
from eruv.web.pages.library import is_locked
from eruv.web.parts import Parts, without_folders

MOST_RUNS = 100


@dataclass(frozen=True)
class ListedRun:
    """A run: its name in addresses and for people, whether it is written to now, its records."""

    name: str
    title: str
    embedded: bool
    training: bool
    results: Results | None

    @property
    def link(self) -> str:
        """Its address."""
        return f"/runs/{quote(self.name, safe='')}"


def routes(parts: Parts) -> list[Route]:
    """`/runs`, and `/runs/NAME` with curves."""

    def runs(request: Request) -> Response:
        folders, embedded = _folders(parts)
        listed = [_listed(name, path, path in embedded) for name, path in folders.items()]
        return parts.page(request, "runs.html.j2", runs=listed[:MOST_RUNS])

    def run(request: Request) -> Response:
        folders, embedded = _folders(parts)
        name = request.path_params["name"]
        if name not in folders:
            raise HTTPException(404, "There is no such run beside this library.")
        path = folders[name]
        try:
            results = read_results(RunFolder(path))
            charts = training_charts(results)
        except EruvError as error:
            raise HTTPException(404, without_folders(str(error), parts.library.folder)) from None
        return parts.page(
            request,
            "run.html.j2",
            run=_listed(name, path, path in embedded),
            charts=charts,
        )

    return [Route("/runs", runs), Route("/runs/{name:str}", run)]


def _folders(parts: Parts) -> tuple[dict[str, Path], set[Path]]:
    """Folders of runs by name, and those of them that embedded the library."""
    home = parts.library.folder.parent
    # Runs are local, and a bucket may have many objects to look through.
    found_in = [] if is_remote(home) else home.glob("*/run.json")
    beside = sorted(path.parent for path in found_in)
    places = {one.encoder_place(parts.library) for one in EmbeddedBy.all_in(parts.library)}
    embedded = {Path(place) for place in places if not is_hf(place)}
    found: dict[str, Path] = {}
    for path in [*beside, *sorted(embedded - set(beside))]:
        name = printable(Path(path.name))
        while name in found:
            name += "+"
        found[name] = path
    return found, embedded


def _listed(name: str, path: Path, embedded: bool) -> ListedRun:
    try:
        results = read_results(RunFolder(path))
        title = results.config.backbone
    except (EruvError, KeyError, TypeError, ValueError):
        results, title = None, ""
    return ListedRun(name, title, embedded, is_locked(path), results)
