"""Train the network of the learned detector on films with known cuts.

    python benchmarks/shot_films.py --videos DIR --to FILMS --split tuning --seed 1 --indices 6 \\
        --training
    python benchmarks/shot_films.py --videos DIR --to FILMS --split tuning --seed 7 --indices 4 \\
        --real
    python benchmarks/train_shots.py FILMS --built-in BUILT_IN \\
        --to src/eruv/detection/detectors/learned.npz

Beside composed films it learns from the project's built-in films of another seed than the demo's:
cameras and figures move in them. `--validate` names films of other cameras, for a look at what is
learned; nothing is chosen by them in a run: its length and its rates are fixed. `--start` goes on
from older weights: version 3 began with those of version 2 (1,400 steps), and went on with more
films (350 steps, then 500 with seed 1).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from eruv.detection.detectors.features import (
    COLOUR_FEATURES,
    FRAME_FEATURES,
    NUM_FEATURES,
    FrameFeatures,
)
from eruv.detection.detectors.network import DILATIONS, KERNEL
from eruv.detection.detectors.picture_rows import PictureRows
from eruv.films.films import render_films
from eruv.media.orientation import UPRIGHT
from eruv.media.sampling import Sampler
from eruv.media.video import VideoSource
from shot_films import read_truth

WIDTH = 48
WINDOW = 256
BATCH = 24
STEPS = 1500
VALIDATE_STEPS = 500
DROPOUT = 0.2
GREY = 0.25  # share of the windows that are seen without colour
CALM = 3.0  # films without transitions are so much likelier
RARE = 10  # a cut counts for so many rows
NOISE = 0.1  # of every feature, in its standard deviations
# Of the features, by number, those of version 2; what is new begins with small weights.
KNOWN_BEFORE = (*range(30), *range(35, 49), *range(51, 57))
SOFTLY = 0.1
RATE, RATE_ON = 2e-3, 1e-3  # of learning, from nothing and from older weights
BUILT_IN_SEED, BUILT_IN_FILMS = 100, 30

Rows = NDArray[np.float32]


class TrainableNetwork(nn.Module):
    """`eruv.detection.detectors.network.TemporalNetwork`, in torch."""

    mean: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(NUM_FEATURES))
        self.register_buffer("scale", torch.ones(NUM_FEATURES))
        self.first = nn.Linear(NUM_FEATURES, WIDTH)
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH, WIDTH, KERNEL, padding="same", dilation=dilation)
            for dilation in DILATIONS
        )
        self.last = nn.Linear(WIDTH, 2)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, rows_BTF: Tensor, inside_BT: Tensor) -> Tensor:
        """Logits (B, T, 2); rows that are not `inside` lie beyond the end of a film."""
        rows_BTF = (rows_BTF - self.mean) / self.scale
        if self.training:
            rows_BTF = rows_BTF + NOISE * torch.randn_like(rows_BTF)
        inside = inside_BT[..., None]
        hidden = functional.relu(self.first(rows_BTF)) * inside
        for layer in self.layers:
            step = functional.relu(layer(self.dropout(hidden).transpose(1, 2))).transpose(1, 2)
            hidden = (hidden + step) * inside
        return self.last(hidden)

    @torch.no_grad()
    def start_from(self, path: Path) -> None:
        """Take over older weights, also those of version 2, which saw fewer numbers less far."""
        with np.load(path) as stored:
            old = {name: torch.from_numpy(stored[name]) for name in stored.files}
        known = list(KNOWN_BEFORE if len(old["mean"]) < NUM_FEATURES else range(NUM_FEATURES))
        self.mean[known], self.scale[known] = old["mean"], old["scale"]
        self.first.weight.mul_(SOFTLY)
        self.first.weight[:, known] = old["first_weight"].T
        self.first.bias.copy_(old["first_bias"])
        for number, layer in enumerate(self.layers):
            assert isinstance(layer, nn.Conv1d)
            assert layer.bias is not None
            if f"layer{number}_weight" in old:
                weight = old[f"layer{number}_weight"].reshape(KERNEL, WIDTH, WIDTH)
                layer.weight.copy_(weight.permute(2, 1, 0))
                layer.bias.copy_(old[f"layer{number}_bias"])
            else:
                layer.weight.mul_(SOFTLY)
                layer.bias.mul_(SOFTLY)
        self.last.weight.copy_(old["last_weight"].T)
        self.last.bias.copy_(old["last_bias"])

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """As the detector reads them: vectors times matrices, neighbours side by side."""
        found = {
            "mean": self.mean,
            "scale": self.scale,
            "first_weight": self.first.weight.T,
            "first_bias": self.first.bias,
            "last_weight": self.last.weight.T,
            "last_bias": self.last.bias,
        }
        for number, layer in enumerate(self.layers):
            assert isinstance(layer, nn.Conv1d)
            assert layer.bias is not None
            # (out, in, kernel) → (kernel · in, out)
            found[f"layer{number}_weight"] = layer.weight.permute(2, 1, 0).flatten(0, 1)
            found[f"layer{number}_bias"] = layer.bias
        return {name: value.detach().numpy().astype(np.float32) for name, value in found.items()}


def rows_of(path: Path) -> tuple[Rows, NDArray[np.int64], NDArray[np.int64]]:
    """Features (R, F) of a film, and the first and last frame of every row; kept beside it."""
    stored = path.with_suffix(".rows.npz")
    if not stored.exists():
        source = PictureRows()
        wanted = FrameFeatures.picture
        sampler = Sampler(wanted.height, wanted.width)
        rows: list[Rows] = []
        with VideoSource(path, 1) as video:
            for frame in video.frames():
                rows += source.add(sampler.planes(frame.picture, UPRIGHT), frame.time_s)
        rows += source.finish()
        pictures = source.pictures
        np.savez(stored, np.stack(rows), np.array(pictures.first), np.array(pictures.last))
    with np.load(stored) as arrays:
        return arrays["arr_0"], arrays["arr_1"], arrays["arr_2"]


def labelled(
    path: Path, cuts: Sequence[int], graduals: Sequence[tuple[int, int]]
) -> tuple[Rows, Rows]:
    """Features (R, F) of a film, and labels (R, 4): begins a shot, is in a transition, weights.

    A transition between whose ends no picture counts is a cut. Cuts are rare, and so are short
    transitions: each counts for as much as ten other rows.
    """
    rows, first, last = rows_of(path)
    labels = np.zeros((len(rows), 4), np.float32)
    labels[:, 2:] = 1
    begins = list(cuts)
    for start, end in graduals:
        inside = (first >= start) & (last < end)
        labels[inside, 1] = 1
        labels[inside, 3] = max(1.0, RARE / max(1, inside.sum()))
        if not inside.any():
            begins.append(end)
    for cut in begins:
        row = int(np.searchsorted(first, cut))
        if row < len(rows):
            labels[row, 0] = 1
            labels[row, 2] = RARE
    return rows, labels


def backwards(film: tuple[Rows, Rows]) -> tuple[Rows, Rows]:
    """A film whose pictures come in the opposite order, but for the last of them."""
    rows, labels = film
    turned, told = rows[1:][::-1].copy(), labels[1:][::-1].copy()
    turned[:, FRAME_FEATURES] = rows[:-1][::-1][:, FRAME_FEATURES]
    told[:, [1, 3]] = labels[:-1][::-1][:, [1, 3]]
    return turned, told


def composed_films(folder: Path) -> list[tuple[Rows, Rows]]:
    """Rows and labels of all films in a folder of the composer."""
    truth = read_truth(folder)
    if not truth:
        raise SystemExit(f"{folder} holds no truth.json of this composer")
    return [labelled(folder / name, film.cuts, film.graduals) for name, film in truth.items()]


def built_in_films(folder: Path) -> list[tuple[Rows, Rows]]:
    """Rows and labels of built-in films, rendered where they are missing."""
    films = render_films(folder, seed=BUILT_IN_SEED, num_train=BUILT_IN_FILMS, num_held_out=0)
    return [labelled(folder / f"{film.name}.mp4", film.cuts, film.dissolves) for film in films]


def draw(films: Sequence[tuple[Rows, Rows]], rng: np.random.Generator) -> list[Tensor]:
    """A batch of windows (B, T, F), their labels (B, T, 4), and what is inside a film (B, T).

    Some are of grey films.
    """
    # Most of what is false is found where nothing is to be found.
    lengths = np.array([len(rows) * (1 if told[:, :2].any() else CALM) for rows, told in films])
    rows_BTF = np.zeros((BATCH, WINDOW, NUM_FEATURES), np.float32)
    labels_BT4 = np.zeros((BATCH, WINDOW, 4), np.float32)
    inside_BT = np.zeros((BATCH, WINDOW), np.float32)
    for n, number in enumerate(rng.choice(len(films), BATCH, p=lengths / lengths.sum())):
        rows, labels = films[number]
        # Beginnings and ends of films are rare, but every film has them.
        last = max(0, len(rows) - WINDOW)
        start = int(np.clip(rng.integers(-WINDOW // 4, last + WINDOW // 4 + 1), 0, last))
        count = min(WINDOW, len(rows) - start)
        rows_BTF[n, :count] = rows[start : start + count]
        labels_BT4[n, :count] = labels[start : start + count]
        inside_BT[n, :count] = 1
        if rng.random() < GREY:
            rows_BTF[n][:, COLOUR_FEATURES] = 0
    return [torch.from_numpy(array) for array in (rows_BTF, labels_BT4, inside_BT)]


def loss_of(logits: Tensor, labels: Tensor, inside: Tensor) -> Tensor:
    """Mean over the rows of films, weighted."""
    losses = functional.binary_cross_entropy_with_logits(logits, labels[..., :2], reduction="none")
    return (losses * labels[..., 2:]).sum() / (2 * inside.sum())


def train(
    training: Sequence[tuple[Rows, Rows]],
    validation: Sequence[tuple[Rows, Rows]],
    seed: int,
    start: Path | None = None,
    steps: int = STEPS,
) -> TrainableNetwork:
    """Train for a fixed number of steps, at a rate that falls to nothing."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    training = [*training, *(backwards(film) for film in training)]
    network = TrainableNetwork()
    everything = np.concatenate([rows for rows, _ in training])
    network.mean.copy_(torch.from_numpy(everything.mean(axis=0)))
    network.scale.copy_(torch.from_numpy(everything.std(axis=0) + 1e-3))
    if start:
        network.start_from(start)
    rate = RATE_ON if start else RATE
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for step in range(1, steps + 1):
        network.train()
        rows, labels, inside = draw(training, rng)
        loss = loss_of(network(rows, inside), labels, inside)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % VALIDATE_STEPS == 0:
            found = validation_loss(network, validation) if validation else float("nan")
            print(f"step {step}: training loss {loss:.4f}, validation loss {found:.4f}", flush=True)
    return network.eval()


