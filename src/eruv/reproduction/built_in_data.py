"""Built-in films in the places of THUMOS14, UCF101 and HMDB51.

Pre-training sees raw films; labelled clips are shots of other films. Those in UCF101's place have
the photographs and textures of the films for pre-training, those in HMDB51's place others. Three
fixed splits decide by film which shots are for tests.
"""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.opening import open_dataset
from eruv.films.films import render_films
from eruv.films.plan import FilmPlan, plan_films
from eruv.films.render import fingerprint
from eruv.films.truth import DemoFilm, DemoShot
from eruv.library.ingest import ingest
from eruv.library.video_pass import EditingSettings
from eruv.reproduction.sources import LIBRARY, LabelledSource, SplitInfo, UnlabelledSource
from eruv.training.device import available_cores
from eruv.utils.atomic import replace_text
from eruv.utils.console import with_progress

SPLITS = (1, 2, 3)
# One thread and no macroblock tree: equal input gives equal bytes.
ENCODING = {"preset": "veryfast", "crf": "18", "x264-params": "mbtree=0"}


@dataclass(frozen=True)
class FilmSet:
    """Films of one kind.

    Attributes:
        looks: `train` or `held_out`: which photographs and textures they have.
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
    def identity(self) -> dict[str, Any]:
        """Fingerprints of the scripts and of the code that renders them."""
        return {"films": [fingerprint(plan) for plan in self.plans()]}

    @property
    def _counts(self) -> tuple[int, int]:
        """Films with looks of training, and with held-out ones."""
        return (self.count, 0) if self.looks == "train" else (0, self.count)

    def render(self, folder: Path) -> list[DemoFilm]:
        """Render the films that the folder lacks."""
        train, held_out = self._counts
        return render_films(
            folder,
            seed=self.seed,
            num_train=train,
            num_held_out=held_out,
            workers=available_cores(),
        )


@dataclass(frozen=True)
class BuiltInFilms(UnlabelledSource):
    """Raw films to pre-train on, in THUMOS14's place."""

    films: FilmSet

    @property
    def title(self) -> str:
        return f"{self.films.count} built-in films, raw"

    @property
    def identity(self) -> dict[str, Any]:
        return self.films.identity

    def fill(self, folder: Path, settings: EditingSettings | None) -> tuple[str, ...]:
        films = self.films.render(folder / "films")
        paths = [_file_of(film, folder) for film in films]
        ingest(paths, folder / LIBRARY, settings=settings)
        return ()


@dataclass(frozen=True)
class BuiltInClips(LabelledSource):
    """The shots of films as clips with their actions, in UCF101's or HMDB51's place."""

    films: FilmSet

    @property
    def title(self) -> str:
        looks = "the looks that pre-training sees" if self.films.looks == "train" else "other looks"
        return f"shots of {self.films.count} other built-in films, {looks}"

    @property
    def identity(self) -> dict[str, Any]:
        return self.films.identity

    @property
    def splits(self) -> tuple[int, ...]:
        return SPLITS

    def expected(self, split: int) -> SplitInfo:
        plans = self.films.plans()
        test = sum(len(one.shots) for n, one in enumerate(plans) if held_out_split(n) == split)
        train = sum(len(one.shots) for one in plans) - test
        actions = {shot.action for one in plans for shot in one.shots}
        return SplitInfo(train=train, test=test, classes=len(actions))

    def files(self, folder: Path, split: int) -> LabelledFiles:
        tables = [folder / f"split{number}.csv" for number in SPLITS]
        if not all(table.exists() for table in tables):
            self._make(folder, tables)
        return open_dataset(tables[split - 1], "csv")

    def _make(self, folder: Path, tables: Sequence[Path]) -> None:
        films = self.films.render(folder / "films")
        rows: list[tuple[int, str, str]] = []  # film, path, action
        for number, film in enumerate(with_progress(films, "clips", len(films), "films")):
            for path, shot in cut_clips(film, folder):
                rows.append((number, str(path.relative_to(folder)), shot.action))
        for split, table in zip(SPLITS, tables, strict=True):
            replace_text(table, _csv_table(rows, split))


def held_out_split(film: int) -> int:
    """The split in which the shots of a film, by its number, are for tests."""
    return SPLITS[film % len(SPLITS)]


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
    """Encode frames; the file appears only when it is complete."""
    partial = path.with_name(f"{path.name}.part")
    with av.open(str(partial), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        stream.options = dict(ENCODING)
        stream.thread_count = 1
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, 1 / stream.codec_context.framerate
            frame.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    os.replace(partial, path)


def _csv_table(rows: Sequence[tuple[int, str, str]], split: int) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "label", "split"])
    for film, path, action in rows:
        writer.writerow([path, action, "test" if held_out_split(film) == split else "train"])
    return text.getvalue()
