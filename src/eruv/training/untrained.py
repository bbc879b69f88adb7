"""Randomly initialised encoders, used as baselines.

Their batch-norm statistics are those of training clips: with the initial ones they would be weaker
than they need be.
"""

import torch
from torch import nn
from torch.optim.swa_utils import update_bn

from eruv.datasets.labelled_videos import LabelledVideos
from eruv.library.catalogue import Library
from eruv.models.backbones import make_backbone, name_of
from eruv.models.encoder import Encoder
from eruv.models.inputs import with_channels_last
from eruv.pretext.task import TRAINING
from eruv.training.device import torch_threads
from eruv.training.feasibility import sample_source
from eruv.training.labelled_clips import LabelledClips
from eruv.training.loader import ClipDataset, Loader, TrainingBatches
from eruv.training.pretrain import make_network
from eruv.training.run_folder import RunFolder
from eruv.training.samples import SampleDataset

# Where a run recomputes no statistics itself.
BATCHES, BATCH_SIZE = 6, 16


def untrained_encoder(run: RunFolder, library: Library) -> Encoder:
    """An encoder like that of a run, with the new weights of its seed, whatever it began with."""
    config = run.config
    source = sample_source(run.training_data, library, config, config.seed)
    network = make_network(config, source.open().task)
    clips = SampleDataset({TRAINING: source})
    batches = config.validation.batch_norm_batches or BATCHES
    with torch_threads(config.threads):
        _fit(with_channels_last(network), clips, config.batch_size, batches)
    return Encoder.of(network.backbone, config.size, config.input).eval()


def untrained_like(encoder: Encoder, data: LabelledVideos, seed: int) -> Encoder:
    """An encoder of the same kind, with the weights of a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        backbone = make_backbone(name_of(encoder.backbone), encoder.backbone.width)
    return with_statistics_of(data, Encoder.of(backbone, encoder.size, encoder.input), seed)


def with_statistics_of(data: LabelledVideos, encoder: Encoder, seed: int) -> Encoder:
    """A copy whose batch-norm statistics are those of the training clips, labels unused."""
    fitted = Encoder.of(encoder.backbone, encoder.size, encoder.input)
    _fit(fitted, LabelledClips(data, data.train, (), encoder.size, seed), BATCH_SIZE, BATCHES)
    return fitted.eval()


def _fit(network: nn.Module, clips: ClipDataset, batch_size: int, batches: int) -> None:
    loader = Loader(clips, TrainingBatches(batch_size, 0, batches), workers=0)
    update_bn((batch for batch, _ in loader), network)
