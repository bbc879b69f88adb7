"""Train what tells kinds of gradual transitions apart, on tuning films.

    python benchmarks/shot_films.py --videos DIR --to FILMS --split tuning
    python benchmarks/shot_films.py --videos DIR --to REAL_FILMS --split tuning --real
    python benchmarks/train_kinds.py REAL_FILMS FILMS --to src/eruv/detection/detectors/kinds.npz

The detector finds the ranges; each that overlaps a true one has its kind, the others are left out.
A range is seen upside down, mirrored, backwards and a picture shorter as well: kinds stay the same.
Every fifth film is held out first, for a look at how well kinds of films not learned from are told.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from eruv.detection.detectors.base import GRADUAL_KINDS
from eruv.detection.detectors.kind_features import BYTES, COLOUR, COLUMNS, LUMA, ROWS, kind_features
from eruv.detection.detectors.learned import Learned, LearnedSettings
from eruv.detection.detectors.transition_kinds import KindPictures, kind_shares
from eruv.media.orientation import UPRIGHT
from eruv.media.sampling import Sampler
from eruv.media.video import VideoSource
from shot_films import Film, read_truth

HIDDEN, STEPS, RATE, DECAY = 16, 1200, 1e-2, 3e-3
HELD_OUT = 5  # one film of so many
SMOOTHING = 0.03  # of labels
NOISE = 0.15  # of features, in their standard deviations

Thumbnails = NDArray[np.uint8]
Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Example:
    """A range that was found: its pictures (N, 1152), how many frames it takes, its kind."""

    thumbnails: Thumbnails
    frames: int
    kind: int


class KeptThumbnails(KindPictures):
    """Keeps the thumbnails of all ranges whose features are computed."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[Thumbnails, int]] = []

    def features(self, start: int, end: int, frames: int) -> Rows | None:
        """As before."""
        thumbnails = self.around(start, end)
        assert thumbnails is not None
        self.kept.append((thumbnails, frames))
        return super().features(start, end, frames)


def examples_of(path: Path, film: Film) -> list[Example]:
    """The gradual transitions of a film that are found, with their true kinds."""
    detector = Learned(LearnedSettings())
    kept = KeptThumbnails()
    detector.source.kind_pictures = kept
    sampler = Sampler(detector.picture.height, detector.picture.width)
    with VideoSource(path, 1) as source:
        for frame in source.frames():
            detector.add(sampler.planes(frame.picture, UPRIGHT), frame.time_s)
    detector.close_all()
    found = []
    for (start, end, *_), (thumbnails, frames) in zip(detector.ranges, kept.kept, strict=True):
        first, last = detector.source.pictures.frames_of(start, end)
        shares = [max(0, min(b, last) - max(a, first)) for a, b in film.graduals]
        if shares and max(shares) * 2 > last - first and len(thumbnails) >= 3:
            kind = GRADUAL_KINDS.index(film.kinds[int(np.argmax(shares))])
            found.append(Example(thumbnails, frames, kind))
    return found


def varied(one: Example) -> list[Rows]:
    """Features as it is; mirrored, turned over and backwards; and with other edges."""
    views = [one.thumbnails]
    views += [flipped(one.thumbnails, axis) for axis in (1, 2)]
    views += [view[::-1] for view in views]
    if len(one.thumbnails) > 5:
        views += [one.thumbnails[1:], one.thumbnails[:-1], one.thumbnails[1:-1]]
    return [kind_features(np.ascontiguousarray(view), one.frames) for view in views]


def flipped(thumbnails: Thumbnails, axis: int) -> Thumbnails:
    """Mirrored at a line: axis 1 turns over, 2 is a mirror."""
    turned = np.empty_like(thumbnails)
    for start, rows, columns in (
        (0, ROWS, COLUMNS),
        (LUMA, ROWS // 2, COLUMNS // 2),
        (LUMA + COLOUR, ROWS // 2, COLUMNS // 2),
    ):
        part = slice(start, start + rows * columns)
        plane = thumbnails[:, part].reshape(-1, rows, columns)
        turned[:, part] = np.flip(plane, axis).reshape(len(thumbnails), -1)
    assert turned.shape[1] == BYTES
    return turned


def train(features: Rows, kinds: NDArray[np.int64], weight: Rows) -> dict[str, Rows]:
    """Weights as the detector reads them."""
    torch.manual_seed(0)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-3
    rows = torch.from_numpy((features - mean) / scale)
    labels, weights = torch.from_numpy(kinds), torch.from_numpy(weight)
    first, last = nn.Linear(rows.shape[1], HIDDEN), nn.Linear(HIDDEN, len(GRADUAL_KINDS))
    network = nn.Sequential(first, nn.Tanh(), last)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    loss_of = nn.CrossEntropyLoss(reduction="none", label_smoothing=SMOOTHING)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = (loss_of(network(rows + NOISE * torch.randn_like(rows)), labels) * weights).mean()
        loss.backward()
        optimizer.step()
        schedule.step()
    return {
        "mean": mean,
        "scale": scale,
        "first": first.weight.detach().numpy().T.copy(),
        "first_bias": first.bias.detach().numpy().copy(),
        "last": last.weight.detach().numpy().T.copy(),
        "last_bias": last.bias.detach().numpy().copy(),
    }


def fit(examples: Sequence[Example]) -> dict[str, Rows]:
    """Train on all views of the examples; a kind counts by the square root of its number."""
    views = [(rows, one.kind) for one in examples for rows in varied(one)]
    kinds = np.array([kind for _, kind in views])
    counts = np.bincount(kinds, minlength=len(GRADUAL_KINDS)).astype(np.float32)
    weight = (1 / np.sqrt(counts.clip(1)))[kinds].astype(np.float32)
    return train(np.stack([rows for rows, _ in views]), kinds, weight / weight.mean())


def table(examples: Sequence[Example], weights: dict[str, Rows]) -> list[str]:
    """How often each kind is taken for which."""
    rows = np.stack([kind_features(one.thumbnails, one.frames) for one in examples])
    told = kind_shares(rows, weights).argmax(axis=1)
    true = np.array([one.kind for one in examples])
    lines = [f"{(told == true).mean():.3f} of {len(true)} right"]
    for number, kind in enumerate(GRADUAL_KINDS):
        counts = np.bincount(told[true == number], minlength=len(GRADUAL_KINDS))
        lines.append(f"{kind:20} {counts.tolist()}")
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Find ranges, train, and write the weights."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("films", type=Path, nargs="+", help="folders with films and their truth")
    parser.add_argument("--to", type=Path, required=True, help=".npz file of the weights")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    found: list[list[Example]] = []
    for folder in given.films:
        for name, film in sorted(read_truth(folder).items()):
            if film.graduals:
                found.append(examples_of(folder / name, film))
    learned = [one for number, film in enumerate(found) if number % HELD_OUT for one in film]
    held_out = [one for film in found[::HELD_OUT] for one in film]
    print("held out:", *table(held_out, fit(learned)), sep="\n")
    everything = [one for film in found for one in film]
    weights = fit(everything)
    print("all:", *table(everything, weights), sep="\n")
    np.savez(given.to, **weights)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
