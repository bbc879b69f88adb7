"""Accuracy of a run's own task on held-out samples, for ERUV as in Table I (fact 6.9)."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from eruv.library.catalogue import Library
from eruv.models.inputs import with_channels_last
from eruv.models.siamese import SiameseNet
from eruv.pretext.task import EVALUATION
from eruv.published.tables import TABLE_I, TABLE_I_OVERALL
from eruv.training.config import PretrainConfig
from eruv.training.confusion import Confusion, measure_confusion
from eruv.training.device import choose_device, make_accelerator
from eruv.training.encoder_folder import load, load_head
from eruv.training.loader import Batch, Loader
from eruv.training.run_folder import RunFolder
from eruv.training.samples import SampleDataset, SampleSource
from eruv.training.start import make_network, sample_source
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError

RESULT = "relations.json"


def relations(
    run: Path | str,
    *,
    library: Path | str | None = None,
    pairs_per_relation: int = 100,
    seed: int = 0,
    device: str = "auto",
) -> dict[str, Any]:
    """Measure a run's best weights on a fixed, balanced set of held-out pairs.

    The pairs are others than those that chose the weights, but from the same held-out videos. Of
    a run of VCOP or VCP, the pairs are tuples of three clips and the relations its classes.
    The result is also written to relations.json, and read from there when nothing changed.

    Args:
        run: folder of a run that has validated at least once.
        library: where the library is now, if it was moved.
        pairs_per_relation: size of the set.
        seed: of the set.
        device: auto, cpu or cuda.

    Returns:
        pretext, relation_accuracy (mean over relations), chance, relations, pairs_per_relation,
        confusion, loss, paper (Table I, for eruv; else null), and which step the weights are of.

    Raises:
        EruvError: if there is no such run or library.
    """
    if pairs_per_relation < 1:
        raise EruvError(f"--pairs-per-relation is at least 1; got {pairs_per_relation}.")
    if seed < 0:
        raise EruvError(f"--seed is at least 0; got {seed}.")
    folder = RunFolder(Path(run))
    config = folder.config
    encoder = load(folder.folder)
    asked = {
        "pairs_per_relation": pairs_per_relation,
        "evaluation_seed": seed,
        "pairs_seen": encoder.details["pairs_seen"],
    }
    if (folder.folder / RESULT).exists():
        before = folder.read(RESULT)
        if {name: before[name] for name in asked} == asked:
            return before
    opened = Library(Path(library) if library else folder.library_folder)
    accelerator = make_accelerator(choose_device(device))
    source = sample_source(folder.held_out_data, opened, config, seed, accelerator.device)
    held_out = source.open()
    task = held_out.task
    network = make_network(config, task)
    network.backbone.load_state_dict(encoder.backbone.state_dict())
    load_head(folder.folder, network)
    pairs = len(held_out.labels) * pairs_per_relation
    confusion = _measure(network, source, pairs, config, accelerator)
    by_relation = dict(zip(task.classes, confusion.class_accuracy, strict=True))
    result = {
        "pretext": config.pretext,
        "relation_accuracy": confusion.mean_accuracy,
        "chance": 1 / len(task.classes),
        "relations": by_relation,
        "confusion": confusion.counts.tolist(),
        "loss": confusion.loss,
        "paper": _table_i() if config.pretext == "eruv" else None,
        **asked,
    }
    folder.write(RESULT, result)
    return result


def _table_i() -> dict[str, float]:
    return {"overall": TABLE_I_OVERALL / 100, **{k: v / 100 for k, v in TABLE_I.items()}}


def _measure(
    network: SiameseNet,
    source: SampleSource,
    pairs: int,
    config: PretrainConfig,
    accelerator: Accelerator,
) -> Confusion:
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    network = with_channels_last(network).to(accelerator.device)
    keys = [(EVALUATION, number) for number in range(pairs)]
    size = config.batch_size
    batches = [keys[start : start + size] for start in range(0, pairs, size)]
    dataset = SampleDataset({EVALUATION: source})
    loader = Loader(dataset, batches, workers=1, device=accelerator.device)
    classes = len(source.open().task.classes)
    return measure_confusion(network, _with_progress(loader, len(batches)), classes, accelerator)


def _with_progress(batches: Iterable[Batch], total: int) -> Iterator[Batch]:
    with Progress("relations", total=total) as progress:
        for number, batch in enumerate(batches, start=1):
            yield batch
            progress.update(number, f"{number}/{total} batches")
