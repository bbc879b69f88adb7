"""The built-in films in the places of THUMOS14, UCF101 and HMDB51: sets that everybody has.

Pre-training sees raw films, labelled clips are shots of other films. In UCF101's place those have
the photographs and cloths of the films that are pre-trained on, in HMDB51's place others. Whose
shots are for tests is decided by film, in three fixed splits.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.opening import DatasetChoice, open_dataset
from eruv.films.film_file import fingerprint
from eruv.films.films import render_films
from eruv.films.plan import FilmPlan, plan_films
from eruv.films.truth import DemoFilm
from eruv.library.ingest import ingest
from eruv.library.video_pass import EditingSettings
from eruv.reproduction.clip_files import cut_clips
from eruv.reproduction.outlines import SplitOutline
from eruv.training.device import available_cores
from eruv.utils.atomic import replace_text
from eruv.utils.console import Progress

SPLITS = (1, 2, 3)


@dataclass(frozen=True)
class FilmSet:
    """Films of one kind.

    Attributes:
        looks: `train` or `held_out`: which photographs and cloths they have.
        seed: another one gives other films.
        count: how many.
    """

    looks: str
    seed: int
    count: int

    def plans(self) -> list[FilmPlan]:
        """Their scripts."""
        return plan_films(self.seed, *self._counts)

    @property
    def made_of(self) -> dict[str, Any]:
        """A film's fingerprint is of its script and of the code that renders it."""
        return {"films": [fingerprint(plan) for plan in self.plans()]}

    @property
    def _counts(self) -> tuple[int, int]:
        """Films with looks of training, and with held-out ones."""
        return (self.count, 0) if self.looks == "train" else (0, self.count)

    def render(self, folder: Path) -> list[DemoFilm]:
        """Render what the folder does not hold yet."""
        train, held_out = self._counts
        with Progress("films", total=1.0) as progress:
            return render_films(
                folder,
                seed=self.seed,
                num_train=train,
                num_held_out=held_out,
                workers=available_cores(),
                on_frames=lambda done, total: progress.update(
                    done / max(1, total), f"{done:,}/{total:,} frames"
                ),
            )


@dataclass(frozen=True)
class BuiltInFilms:
    """Raw films to pre-train on, in THUMOS14's place."""

    films: FilmSet
    official: bool = False

    @property
    def title(self) -> str:
        return f"{self.films.count} built-in films, raw"

    @property
    def made_of(self) -> dict[str, Any]:
        return self.films.made_of

    def fill(
        self, folder: Path, library: Path, settings: EditingSettings | None
    ) -> tuple[str, ...]:
        made = self.films.render(folder / "films")
        paths = [folder / "films" / f"{film.name}.mp4" for film in made]
        ingest(paths, library, settings=settings)
        return ()


@dataclass(frozen=True)
class BuiltInClips:
    """The shots of films as clips with their actions, in UCF101's or HMDB51's place."""

    films: FilmSet
    splits: tuple[int, ...] = SPLITS
    official: bool = False

    @property
    def title(self) -> str:
        looks = "the looks that pre-training sees" if self.films.looks == "train" else "other looks"
        return f"shots of {self.films.count} other built-in films, {looks}"

    @property
    def made_of(self) -> dict[str, Any]:
        return self.films.made_of

    def expected(self, split: int) -> SplitOutline:
        plans = self.films.plans()
        test = sum(len(one.shots) for n, one in enumerate(plans) if tested_in(n) == split)
        train = sum(len(one.shots) for one in plans) - test
        actions = {shot.action for one in plans for shot in one.shots}
        return SplitOutline(train=train, test=test, classes=len(actions))

    def files(self, folder: Path, split: int) -> LabelledFiles:
        tables = [folder / f"split{number}.csv" for number in SPLITS]
        if not all(table.exists() for table in tables):
            self._make(folder, tables)
        return open_dataset(DatasetChoice(tables[split - 1], "csv"))

    def _make(self, folder: Path, tables: Sequence[Path]) -> None:
        films = self.films.render(folder / "films")
        rows: list[tuple[int, str, str]] = []  # film, path, action
        with Progress("clips", total=len(films)) as progress:
            for number, film in enumerate(films):
                for path, shot in cut_clips(folder / "films", film, folder / "clips"):
                    rows.append((number, str(path.relative_to(folder)), shot.action))
                progress.update(number + 1, f"{number + 1}/{len(films)} films")
        for split, table in zip(SPLITS, tables, strict=True):
            replace_text(table, _table(rows, split))


def tested_in(film: int) -> int:
    """The split in which the shots of a film are for tests."""
    return SPLITS[film % len(SPLITS)]


def _table(rows: Sequence[tuple[int, str, str]], split: int) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "label", "split"])
    for film, path, action in rows:
        writer.writerow([path, action, "test" if tested_in(film) == split else "train"])
    return text.getvalue()
