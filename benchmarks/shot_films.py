"""Films with known truth, composed of real clips."""

import argparse
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from shot_cameras import SPLITS, Split
from shot_families import FAMILIES, WITHOUT_CUTS, Director
from shot_mixing import Picture
from shot_real_families import REAL_FAMILIES, REAL_RATES
from shot_reel import Reel
from shot_sources import PictureStore, Source, find_sources
from shot_training_families import TRAINING_FAMILIES

COMPOSER_VERSION = 2
SOFT_FRAMES = 4
WIDTHS = {240: 428, 720: 1280}
RATES = (12, 25, 30, 60)
ALL_FAMILIES = {**FAMILIES, **TRAINING_FAMILIES, **REAL_FAMILIES}
FRAMES = {12: 500, 25: 600, 30: 600, 50: 900, 60: 900, 120: 1800, 240: 2400}


@dataclass(frozen=True)
class FilmSpec:
    """What decides a film.

    Attributes:
        seed: of the benchmark.
        split: whose sources it shows.
        family: of `FAMILIES` or, for training, of `TRAINING_FAMILIES`.
        height: of `WIDTHS`.
        fps: frames a second.
        index: counts films of the same kind.
    """

    seed: int
    split: Split
    family: str
    height: int
    fps: int
    index: int = 0

    def __post_init__(self) -> None:
        for name, allowed in (
            ("split", SPLITS),
            ("family", tuple(ALL_FAMILIES)),
            ("height", tuple(WIDTHS)),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {allowed}; got {getattr(self, name)!r}")
        if self.fps < 1 or self.index < 0 or self.seed < 0:
            raise ValueError(f"fps is positive, seed and index are not negative; got {self}")

    @property
    def name(self) -> str:
        """Of the file."""
        return (
            f"{self.split}-{self.family}-{self.height}p-{self.fps}fps-{self.index}-s{self.seed}.mp4"
        )

    @property
    def num_frames(self) -> int:
        """About how long the film is."""
        frames = FRAMES.get(self.fps, 20 * self.fps)
        if self.family in (*WITHOUT_CUTS, "strobes"):
            return frames // 2
        return frames if self.height == 240 else frames * 2 // 3

    def generator(self, stream: int) -> np.random.Generator:
        """Random numbers of this film alone."""
        texts = [zlib.crc32(text.encode()) for text in (self.split, self.family)]
        return np.random.default_rng([self.seed, *texts, self.height, self.fps, self.index, stream])


@dataclass(frozen=True)
class Film:
    """A film and its truth.

    Attributes:
        spec: what it was made from.
        num_frames: of the file.
        cuts: first frames of new shots behind hard cuts.
        graduals: half-open ranges of frames that belong to neither shot.
        crf, gop, b_frames: of the encode.
        kinds: of the gradual ones, in order; blended frames up to `SOFT_FRAMES` are a soft cut.
    """

    spec: FilmSpec
    num_frames: int
    cuts: tuple[int, ...]
    graduals: tuple[tuple[int, int], ...]
    crf: int
    gop: int
    b_frames: int
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        edges = sorted([(cut, cut) for cut in self.cuts] + list(self.graduals))
        ends = [0, *(end for _, end in edges)]
        starts = [*(start for start, _ in edges), self.num_frames]
        if any(end >= start for end, start in zip(ends, starts, strict=True)):
            raise ValueError(f"between transitions lies at least one frame of a shot; got {self}")

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Film":
        """The film that `dataclasses.asdict` turned into a dictionary."""
        graduals = tuple((start, end) for start, end in stored["graduals"])
        spec = FilmSpec(**stored["spec"])
        made = {"spec": spec, "cuts": tuple(stored["cuts"]), "graduals": graduals}
        return cls(**{**stored, **made, "kinds": tuple(stored["kinds"])})


def _crf_of(family: str) -> tuple[int, int]:
    """The half-open range that the quality of a film is drawn from."""
    if family == "compressed":
        return 34, 49
    return (18, 43) if family in REAL_FAMILIES else (23, 29)


def _plan(spec: FilmSpec, sources: Sequence[Source], store: PictureStore) -> tuple[Film, Reel]:
    director = Director(
        spec.generator(0),
        sources,
        store,
        spec.height,
        WIDTHS[spec.height],
        spec.fps,
        spec.num_frames,
    )
    reel = ALL_FAMILIES[spec.family](director)
    rng = spec.generator(1)
    film = Film(
        spec=spec,
        num_frames=reel.num_frames,
        cuts=tuple(reel.cuts),
        graduals=tuple(reel.graduals),
        crf=int(rng.integers(*_crf_of(spec.family))),
        gop=int(rng.choice([48, 120, 250])),
        b_frames=int(rng.integers(1, 4)),
        kinds=tuple(
            "soft cut" if kind == "dissolve" and end - start <= SOFT_FRAMES else kind
            for kind, (start, end) in zip(reel.kinds, reel.graduals, strict=True)
        ),
    )
    return film, reel


def compose_frames(
    spec: FilmSpec, sources: Sequence[Source], store: PictureStore
) -> tuple[Film, Iterator[Picture]]:
    """A film without its encode.

    Returns:
        The film, and its pictures as planes of yuv420p, (height * 3 / 2, width) uint8.
    """
    film, reel = _plan(spec, sources, store)
    return film, reel.pictures()


def write_film(path: Path, film: Film, pictures: Iterable[NDArray[np.uint8]]) -> None:
    """Encode pictures with x264; the file appears whole or not at all."""
    part = path.with_suffix(".part")
    options = {
        "crf": str(film.crf),
        "preset": "veryfast",
        # As the project's own films: equal input gives equal files.
        "x264-params": f"mbtree=0:threads=1:keyint={film.gop}:bframes={film.b_frames}",
    }
    with av.open(str(part), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=film.spec.fps, options=options)
        stream.width, stream.height = WIDTHS[film.spec.height], film.spec.height
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, film.spec.fps)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    os.replace(part, path)


