"""Tables beyond the paper: what frozen features and few labels are worth."""

from eruv.reproduction.factory import Factory
from eruv.reproduction.scale import ABLATED, METHODS, Method
from eruv.reproduction.titles import LABELLED_PLACES, METHOD_TITLES
from eruv.reproduction.wanted import WantedCell, WantedRow, WantedTable


def probe_table(factory: Factory) -> WantedTable:
    """Beyond the paper: what frozen features and few labels are worth."""
    rows = [
        WantedRow(
            f"C3D ({METHOD_TITLES[method]})",
            tuple(cell for place in LABELLED_PLACES for cell in _frozen(factory, place, method)),
        )
        for method in METHODS
    ]
    chance = tuple(cell for place in LABELLED_PLACES for cell in _chance(factory, place))
    rows.append(WantedRow("by chance", chance))
    measures = _frozen_measures(factory)
    return WantedTable(
        "probe",
        "Beyond the paper: frozen features and few labels, split 1",
        tuple(
            f"{factory.place_title(place)}: {measure}"
            for place in LABELLED_PLACES
            for measure in measures
        ),
        tuple(rows),
        ("The paper has no such figures.",),
    )


def joined_table(factory: Factory) -> WantedTable:
    """Beyond the paper: pre-training on a labelled set's own clips, joined into films."""
    rows = []
    for method in METHODS:
        whole = factory.finetunings("hmdb51", method, ABLATED, data="joined")
        if "joined" not in factory.outlines:
            whole = ()
        cells = (*_frozen(factory, "hmdb51", method, "joined"), WantedCell(None, whole, ("top1",)))
        rows.append(WantedRow(f"C3D ({METHOD_TITLES[method]})", cells))
    return WantedTable(
        "joined",
        "Beyond the paper: pre-trained on films joined from the labelled set's own clips",
        (*_frozen_measures(factory), "all labels"),
        tuple(rows),
        ("The paper has no such figures.",),
    )


def _frozen_measures(factory: Factory) -> tuple[str, ...]:
    few = f"{factory.scale.few_labels} labels a class"
    return ("linear probe", "5 nearest", few, "retrieval top 1")


def _frozen(
    factory: Factory, place: str, method: Method, data: str = "untrimmed"
) -> tuple[WantedCell, ...]:
    """Cells of `_frozen_measures`."""
    if data not in factory.outlines:
        return (WantedCell(),) * len(_frozen_measures(factory))
    few = factory.finetunings(
        place, method, ABLATED, data=data, labels_per_class=factory.scale.few_labels
    )
    probes = factory.probes(place, method, ABLATED, data)
    return (
        WantedCell(None, probes, ("linear_probe", "top1")),
        WantedCell(None, probes, ("knn_top1",)),
        WantedCell(None, few, ("top1",)),
        WantedCell(None, factory.retrievals(place, method, ABLATED, data), ("recall", "1")),
    )


def _chance(factory: Factory, place: str) -> tuple[WantedCell, ...]:
    """The same by chance, of the classes and of the videos that there are."""
    probes = WantedCell(None, factory.probes(place, "random", ABLATED), ("chance",))
    found = factory.retrievals(place, "random", ABLATED)
    return (probes, probes, probes, WantedCell(None, found, ("chance", "1")))
