"""Which labelled videos are trained on and which are held out (fact 3)."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.utils.errors import EruvError

# Streams of random numbers of their own; those from 0 to 4 are of pre-training.
_HELD_OUT, _FEW_LABELS = 5, 6

Videos = tuple[LabelledVideo, ...]


class Divided(NamedTuple):
    """The training list of a data set: what is trained on, and what is held out of it."""

    training: Videos
    held_out: Videos


def divide(
    data: LabelledVideos, labels_per_class: int | None, held_out: float, seed: int
) -> Divided:
    """What is trained on and what is held out.

    Args:
        data: whose training list is divided.
        labels_per_class: videos of each class to take in all; None takes all there are.
        held_out: see `hold_out_labelled`.
        seed: of the draws.

    Raises:
        EruvError: if there is nothing to train on, or nothing can be held out.
    """
    if not data.train:
        raise EruvError(f"{data.name} has no training videos. Check its split.")
    if len(data.classes) < 2:
        raise EruvError(
            f"{data.name} has {len(data.classes)} class; recognition needs at least two."
        )
    videos: Sequence[LabelledVideo] = data.train
    if labels_per_class is not None:
        videos = few_labels(videos, labels_per_class, seed)
    return hold_out_labelled(videos, held_out, seed)


def few_labels(videos: Sequence[LabelledVideo], per_class: int, seed: int) -> Videos:
    """So many videos of each class, or all where there are fewer, in their order.

    A smaller number takes a part of what a larger one takes.
    """
    chosen: set[int] = set()
    for number, label in enumerate(sorted({video.label for video in videos})):
        of_class = [place for place, video in enumerate(videos) if video.label == label]
        generator = np.random.default_rng([seed, _FEW_LABELS, number])
        chosen.update(generator.permutation(of_class)[:per_class].tolist())
    return tuple(videos[place] for place in sorted(chosen))


def hold_out_labelled(videos: Sequence[LabelledVideo], held_out: float, seed: int) -> Divided:
    """Divide the training list into what is trained on and what is held out.

    Every class has its share of what is held out, to less than one video; a class keeps at least
    one video for training. Spans of one file stay together, which takes precedence.

    Args:
        videos: V of them.
        held_out: below 1 a share, else a number of videos.
        seed: of the draw.

    Returns:
        Those for training, and those held out, each in the order of the list.

    Raises:
        EruvError: if nothing can be held out, or nothing would remain.
    """
    count = round(held_out * len(videos)) if held_out < 1 else int(held_out)
    if held_out == 0:
        return Divided(tuple(videos), ())
    if count >= len(videos):
        raise EruvError(
            f"held_out is {held_out}, and the training list has {len(videos)} videos: hold out "
            f"fewer of them."
        )
    chosen = _draw_files(videos, max(1, count), np.random.default_rng([seed, _HELD_OUT]))
    if not chosen:
        raise EruvError(
            f"of {len(videos)} training videos in {len({video.video for video in videos})} files "
            f"none can be held out for validation, since every class has to keep one. Add videos, "
            f"or set held_out to 0: the last weights are kept then."
        )
    return Divided(
        tuple(video for video in videos if video.video not in chosen),
        tuple(video for video in videos if video.video in chosen),
    )


def _draw_files(
    videos: Sequence[LabelledVideo], count: int, generator: np.random.Generator
) -> set[int]:
    """Files to hold out: always one for the class that lacks most, the one that fits best."""
    remaining = Counter(video.label for video in videos)
    lacking = _quotas(remaining, count, generator)
    files: dict[int, Counter[str]] = {}
    for video in videos:
        files.setdefault(video.video, Counter())[video.label] += 1
    order = generator.permutation(list(files)).tolist()
    of_class = {name: [file for file in order if name in files[file]] for name in remaining}
    chosen: set[int] = set()
    while any(lacking.values()):
        label = max(sorted(lacking), key=lambda name: lacking[name])
        # What a file would take beyond the quotas; of equal ones the first drawn.
        beyond = [
            (sum(max(0, n - lacking[name]) for name, n in files[file].items()), place)
            for place, file in enumerate(of_class[label])
            if file not in chosen and all(remaining[name] > n for name, n in files[file].items())
        ]
        if not beyond:
            lacking[label] = 0
            continue
        file = of_class[label][min(beyond)[1]]
        chosen.add(file)
        remaining -= files[file]
        lacking = {name: max(0, n - files[file][name]) for name, n in lacking.items()}
    return chosen


def _quotas(totals: Counter[str], count: int, generator: np.random.Generator) -> dict[str, int]:
    """`count` divided among classes by their sizes; what is left over goes to the largest rests."""
    names = sorted(totals)
    exact: NDArray[np.float64] = np.array([totals[name] for name in names]) * count
    exact = exact / totals.total()
    quotas = np.floor(exact).astype(int)
    lots = generator.permutation(len(names))  # among equal rests
    largest = np.lexsort((lots, quotas - exact))
    quotas[largest[: count - quotas.sum()]] += 1
    return dict(zip(names, quotas.tolist(), strict=True))
