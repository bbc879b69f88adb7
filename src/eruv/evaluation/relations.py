"""Accuracy of a run's own task on held-out samples, for ERUV as in Table I (fact 6.9)."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from eruv.evaluation.saved_result import saved_result
from eruv.library.catalogue import Library
from eruv.models.encoder import Encoder, load
from eruv.models.inputs import with_channels_last
from eruv.models.saving import load_head
from eruv.pretext.task import EVALUATION
from eruv.published.tables import TABLE_I, TABLE_I_OVERALL
from eruv.training.confusion import measure_confusion
from eruv.training.device import choose_device, make_accelerator, torch_threads
from eruv.training.feasibility import sample_source
from eruv.training.loader import Loader
from eruv.training.pretrain import make_network
from eruv.training.run_folder import RunFolder
from eruv.training.samples import Key, SampleDataset
from eruv.utils.console import with_progress
from eruv.utils.errors import EruvError
from eruv.utils.results import Result

RESULT = "relations.json"


@dataclass(frozen=True)
class RelationAccuracy(Result):
    """How well a run tells the relations, or the classes of another task, apart.

    Attributes:
        pretext: the task.
        relation_accuracy: mean over the relations of which there are samples.
        chance: of guessing.
        relations: accuracy of each; None where the held-out videos allow no sample.
        confusion: counts; rows are the true relations.
        loss: mean cross-entropy.
        paper: Table I, for eruv; else None.
        pairs_per_relation, evaluation_seed: of the set of samples.
        pairs_seen: in training, by the weights that were measured.
    """

    pretext: str
    relation_accuracy: float
    chance: float
    relations: dict[str, float | None]
    confusion: list[list[int]]
    loss: float
    paper: dict[str, float] | None
    pairs_per_relation: int
    evaluation_seed: int
    pairs_seen: int


def relations(
    run: Path | str,
    *,
    library: Path | str | None = None,
    pairs_per_relation: int = 100,
    seed: int = 0,
    device: str = "auto",
) -> RelationAccuracy:
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

    Raises:
        EruvError: if there is no such run or library.
    """
    if pairs_per_relation < 1:
        raise EruvError(f"`pairs_per_relation` must be at least 1; got {pairs_per_relation}.")
    if seed < 0:
        raise EruvError(f"`seed` must be at least 0; got {seed}.")
    folder = RunFolder(Path(run))
    folder.settings("pretrain")  # a folder without a run is refused first
    encoder = load(folder.folder)
    key: dict[str, Any] = {
        "pairs_per_relation": pairs_per_relation,
        "evaluation_seed": seed,
        "pairs_seen": encoder.details["pairs_seen"],
    }

    place = Path(library) if library else folder.library_folder
    measure = partial(_measure, key, folder, encoder, place, device)
    return saved_result(RelationAccuracy, folder.folder / RESULT, key, measure)


def _measure(
    key: dict[str, Any], folder: RunFolder, encoder: Encoder, library: Path, device: str
) -> RelationAccuracy:
    config, opened = folder.config, Library(library)
    accelerator = make_accelerator(choose_device(device))
    source = sample_source(
        folder.held_out_data, opened, config, key["evaluation_seed"], accelerator.device
    )
    held_out = source.open()
    classes = held_out.task.classes
    network = make_network(config, held_out.task)
    network.backbone.load_state_dict(encoder.backbone.state_dict())
    load_head(folder.folder, network.head)
    network = with_channels_last(network).to(accelerator.device)
    batches = _batches(len(held_out.labels) * key["pairs_per_relation"], config.batch_size)
    dataset = SampleDataset({EVALUATION: source})
    loader = Loader(dataset, batches, workers=1, device=accelerator.device)
    with torch_threads(config.threads):
        shown = with_progress(loader, "relations", len(batches), "batches")
        found = measure_confusion(network, shown, len(classes), accelerator, config.precision)
    table_i = {"overall": TABLE_I_OVERALL, **TABLE_I}
    of_paper = {name: value / 100 for name, value in table_i.items()}
    return RelationAccuracy(
        pretext=config.pretext,
        relation_accuracy=found.mean_accuracy,
        chance=1 / len(classes),
        relations=dict(zip(classes, found.class_accuracy, strict=True)),
        confusion=found.counts.tolist(),
        loss=found.loss,
        paper=of_paper if config.pretext == "eruv" else None,
        **key,
    )


def _batches(samples: int, batch_size: int) -> list[list[Key]]:
    keys = [(EVALUATION, number) for number in range(samples)]
    return [keys[start : start + batch_size] for start in range(0, samples, batch_size)]
