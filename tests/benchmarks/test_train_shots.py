"""What the learned detector learns from: films backwards, labels of pictures, older weights."""

import numpy as np
import torch

from eruv.detection.detectors.features import NUM_FEATURES, FrameFeatures
from films_for_tests import pattern
from train_shots import DILATIONS, KERNEL, KNOWN_BEFORE, WIDTH, TrainableNetwork, backwards


def rows_of(film):
    features = FrameFeatures()
    return np.array([row for frame in film for row in features.add(frame)] + features.finish())


def test_a_film_backwards_has_the_features_of_its_pictures_backwards() -> None:
    one, other = pattern(1, 96, 128).astype(float), pattern(2, 96, 128).astype(float)
    colour = np.full((48, 64), 128, np.uint8)
    film = [
        [np.rint(one + (other - one) * share).astype(np.uint8), colour, colour]
        for share in np.clip((np.arange(60) - 20) / 10, 0, 1)
    ]
    labels = np.zeros((60, 4), np.float32)
    labels[50, 0] = 1  # a cut before picture 50 lies before picture 10, counted from the end
    labels[20:30, 1] = 1
    turned, told = backwards((rows_of(film), labels))
    again = rows_of(film[::-1])[1:]
    differing = np.flatnonzero(np.abs(turned - again).max(axis=0) > 1e-3)
    # The best match of two pictures is sought in one of them.
    assert len(differing) <= 8
    assert np.flatnonzero(told[:, 0]).tolist() == [60 - 50 - 1]
    assert np.flatnonzero(told[:, 1]).tolist() == [n - 1 for n in range(30, 40)]


def test_older_weights_go_on_as_they_were(tmp_path) -> None:
    """On features that are new and equal to their mean, nothing changes but a little."""
    torch.manual_seed(0)
    known = list(KNOWN_BEFORE)
    old = {"mean": torch.randn(len(known)), "scale": torch.ones(len(known))}
    shapes = {"first": (len(known), WIDTH), "last": (WIDTH, 2)}
    shapes |= {f"layer{n}": (KERNEL * WIDTH, WIDTH) for n in range(len(DILATIONS) - 1)}
    for name, (inputs, outputs) in shapes.items():
        old[f"{name}_weight"] = torch.randn(inputs, outputs) / inputs**0.5
        old[f"{name}_bias"] = torch.randn(outputs) / 10
    np.savez(tmp_path / "old.npz", **{name: value.numpy() for name, value in old.items()})
    network = TrainableNetwork()
    network.start_from(tmp_path / "old.npz")
    rows = torch.zeros(1, 40, NUM_FEATURES)
    rows[..., known] = torch.randn(1, 40, len(known))
    with torch.no_grad():
        for value in network.layers[-1].parameters():
            value.zero_()
        found = network.eval()(rows, torch.ones(1, 40))[0]
    hidden = torch.relu((rows[0][:, known] - old["mean"]) @ old["first_weight"] + old["first_bias"])
    for number in range(len(DILATIONS) - 1):
        kernel = old[f"layer{number}_weight"].reshape(KERNEL, WIDTH, WIDTH).permute(2, 1, 0)
        step = torch.nn.functional.conv1d(
            hidden.T[None],
            kernel,
            old[f"layer{number}_bias"],
            padding="same",
            dilation=DILATIONS[number],
        )
        hidden = hidden + torch.relu(step)[0].T
    assert torch.allclose(found, hidden @ old["last_weight"] + old["last_bias"], atol=1e-3)
