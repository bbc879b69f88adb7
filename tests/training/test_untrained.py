"""Untrained baselines: the weights before the first step, and statistics of training clips."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from eruv.datasets.labelled_videos import LabelledVideos
from eruv.library.catalogue import Library
from eruv.models.backbones import make_backbone
from eruv.models.encoder import Encoder
from eruv.models.inputs import network_input
from eruv.pretext.segment_arrays import SegmentTable
from eruv.pretext.task import TRAINING
from eruv.training.feasibility import task_maker
from eruv.training.labelled_clips import LabelledClips
from eruv.training.pretrain import make_network, start_pretraining
from eruv.training.run_folder import RunFolder
from eruv.training.untrained import untrained_encoder, untrained_like
from films_for_tests import SmallLibrary
from training_for_tests import TINY


@pytest.mark.parametrize("batches", [0, 2])
def test_the_rival_of_a_run_has_the_first_weights_and_statistics_of_training_clips(
    small_library: SmallLibrary, tmp_path: Path, batches: int
) -> None:
    config = replace(TINY, validation=replace(TINY.validation, batch_norm_batches=batches))
    library, run = Library(small_library.folder), RunFolder(tmp_path / "run")
    run.folder.mkdir()
    start_pretraining(run, library, config, None)
    threads = torch.get_num_threads()
    baseline = untrained_encoder(run, library).backbone
    torch.set_num_threads(threads)
    task = task_maker(config)(SegmentTable.load(run.training_data).segments)
    first = make_network(config, task, None).backbone
    for (name, weights), found in zip(first.named_parameters(), baseline.parameters(), strict=True):
        assert torch.equal(weights, found), name
    means = [values for name, values in baseline.named_buffers() if name.endswith("running_mean")]
    assert means
    assert all(mean.abs().max() > 0 for mean in means)


def test_a_rival_of_the_same_kind_has_the_seed_s_weights_and_statistics_of_training_clips(
    labelled: LabelledVideos,
) -> None:
    encoder = Encoder("r3d", 0.05, 32, 43, 32)
    baseline = untrained_like(encoder, labelled, seed=3)
    assert not baseline.training
    assert baseline.size == encoder.size
    torch.manual_seed(3)
    fresh: Any = make_backbone("r3d", 0.05)
    found: Any = baseline.backbone
    for before, after in zip(fresh.parameters(), baseline.backbone.parameters(), strict=True):
        assert torch.equal(before, after)
    # The mean of the first convolution over the clips is the first layer's running mean.
    clips = LabelledClips(labelled, labelled.train, (), encoder.size, 3)
    pixels = torch.stack([clips.item((TRAINING, number))[0] for number in range(6 * 16)])
    with torch.no_grad():
        maps = fresh.stem[0](network_input(pixels))
    torch.testing.assert_close(
        found.stem[1].running_mean, maps.mean((0, 2, 3, 4)), rtol=1e-3, atol=1e-5
    )
