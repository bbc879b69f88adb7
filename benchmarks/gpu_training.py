"""Loaders, a pre-training and what its encoder is worth, on a GPU."""

import os
import shutil
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

import eruv
from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.pretext.task import TRAINING as STREAM
from eruv.training.feasibility import sample_source
from eruv.training.loader import Loader, TrainingBatches
from eruv.training.metrics import read_metrics
from eruv.training.pretrain import start_pretraining
from eruv.training.pretrain_config import PretrainConfig, recipe
from eruv.training.run_folder import RunFolder
from eruv.training.samples import SampleDataset, SampleSource
from eruv.utils.errors import Interrupted
from gpu_parts import Bench

READING_S = 5.0
CALIBRATION_STEPS = 80
USED = 0.85  # of the time that is left after calibrating; the rest starts up and validates
VALIDATIONS = 4
RUN = "run"
LEFT_BEHIND = shutil.ignore_patterns("resume", "tensorboard", "retrieval", "rows")


def config_of(bench: Bench) -> PretrainConfig:
    """The paper's C3D on the library as it was cut, with its test films held out."""
    config = recipe("paper_c3d")
    if bench.smoke:
        config = replace(
            config, width=1 / 16, size=ClipSize(crop=32), batch_size=2, loader_workers=1
        )
    config = PretrainConfig.from_dict(config.to_dict() | bench.changes)
    held_out = tuple(bench.contents["held_out"])
    validation = replace(config.validation, held_out_ids=held_out)
    if bench.smoke:
        validation = replace(validation, pairs_per_relation=1)
    return replace(config, detector=None, validation=validation)


def start(bench: Bench, name: str, config: PretrainConfig) -> tuple[RunFolder, SampleSource]:
    """A run that is begun but not trained, and its training samples for the device."""
    run = RunFolder(bench.folder / name)
    run.folder.mkdir(parents=True)
    start_pretraining(run, bench.library, config, device=bench.device)
    device = torch.device(bench.device)
    source = sample_source(run.training_data, bench.library, run.config, config.seed, device)
    return run, source


def loaders(bench: Bench) -> None:
    """Clips a second that so many worker processes bring to the device."""
    _, source = start(bench, "loaders", config_of(bench))
    cores = len(os.sched_getaffinity(0))
    counts = [1, 2] if bench.smoke else sorted({1, 8, 16, cores})
    ways = [(count, True) for count in counts] + [(counts[-1], False)]
    for workers, planes in ways:
        one = replace(source, planes=planes)
        rate = clips_a_second(bench, one, workers)
        bench.write(workers=workers, planes=planes, clips_per_s=rate, cores=cores)


def clips_a_second(bench: Bench, source: SampleSource, workers: int) -> float:
    """Of training pairs, once all workers have begun."""
    batch = 8
    loader = Loader(
        SampleDataset({STREAM: source}),
        TrainingBatches(batch, 0, 10**6),
        workers,
        device=torch.device(bench.device),
    )
    batches = iter(loader)
    for _ in range(2 * workers):
        next(batches)
    bench.synchronize()
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < (0.5 if bench.smoke else READING_S):
        clips, _ = next(batches)
        count += clips.shape[0] * clips.shape[1]
    bench.synchronize()
    return count / (time.perf_counter() - started)