@torch.no_grad()
def validation_loss(network: TrainableNetwork, films: Sequence[tuple[Rows, Rows]]) -> float:
    """Mean over whole films."""
    network.eval()
    losses = []
    for rows, labels in films:
        inside = torch.ones((1, len(rows)))
        logits = network(torch.from_numpy(rows)[None], inside)
        losses.append(float(loss_of(logits, torch.from_numpy(labels)[None], inside)))
    return float(np.mean(losses))


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("films", type=Path, nargs="+", help="folders of tuning films")
    parser.add_argument("--built-in", type=Path, help="folder for built-in films")
    parser.add_argument("--validate", type=Path, help="folder of films of other cameras")
    parser.add_argument("--to", type=Path, required=True, help="the .npz to write")
    parser.add_argument("--start", type=Path, help="older weights to go on from")
    parser.add_argument("--steps", type=int, default=STEPS, help="of training")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    training = [film for folder in given.films for film in composed_films(folder)]
    if given.built_in:
        training += built_in_films(given.built_in)
    validation = composed_films(given.validate) if given.validate else []
    frames = sum(len(rows) for rows, _ in training)
    print(f"{len(training)} films with {frames} frames to train on, {len(validation)} to look at")
    arrays: dict[str, Any] = train(
        training, validation, given.seed, given.start, given.steps
    ).arrays()
    np.savez(given.to, **arrays)


if __name__ == "__main__":
    main()
