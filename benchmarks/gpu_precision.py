"""How far losses in bf16 part from those in float32, over steps of the same pre-training."""

from contextlib import nullcontext
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from eruv.models.inputs import with_channels_last
from eruv.training.loader import Loader, TrainingBatches
from eruv.training.optimizer import make_optimizer
from eruv.training.pretrain import make_network
from eruv.training.pretrain_config import PretrainConfig
from eruv.training.samples import SampleDataset
from gpu_parts import Bench
from gpu_training import STREAM, config_of, start

STEPS, BATCH, WORKERS = 200, 4, 6


@dataclass(frozen=True)
class Precision:
    """How numbers are kept in a training.

    Attributes:
        bf16: autocast, as `eruv pretrain` has it on CUDA.
        tf32: of float32 convolutions; torch's default.
    """

    name: str
    bf16: bool
    tf32: bool = True


# Twice float32: a GPU adds up in no fixed order, and two runs of one seed part by themselves.
PRECISIONS = (
    Precision("float32", bf16=False),
    Precision("bf16", bf16=True),
    Precision("float32 again", bf16=False),
    Precision("float32, no TF32", bf16=False, tf32=False),
)


def precision(bench: Bench) -> None:
    """Train from one seed on the same batches in every precision, and write the losses."""
    config = replace(config_of(bench), batch_size=2 if bench.smoke else BATCH)
    run, source = start(bench, "precision", config)
    config = run.config
    count = 3 if bench.smoke else STEPS
    device = torch.device(bench.device)
    loader = Loader(
        SampleDataset({STREAM: source}),
        TrainingBatches(config.batch_size, 0, count),
        0 if bench.smoke else WORKERS,
        device=device,
    )
    batches = list(loader)
    del loader
    task = source.open().task
    for one in PRECISIONS:
        network = with_channels_last(make_network(config, task)).to(device)
        losses = losses_of(network, batches, config, one)
        bench.write(precision=one.name, losses=losses, batch=config.batch_size)


def losses_of(
    network: torch.nn.Module,
    batches: list[tuple[Tensor, Tensor]],
    config: PretrainConfig,
    kept: Precision,
) -> list[float]:
    """The loss of every step."""
    optimizer = make_optimizer(network, config.optimizer)
    torch.backends.cudnn.allow_tf32 = kept.tf32
    losses = []
    network.train()
    for step, (clips, labels) in enumerate(batches):
        torch.manual_seed(step)
        with torch.autocast(clips.device.type, torch.bfloat16) if kept.bf16 else nullcontext():
            loss = functional.cross_entropy(network(clips).float(), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.detach())
    torch.backends.cudnn.allow_tf32 = True
    return torch.stack(losses).tolist()
