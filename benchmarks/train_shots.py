"""Train the network of the learned detector on films with known cuts.

    python benchmarks/shot_films.py --videos DIR --to FILMS --split tuning --seed 1 --indices 6 \\
        --training
    python benchmarks/train_shots.py FILMS --built-in BUILT_IN \\
        --to src/eruv/detection/detectors/learned.npz

Beside composed films it learns from the project's built-in films of another seed than the demo's:
cameras and figures move in them. `--validate` names films of other cameras, for a look at what is
learned; nothing is chosen by them in a run: its length and its rates are fixed.
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

from eruv.detection.detectors.features import COLOUR_FEATURES, NUM_FEATURES, FrameFeatures
from eruv.detection.detectors.network import DILATIONS, KERNEL
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
NOISE = 0.1  # of every feature, in its standard deviations
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

    def forward(self, rows_BTF: Tensor) -> Tensor:
        """Logits (B, T, 2)."""
        rows_BTF = (rows_BTF - self.mean) / self.scale
        if self.training:
            rows_BTF = rows_BTF + NOISE * torch.randn_like(rows_BTF)
        hidden = functional.relu(self.first(rows_BTF))
        for layer in self.layers:
            step = functional.relu(layer(self.dropout(hidden).transpose(1, 2))).transpose(1, 2)
            hidden = hidden + step
        return self.last(hidden)

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


def rows_of(path: Path) -> Rows:
    """Features (T, F) of a film; kept beside it."""
    stored = path.with_suffix(".rows.npy")
    if not stored.exists():
        features = FrameFeatures()
        wanted = FrameFeatures.picture
        sampler = Sampler(wanted.height, wanted.width)
        rows: list[Rows] = []
        with VideoSource(path, 2) as source:
            for frame in source.frames():
                rows += features.add(sampler.planes(frame.picture, UPRIGHT))
        np.save(stored, np.stack(rows + features.finish()))
    return np.load(stored)


def labelled(
    path: Path, cuts: Sequence[int], graduals: Sequence[tuple[int, int]]
) -> tuple[Rows, Rows]:
    """Features (T, F) of a film, and labels (T, 2): begins a shot, is in a transition."""
    rows = rows_of(path)
    labels = np.zeros((len(rows), 2), np.float32)
    labels[list(cuts), 0] = 1
    for start, end in graduals:
        labels[start:end, 1] = 1
    return rows, labels


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


def draw(films: Sequence[tuple[Rows, Rows]], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """A batch of windows (B, T, F) and their labels (B, T, 2); some are of grey films."""
    lengths = np.array([len(rows) for rows, _ in films], float)
    windows = []
    for number in rng.choice(len(films), BATCH, p=lengths / lengths.sum()):
        rows, labels = films[number]
        start = int(rng.integers(max(1, len(rows) - WINDOW)))
        window = rows[start : start + WINDOW].copy()
        if rng.random() < GREY:
            window[:, COLOUR_FEATURES] = 0
        windows.append((window, labels[start : start + WINDOW]))
    least = min(len(rows) for rows, _ in windows)
    return (
        torch.from_numpy(np.stack([rows[:least] for rows, _ in windows])),
        torch.from_numpy(np.stack([labels[:least] for _, labels in windows])),
    )


def loss_of(logits: Tensor, labels: Tensor) -> Tensor:
    """Cuts are rare: each counts for as much as ten other frames."""
    losses = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    weights = torch.ones_like(labels)
    weights[..., 0] += 9 * labels[..., 0]
    return (losses * weights).mean()


def train(
    training: Sequence[tuple[Rows, Rows]], validation: Sequence[tuple[Rows, Rows]], seed: int
) -> TrainableNetwork:
    """Train for a fixed number of steps, at a rate that falls to nothing."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = TrainableNetwork()
    everything = np.concatenate([rows for rows, _ in training])
    network.mean.copy_(torch.from_numpy(everything.mean(axis=0)))
    network.scale.copy_(torch.from_numpy(everything.std(axis=0) + 1e-3))
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=STEPS)
    for step in range(1, STEPS + 1):
        network.train()
        rows, labels = draw(training, rng)
        loss = loss_of(network(rows), labels)
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
    losses = [
        float(loss_of(network(torch.from_numpy(rows)[None]), torch.from_numpy(labels)[None]))
        for rows, labels in films
    ]
    return float(np.mean(losses))


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("films", type=Path, nargs="+", help="folders of tuning films")
    parser.add_argument("--built-in", type=Path, help="folder for built-in films")
    parser.add_argument("--validate", type=Path, help="folder of films of other cameras")
    parser.add_argument("--to", type=Path, required=True, help="the .npz to write")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    training = [film for folder in given.films for film in composed_films(folder)]
    if given.built_in:
        training += built_in_films(given.built_in)
    validation = composed_films(given.validate) if given.validate else []
    frames = sum(len(rows) for rows, _ in training)
    print(f"{len(training)} films with {frames} frames to train on, {len(validation)} to look at")
    arrays: dict[str, Any] = train(training, validation, given.seed).arrays()
    np.savez(given.to, **arrays)


if __name__ == "__main__":
    main()
