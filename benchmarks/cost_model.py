"""What a library of so many hours takes: measured constants, scaled, and a writer simulated."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from catalogue_scale import SEGMENTS, VIDEOS
from eruv.library.compaction import COMMITS, SHARE
from eruv.library.ingest import COMMIT_INTERVAL_S, COMMIT_VIDEOS
from pages import DOCS

# A compaction rewrites no file of a table that has so many rows.
ROWS_OF_FILE = 1_048_576
FRAMES_PER_SECOND = 25


@dataclass(frozen=True)
class Assumptions:
    """What nobody measured here: the footage, the machines and what they cost.

    Attributes:
        minutes_per_video, segments_per_hour: those of THUMOS14's validation videos (1,010 videos,
            6,826,514 frames, 31,498 segments, at 25 frames a second).
        height: of the footage, 240 or 720.
        every_s: seconds between the windows that are embedded.
        features: numbers of a vector.
        epochs: clips of each segment that a training sees as the first of a pair.
        cores: that ingest; those that feed a GPU come with it.
        memory_gb: of the machine that holds the catalogue.
        core_hour, gpu_hour: dollars, of a core alone and of a GPU with its machine.
        storage_gb_month, egress_gb, put_1000, get_1000: dollars, of object storage.
    """

    minutes_per_video: float = 4.5
    segments_per_hour: float = 415.0
    height: int = 720
    every_s: float = 1.0
    features: int = 512
    epochs: float = 1.0
    cores: int = 64
    memory_gb: float = 64.0
    core_hour: float = 0.04
    gpu_hour: float = 4.0
    storage_gb_month: float = 0.023
    egress_gb: float = 0.0
    put_1000: float = 0.005
    get_1000: float = 0.0004


@dataclass(frozen=True)
class Measured:
    """Constants of this project's own pages, whose names `measured` has.

    Attributes:
        ingest_rate: frames a second of one core.
        source_mb_per_hour, proxy_mb_per_hour: of the same films.
        commits: rows of `commits.md`.
        peaks: bytes of memory of the operations of `catalogue_scale.md`.
        catalogue_bytes: on disk, there.
        sampler_bytes_per_segment: mapped once a machine.
        pairs_per_s: of a GPU, C3D of full width, compiled, 32 pairs.
        loader_clips_per_s: of the cores of that machine.
        builds: rows of `index_build.md`.
    """

    ingest_rate: float
    source_mb_per_hour: float
    proxy_mb_per_hour: float
    commits: Sequence[Mapping[str, float]]
    peaks: Mapping[str, float]
    catalogue_bytes: float
    sampler_bytes_per_segment: float
    pairs_per_s: float
    loader_clips_per_s: float
    builds: Sequence[Mapping[str, float]]


def _results(name: str) -> Any:
    return json.loads((DOCS / f"{name}.json").read_text())["results"]


def measured(height: int) -> Measured:
    """The constants, from the pages as committed."""
    ingest, gpu = _results("ingest_rate")[f"{height}p"], _results("gpu")
    scale = _results("catalogue_scale")
    catalogue_bytes = scale.pop("bytes")
    (compiled,) = [
        one["steps_per_s"]
        for one in gpu["steps"]
        if (one["backbone"], one["way"], one.get("batch"))
        == ("c3d", "channels last, bf16, compiled", 32)
    ]
    (loaders,) = [one for one in gpu["loaders"] if one["workers"] == 16 and one["planes"]]
    (sampling,) = [one for one in _results("sampling") if one["name"] == "generated"]
    return Measured(
        ingest_rate=ingest["frames_per_s"],
        source_mb_per_hour=ingest["source_bytes"] / ingest["hours"] / 1e6,
        proxy_mb_per_hour=ingest["proxy_bytes"] / ingest["hours"] / 1e6,
        commits=_results("commits"),
        peaks={name: one["peak_bytes"] for name, one in scale.items()},
        catalogue_bytes=catalogue_bytes,
        sampler_bytes_per_segment=sampling["mapped_bytes_per_segment"],
        pairs_per_s=32 * float(np.median(compiled)),
        loader_clips_per_s=loaders["clips_per_s"],
        builds=_results("index_build"),
    )


@dataclass(frozen=True)
class Writer:
    """What the one process that writes the catalogue did in an ingest.

    Attributes:
        seconds: of the whole ingest.
        busy_s: of them at work, `compaction_s` of them merging.
    """

    commits: int
    compactions: int
    seconds: float
    busy_s: float
    compaction_s: float


def simulate_writer(videos: int, rate: float, commits: Sequence[Mapping[str, float]]) -> Writer:
    """An ingest, commit by commit, into a catalogue that grows.

    Args:
        videos: in all.
        rate: videos a second that come from the workers.
        commits: measured seconds of a commit and a compaction in catalogues of several sizes.
    """
    sizes = [one["videos"] for one in commits]
    commit_s, compaction_s = ([one[key] for one in commits] for key in ("commit_s", "compaction_s"))
    written = total = since = compactions = 0
    now = busy = merging = earliest = 0.0
    while written < videos:
        # The next commit: 64 videos are there, or 2 s have passed and one is, or all are.
        full, late = (written + COMMIT_VIDEOS) / rate, now + COMMIT_INTERVAL_S
        due = max(now, min(full, max(late, (written + 1) / rate), videos / rate))
        written = max(written + 1, min(videos, int(due * rate)))  # workers never wait
        spent = float(np.interp(written, sizes, commit_s))
        now, busy, total, since = due + spent, busy + spent, total + 1, since + 1
        if since >= COMMITS and now >= earliest:
            spent = float(np.interp(written % ROWS_OF_FILE, sizes, compaction_s))
            now, busy, merging = now + spent, busy + spent, merging + spent
            earliest, since, compactions = now + spent * (1 / SHARE - 1), 0, compactions + 1
    return Writer(total, compactions, now, busy, merging)


@dataclass(frozen=True)
class Demand:
    """What so many hours of footage take."""

    hours: float
    videos: int
    segments: float
    windows: float
    ingest_core_hours: float
    writer: Writer
    source_tb: float
    proxy_tb: float
    catalogue_gb: float
    vectors_gb: float
    sampler_gb: float
    pairs: float
    training_gpu_hours: float
    embed_gpu_hours: float


def demand(hours: float, given: Assumptions, constants: Measured) -> Demand:
    """Scale the constants to so many hours."""
    videos = ceil(hours * 60 / given.minutes_per_video)
    segments, windows = hours * given.segments_per_hour, hours * 3600 / given.every_s
    core_hours = hours * FRAMES_PER_SECOND / constants.ingest_rate
    rate = videos / (core_hours / given.cores * 3600)
    catalogues = max(videos / VIDEOS, segments / SEGMENTS)
    pairs = segments * given.epochs
    # The network or the loaders, whichever is slower; a forward pass is a third of a step.
    pair_rate = min(constants.pairs_per_s, constants.loader_clips_per_s / 2)
    window_rate = min(constants.pairs_per_s * 2 * 3, constants.loader_clips_per_s)
    return Demand(
        hours=hours,
        videos=videos,
        segments=segments,
        windows=windows,
        ingest_core_hours=core_hours,
        writer=simulate_writer(videos, rate, constants.commits),
        source_tb=hours * constants.source_mb_per_hour / 1e6,
        proxy_tb=hours * constants.proxy_mb_per_hour / 1e6,
        catalogue_gb=catalogues * constants.catalogue_bytes / 1e9,
        vectors_gb=windows * bytes_per_window(given.features) / 1e9,
        sampler_gb=segments * constants.sampler_bytes_per_segment / 1e9,
        pairs=pairs,
        training_gpu_hours=pairs / pair_rate / 3600,
        embed_gpu_hours=windows / window_rate / 3600,
    )


def bytes_per_window(features: int) -> float:
    """Vector and look as float32, a byte a number in the index, and places."""
    from eruv.moments.looks import LENGTH

    return 5 * (features + LENGTH) + 64


def dollars(found: Demand, given: Assumptions) -> dict[str, float]:
    """What each part costs, with the prices that were given."""
    stored_gb = 1000 * found.proxy_tb + found.catalogue_gb + found.vectors_gb
    read_gb = 1000 * (found.source_tb + found.proxy_tb * (1 + given.epochs))
    return {
        "ingest": found.ingest_core_hours * given.core_hour,
        "training": found.training_gpu_hours * given.gpu_hour,
        "embedding": found.embed_gpu_hours * given.gpu_hour,
        "storage, a month": stored_gb * given.storage_gb_month,
        "egress": read_gb * given.egress_gb,
        "requests": found.videos * given.put_1000 / 1000
        + (found.source_tb * 1e6 / 2 + found.videos) * given.get_1000 / 1000,
    }
