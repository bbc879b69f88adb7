"""Encoders that nobody trained, the rivals to beat.

Their batch-norm statistics are those of training clips: with the initial ones they would be weaker
than they need be.
"""

import torch
from torch import nn

from eruv.datasets.labelled_videos import LabelledVideos
from eruv.library.catalogue import Library
from eruv.models.backbones import make_backbone
from eruv.models.encoder import Encoder
from eruv.models.inputs import with_channels_last
from eruv.pretext.task import TRAINING
from eruv.training.batch_norm import recompute_batch_norm
from eruv.training.device import torch_threads
from eruv.training.encoder_folder import empty_encoder
from eruv.training.finetune_config import name_of
from eruv.training.labelled_clips import LabelledClips
from eruv.training.loader import ClipDataset, Loader, TrainingBatches
from eruv.training.run_folder import RunFolder
from eruv.training.samples import SampleDataset
from eruv.training.start import make_network, sample_source

# Where a run recomputes no statistics itself.
BATCHES, BATCH_SIZE = 6, 16


def untrained_encoder(run: RunFolder, library: Library) -> Encoder:
    """The encoder of a run as it was before its first step."""
    config = run.config
    source = sample_source(run.training_data, library, config, config.seed)
    network = make_network(config, source.open().task, run.read("run.json")["init"])
    with torch_threads(config.threads):
        _fit(
            with_channels_last(network),
            SampleDataset({TRAINING: source}),
            config.batch_size,
            config.validation.batch_norm_batches or BATCHES,
        )
    encoder = empty_encoder(config)
    encoder.backbone.load_state_dict(network.backbone.state_dict())
    return encoder.eval()


def untrained_like(encoder: Encoder, data: LabelledVideos, seed: int) -> Encoder:
    """An encoder of the same kind, with the weights of a seed."""
    name, width, size = name_of(encoder.backbone), encoder.backbone.width, encoder.size
    rival = Encoder(name, width, size.height, size.width, size.crop)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        rival.backbone.load_state_dict(make_backbone(name, width).state_dict())
    _fit(rival, LabelledClips(data, data.train, (), size, seed), BATCH_SIZE, BATCHES)
    return rival.eval()


def _fit(network: nn.Module, clips: ClipDataset, batch_size: int, batches: int) -> None:
    loader = Loader(clips, TrainingBatches(batch_size, 0, batches), workers=0)
    recompute_batch_norm(network, (batch for batch, _ in loader))
