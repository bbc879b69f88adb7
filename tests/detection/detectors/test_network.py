"""The network in numpy against one written frame by frame, and against torch."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from eruv.detection.detectors.learned import WEIGHTS
from eruv.detection.detectors.network import CONTEXT, DILATIONS, KERNEL, TemporalNetwork

NETWORK = TemporalNetwork.load(WEIGHTS)
FEATURES = len(NETWORK.mean)


def some_rows(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.5, 1, (count, FEATURES)).astype(np.float32)


def by_torch(rows: np.ndarray) -> np.ndarray:
    """The same network by torch's own convolutions."""
    hidden = torch.relu(
        torch.from_numpy(((rows - NETWORK.mean) / NETWORK.scale) @ NETWORK.first[0])
        + torch.from_numpy(NETWORK.first[1])
    )
    for dilation, (weight, bias) in zip(DILATIONS, NETWORK.layers, strict=True):
        width = hidden.shape[1]
        kernel = torch.from_numpy(weight).reshape(KERNEL, width, -1).permute(2, 1, 0)
        step = functional.conv1d(
            hidden.T[None], kernel, torch.from_numpy(bias), padding="same", dilation=dilation
        )
        hidden = hidden + torch.relu(step)[0].T
    logits = hidden @ torch.from_numpy(NETWORK.last[0]) + torch.from_numpy(NETWORK.last[1])
    return torch.sigmoid(logits).numpy()


@pytest.mark.parametrize("count", [1, 5, 200])
def test_it_is_the_network_of_torch(count: int) -> None:
    rows = some_rows(count)
    assert NETWORK(rows) == pytest.approx(by_torch(rows), abs=1e-5)


@settings(deadline=None, max_examples=20)
@given(place=st.integers(0, 199), seed=st.integers(0, 9))
def test_an_output_depends_on_its_context_only(place: int, seed: int) -> None:
    rows = some_rows(200, seed)
    changed = rows.copy()
    changed[place] += 3
    differs = np.flatnonzero(np.abs(NETWORK(rows) - NETWORK(changed)).max(axis=1) > 1e-6)
    assert all(abs(differs - place) <= CONTEXT)


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", mean=np.zeros(3))
    with pytest.raises(KeyError):
        TemporalNetwork.load(tmp_path / "other.npz")
