"""Built-in films in the places of THUMOS14, UCF101 and HMDB51.

Pre-training sees raw films; labelled clips are shots of other films. Those to test with show other
places and clothes than those to train on, and bystanders who do something else. Three fixed splits
decide by film which shots take part.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.opening import open_dataset
from eruv.films.films import render_films
from eruv.films.plan import FilmPlan, plan_films
from eruv.films.render import fingerprint, h264_film
from eruv.films.truth import DemoFilm, DemoShot
from eruv.library.ingest import ingest
from eruv.library.video_pass import EditingSettings
from eruv.reproduction.sources import LIBRARY, LabelledSource, SplitInfo, UnlabelledSource
from eruv.training.device import available_cores
from eruv.utils.atomic import replace_text
from eruv.utils.console import with_progress

SPLITS = (1, 2, 3)


@dataclass(frozen=True)
class FilmSet:
    """Films by their seed, their numbers (with looks to train on and held out), and bystanders."""

    seed: int = 0
    train: int = 0
    held_out: int = 0
    bystanders: int = 0

    def plans(self) -> list[FilmPlan]:
        """Their scripts."""
        return plan_films(self.seed, self.train, self.held_out, self.bystanders)

    @property
    def identity(self) -> dict[str, Any]:
        """Fingerprints of the scripts and of the code that renders them."""
        return {"films": [fingerprint(plan) for plan in self.plans()]}

    @property
    def crowd(self) -> str:
        """Bystanders in words, for titles."""
        return f" with {self.bystanders} bystanders" if self.bystanders else ""

    def render(self, folder: Path) -> list[DemoFilm]:
        """Render the films that the folder lacks."""
        return render_films(
            folder,
            seed=self.seed,
            num_train=self.train,
            num_held_out=self.held_out,
            bystanders=self.bystanders,
            workers=available_cores(),
        )


def built_in_films(films: FilmSet) -> UnlabelledSource:
    """Raw films to pre-train on, in THUMOS14's place."""

    def fill(folder: Path, settings: EditingSettings | None) -> tuple[str, ...]:
        paths = [_file_of(film, folder) for film in films.render(folder / "films")]
        ingest(paths, folder / LIBRARY, settings=settings)
        return ()

    title = f"{films.train + films.held_out} built-in films{films.crowd}, raw"
    return UnlabelledSource(title=title, identity=films.identity, fill=fill)


def built_in_clips(films: FilmSet) -> LabelledSource:
    """The shots of films as clips with their actions, in UCF101's or HMDB51's place."""

    def files(folder: Path, split: int) -> LabelledFiles:
        tables = {number: folder / f"split{number}.csv" for number in SPLITS}
        if not all(table.exists() for table in tables.values()):
            _make_clips(films.render(folder / "films"), folder, tables)
        return open_dataset(tables[split], "csv")

    plans = films.plans()
    actions = {shot.action for plan in plans for shot in plan.shots}
    splits = {}
    for split in SPLITS:
        parts = [_part(plan, split) for plan in plans for _ in plan.shots]
        splits[split] = SplitInfo(
            train=parts.count("train"), test=parts.count("test"), classes=len(actions)
        )
    return LabelledSource(
        title=f"shots of {len(plans)} other built-in films{films.crowd}",
        identity=films.identity,
        splits=splits,
        files=files,
    )


def _make_clips(films: Sequence[DemoFilm], folder: Path, tables: Mapping[int, Path]) -> None:
    """Cut films into clips, and list those in a CSV table for each split."""
    rows: list[tuple[DemoFilm, str, str]] = []  # film, path, action
    for film in with_progress(films, "clips", len(films), "films"):
        for path, shot in cut_clips(film, folder):
            rows.append((film, str(path.relative_to(folder)), shot.action))
    for split, table in tables.items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["path", "label", "split"])
        for film, name, action in rows:
            part = _part(film, split)
            if part:
                writer.writerow([name, action, part])
        replace_text(table, text.getvalue())


def _part(film: FilmPlan | DemoFilm, split: int) -> str:
    return split_part(film.split, int(film.name.rsplit("_", 1)[1]), split)


def split_part(looks: str, number: int, split: int) -> str:
    """What the shots of a film are in a split: train, test, or nothing (empty).

    A third of the films with held-out looks is for tests, and two thirds of the others to train on.

    Args:
        looks: train or held_out, of the film.
        number: of the film among those with such looks.
        split: 1, 2 or 3.
    """
    own = SPLITS[number % len(SPLITS)] == split
    if looks == "held_out":
        return "test" if own else ""
    return "" if own else "train"


def cut_clips(film: DemoFilm, folder: Path) -> list[tuple[Path, DemoShot]]:
    """Write the shots of a film as files, as trimmed data sets have them; existing ones stay.

    Args:
        film: rendered into `folder`/films.
        folder: clips go to clips/ACTION in it.

    Returns:
        Each shot with its file, in order of time.
    """
    clips = [
        (folder / "clips" / shot.action / f"{film.name}-{number:02d}.mp4", shot)
        for number, shot in enumerate(film.shots, start=1)
    ]
    missing = [(path, shot) for path, shot in clips if not path.exists()]
    if missing:
        with av.open(str(_file_of(film, folder))) as source:
            frames = list(source.decode(video=0))
        for path, shot in missing:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_clip(frames[shot.start : shot.end], film.fps, path)
    return clips


def _file_of(film: DemoFilm, folder: Path) -> Path:
    return folder / "films" / f"{film.name}.mp4"


def _write_clip(frames: list[av.VideoFrame], rate: int, path: Path) -> None:
    with h264_film(path, frames[0].width, frames[0].height, rate, crf=18) as write:
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, rate)
            frame.pict_type = av.video.frame.PictureType.NONE
            write(frame)