def reporting_specs(seed: int = 0, small: bool = False) -> list[FilmSpec]:
    """The films that are reported: per family one a rate at 240p, and two at 720p."""
    specs = []
    for number, family in enumerate(FAMILIES):
        rates = (RATES[number % 4],) if small else RATES
        for index in range(2 if family in WITHOUT_CUTS and not small else 1):
            specs += [FilmSpec(seed, "reporting", family, 240, fps, index) for fps in rates]
        if not small:
            pair = (12, 30) if number % 2 else (25, 60)
            specs += [FilmSpec(seed, "reporting", family, 720, fps) for fps in pair]
    return specs


def tuning_specs(seed: int = 0, indices: int = 1, training: bool = False) -> list[FilmSpec]:
    """The films that detectors are tuned on: per family and index one a rate, at 240p.

    With `training`, those of the training families as well.
    """
    families = [*FAMILIES, *TRAINING_FAMILIES] if training else list(FAMILIES)
    return [
        FilmSpec(seed, "tuning", family, 240, fps, index)
        for index in range(indices)
        for family in families
        for fps in RATES
    ]


def real_specs(split: Split, seed: int = 0, indices: int = 1) -> list[FilmSpec]:
    """Films after what people's files hold, at 240p: per family and index one a rate."""
    return [
        FilmSpec(seed, split, family, 240, fps, index)
        for index in range(indices)
        for family in REAL_FAMILIES
        for fps in REAL_RATES[family]
    ]


def compose(folder: Path, videos: Path, specs: Sequence[FilmSpec]) -> dict[Path, Film]:
    """Write films and their truth; those that exist are left alone.

    Args:
        folder: where the files and `truth.json` go.
        videos: folder with the source clips.
        specs: of one split or of several.

    Returns:
        Every film by its path, in the order of the specs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truth = read_truth(folder)
    store = PictureStore()
    for spec in specs:
        path = folder / spec.name
        if not (path.is_file() and spec.name in truth):
            film, pictures = compose_frames(spec, find_sources(videos, spec.split), store)
            write_film(path, film, pictures)
            truth[spec.name] = film
            _write_truth(folder, truth)
    return {folder / spec.name: truth[spec.name] for spec in specs}


def read_truth(folder: Path) -> dict[str, Film]:
    """What `truth.json` of a folder says, by file name; nothing where another version wrote it."""
    path = folder / "truth.json"
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text())
    if stored["composer"] != COMPOSER_VERSION:
        return {}
    return {name: Film.from_dict(film) for name, film in stored["films"].items()}


def _write_truth(folder: Path, truth: dict[str, Film]) -> None:
    stored = {"composer": COMPOSER_VERSION, "films": {n: asdict(f) for n, f in truth.items()}}
    part = folder / "truth.json.part"
    part.write_text(json.dumps(stored, indent=1))
    os.replace(part, folder / "truth.json")


def main(arguments: Sequence[str] | None = None) -> None:
    """Compose films into a folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="folder with source clips")
    parser.add_argument("--to", type=Path, required=True, help="folder for the films")
    parser.add_argument("--split", choices=SPLITS, default="tuning")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--indices", type=int, default=1, help="tuning films of each kind")
    parser.add_argument("--training", action="store_true", help="with the training families")
    parser.add_argument("--small", action="store_true", help="few reporting films")
    parser.add_argument("--real", action="store_true", help="the families of people's files alone")
    given = parser.parse_args(arguments)
    if given.real:
        specs = real_specs(given.split, given.seed, given.indices)
    elif given.split == "tuning":
        specs = tuning_specs(given.seed, given.indices, given.training)
    else:
        specs = reporting_specs(given.seed, given.small)
    films = compose(given.to, given.videos, specs)
    print(f"{len(films)} films, {sum(film.num_frames for film in films.values())} frames")


if __name__ == "__main__":
    main()