def training(bench: Bench, minutes: float) -> None:
    """A pre-training of so many minutes in all, with the recipe and loaders that a user gets."""
    started = time.monotonic()
    config = config_of(bench)
    rate = calibrated(bench, config)
    seconds = max(30.0, 60 * minutes - (time.monotonic() - started))
    pairs = max(2 * config.batch_size, int(USED * seconds * rate))
    every = max(config.batch_size, pairs // VALIDATIONS)
    config = replace(config, pairs=pairs, validation=replace(config.validation, every_pairs=every))
    bench.write(calibrated_pairs_per_s=rate, pairs=pairs, config=config.to_dict())
    run = RunFolder(bench.folder / RUN)
    # As after Ctrl-C: the state is saved, and the best weights so far are there.
    alarm = threading.Timer(
        seconds * (20 if bench.smoke else 1), os.kill, (os.getpid(), signal.SIGTERM)
    )
    alarm.daemon = True
    alarm.start()
    started = time.monotonic()
    try:
        done = plain(eruv.pretrain(bench.library.folder, run.folder, config, device=bench.device))
    except Interrupted as error:
        done = {"interrupted": str(error)}
    alarm.cancel()
    lines = read_metrics(run.folder)
    bench.write(
        done=done,
        wall_s=time.monotonic() - started,
        peak_gb=torch.cuda.max_memory_allocated() / 1e9 if bench.device == "cuda" else None,
        course=downsampled([line for line in lines if line["kind"] == "train"]),
        validations=[line for line in lines if line["kind"] == "validation"],
    )


def calibrated(bench: Bench, config: PretrainConfig) -> float:
    """Pairs a second of the last steps of a short training, with a loader worker a core."""
    steps = 4 if bench.smoke else CALIBRATION_STEPS
    workers = 1 if bench.smoke else len(os.sched_getaffinity(0))
    short = replace(
        config,
        pairs=steps * config.batch_size,
        loader_workers=workers,
        validation=replace(config.validation, pairs_per_relation=1),
    )
    folder = bench.folder / "calibration"
    eruv.pretrain(bench.library.folder, folder, short, device=bench.device)
    lines = [line for line in read_metrics(folder) if line["kind"] == "train"]
    return float(lines[-1]["pairs_per_s"])


def downsampled(lines: list[dict[str, Any]], most: int = 200) -> list[dict[str, Any]]:
    """At most so many of them, the last one always."""
    step = max(1, -(-len(lines) // most))
    return lines[::-1][::step][::-1]


def measured_relations(bench: Bench) -> None:
    """Accuracy of the relations on pairs of held-out films."""
    found = eruv.relations(
        copy_of_run(bench, "relations"),
        library=bench.library.folder,
        pairs_per_relation=2 if bench.smoke else 100,
        device=bench.device,
    )
    bench.write(**plain(found))


def measured_probe(bench: Bench, name: str) -> None:
    """A linear probe and nearest neighbours on labelled clips, beside an untrained encoder."""
    from eruv.evaluation.probe import probe

    started = time.monotonic()
    folder = copy_of_run(bench, f"probe {name}")
    found = probe(folder, labelled(bench, name), device=bench.device)
    bench.write(set=name, seconds=time.monotonic() - started, **plain(found))


def measured_retrieval(bench: Bench, name: str) -> None:
    """Recall of the classes of test clips among training clips, likewise."""
    from eruv.training.untrained import untrained_like

    data = labelled(bench, name)
    folder = copy_of_run(bench, f"retrieval {name}")
    baseline = bench.folder / f"untrained {name}"
    untrained_like(eruv.load(folder), data, seed=0).save_pretrained(baseline)
    for encoder, one in (("trained", folder), ("untrained", baseline)):
        started = time.monotonic()
        found = plain(eruv.retrieve(data, one, device=bench.device))
        kept = {key: found[key] for key in ("recall", "chance", "queries", "gallery")}
        seconds = time.monotonic() - started
        bench.write(set=name, encoder=encoder, seconds=seconds, **kept)


def labelled(bench: Bench, name: str) -> LabelledVideos:
    """A labelled set of the library, by its name."""
    one = next(one for one in bench.contents["labelled"] if one["name"] == name)
    rows = {part: one[part][:: 7 if bench.smoke else 1] for part in ("train", "test")}
    ids = sorted({video for part in rows.values() for video, *_ in part})
    numbers = {video: number for number, video in enumerate(ids)}
    videos = {
        part: tuple(
            LabelledVideo(numbers[video], start, end, label)
            for video, start, end, label in rows[part]
        )
        for part in rows
    }
    return LabelledVideos(
        name=name,
        library=bench.library,
        video_ids=tuple(ids),
        classes=tuple(one["classes"]),
        train=videos["train"],
        test=videos["test"],
    )


def copy_of_run(bench: Bench, name: str) -> Path:
    """The trained run in a folder of its own, since parts beside each other write into it."""
    folder = bench.folder / name
    return Path(shutil.copytree(bench.folder / RUN, folder, ignore=LEFT_BEHIND))


def plain(result: Any) -> dict[str, Any]:
    """A result as plain values, whatever it is made of."""
    values: dict[str, Any] = result.to_dict() if hasattr(result, "to_dict") else dict(result)
    return values
