"""Labelled videos whose classes a tiny network tells apart within a few steps: by brightness."""

from pathlib import Path
from typing import Any

import numpy as np

from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.training.base_config import OptimizerSettings
from eruv.training.finetune import train_classifier as train_in_place
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.run_folder import RunFolder
from films_for_tests import encode, pattern, yuv_frame

# Lowest and highest luma of a class; not in the order of the alphabet, nor of the classes.
LEVELS = {"dark": (20, 70), "bright": (180, 230), "middle": (100, 150)}
CLASSES = tuple(LEVELS)
TRAIN_EACH, TEST_EACH = 5, 2
FRAMES, SHORT = 30, 9  # the first film of each class has under 16 frames

TINY_FINETUNE = FinetuneConfig(
    backbone="r3d",
    width=0.05,
    size=ClipSize(32, 43, 32),
    input="rgb",
    batch_size=4,
    steps=8,
    held_out=3,
    validate_steps=4,
    batch_norm_batches=1,
    optimizer=OptimizerSettings(learning_rate=0.01),
    threads=1,
    loader_workers=0,
)


def labelled_library(folder: Path) -> LabelledVideos:
    """Films of three classes, ingested; each film is a data set video."""
    (folder / "films").mkdir()
    for number, (label, (low, high)) in enumerate(LEVELS.items()):
        for film in range(TRAIN_EACH + TEST_EACH):
            still = pattern(100 * number + film, 72, 96, low, high)
            count = SHORT if film in (0, TRAIN_EACH) else FRAMES
            frames = [yuv_frame(np.roll(still, step, axis=1)) for step in range(count)]
            encode(folder / "films" / f"{label}-{film}.mp4", frames)
    ingest([folder / "films"], folder / "library", workers=1)
    return opened(folder / "library")


def opened(library_folder: Path) -> LabelledVideos:
    """The labelled videos of such a library; the names of the films tell class and split."""
    library = Library(library_folder)
    rows = {row["video_id"]: row["num_frames"] for row in library.videos()}
    paths = library.paths()
    train, test = [], []
    for number, video_id in sorted(enumerate(rows), key=lambda one: paths[one[1]][0]):
        label, _, film = paths[video_id][0].stem.partition("-")
        part = train if int(film) < TRAIN_EACH else test
        part.append(LabelledVideo(number, 0, rows[video_id], label))
    return LabelledVideos("films", library, tuple(rows), CLASSES, tuple(train), tuple(test))


def train_classifier(
    data: LabelledVideos, to: Path, config: FinetuneConfig = TINY_FINETUNE, **more: Any
) -> RunFolder:
    """Train in this process."""
    train_in_place(data, to, config, device="cpu", **more)
    return RunFolder(to)
