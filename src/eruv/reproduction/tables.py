"""Which experiments each of the paper's tables needs, row by row."""

from collections.abc import Callable

from eruv.evaluation.retrieval import RECALL_AT
from eruv.models.backbones import BACKBONES
from eruv.pretext.eruv import RELATIONS
from eruv.published import tables as published
from eruv.published.later_works import FINE_TUNING, MARK
from eruv.published.retrieval import LATER_UCF101, TABLE_V, TABLE_VI, Recalls
from eruv.reproduction.experiments import relations_name
from eruv.reproduction.factory import Factory
from eruv.reproduction.frozen_tables import joined_table, probe_table
from eruv.reproduction.scale import ABLATED, METHODS, Method
from eruv.reproduction.titles import LABELLED_PLACES, METHOD_TITLES, NETWORK_TITLES
from eruv.reproduction.wanted import WantedCell, WantedRow, WantedTable


def table1(factory: Factory) -> WantedTable:
    """Accuracy of relation classification."""
    tests = factory.relation_tests(ABLATED)
    overall = WantedCell(published.TABLE_I_OVERALL, tests, ("relation_accuracy",))
    cells = [WantedCell(published.TABLE_I[name], tests, ("relations", name)) for name in RELATIONS]
    return WantedTable(
        "table1",
        "Table I: accuracy of relation classification on held-out pairs",
        ("Overall", *RELATIONS),
        (WantedRow("C3D", (overall, *cells)),),
        ("A balanced, fixed set of pairs of held-out videos.",),
    )


def table2(factory: Factory) -> WantedTable:
    """Ablation of relations."""
    scratch = factory.finetunings("ucf101", "random", ABLATED)
    first = WantedCell(published.TABLE_II_RANDOM, scratch, ("top1",))
    extra = {names: None for names in factory.extra_relations if names not in published.TABLE_II}
    rows = [WantedRow("Random initialization", (first,))]
    for relations, figure in {**published.TABLE_II, **extra}.items():
        every = len(relations) == len(RELATIONS)
        runs = factory.finetunings(
            "ucf101", "eruv", ABLATED, relations=None if every else relations
        )
        title = f"ERUV with {relations_name(relations)}"
        rows.append(WantedRow(title, (WantedCell(figure, runs, ("top1",)),)))
    return WantedTable(
        "table2",
        "Table II: ablation of relations; C3D, top-1 accuracy on UCF101, split 1",
        (factory.place_title("ucf101"),),
        tuple(rows),
    )


def table3(factory: Factory) -> WantedTable:
    """What it is pre-trained on."""
    rows = []
    for method in METHODS[1:]:
        figures = published.TABLE_III[METHOD_TITLES[method]]
        runs = [
            factory.finetunings("ucf101", method, ABLATED, data=data)
            for data in ("trimmed", "untrimmed")
        ]
        cells = tuple(
            WantedCell(figure, of, ("top1",)) for figure, of in zip(figures, runs, strict=True)
        )
        rows.append(WantedRow(METHOD_TITLES[method], cells))
    return WantedTable(
        "table3",
        "Table III: C3D pre-trained on different data; top-1 accuracy on UCF101, split 1",
        tuple(f"pre-trained on {factory.place_title(one)}" for one in ("ucf101", "untrimmed")),
        tuple(rows),
        ("On trimmed clips ERUV has five relations: without C_V and C_D.",),
    )


def table4(factory: Factory) -> WantedTable:
    """Recognition with every method and network."""
    runs = {
        (title, place): factory.finetunings(place, method, backbone, all_splits=True)
        for title, method, backbone in _methods_and_networks()
        for place in LABELLED_PLACES
    }
    rows = [
        WantedRow(
            title,
            tuple(
                WantedCell(figure, runs.get((title, place), ()), ("top1",))
                for figure, place in zip(figures, LABELLED_PLACES, strict=True)
            ),
        )
        for title, figures in published.TABLE_IV.items()
    ]
    ladder = [
        WantedRow(rung.title, (WantedCell(rung.ucf101), WantedCell(rung.hmdb51)), beyond=True)
        for rung in FINE_TUNING
    ]
    notes = [f"Below: works beyond the paper; {MARK}."]
    single = [b for b in BACKBONES if b not in factory.scale.all_splits]
    if single:
        names = " and ".join(NETWORK_TITLES[name] for name in single)
        notes.insert(0, f"{names}: split 1 alone; the paper has the mean of three splits.")
    return WantedTable(
        "table4",
        "Table IV: top-1 accuracy of recognition, mean over the splits",
        tuple(map(factory.place_title, LABELLED_PLACES)),
        (*rows, *ladder),
        tuple(notes),
    )


def table5(factory: Factory) -> WantedTable:
    """Retrieval on UCF101."""
    later = [
        WantedRow(
            title,
            tuple(WantedCell(one) for one in (*figures, *([None] * (5 - len(figures))))),
            beyond=True,
        )
        for title, figures in LATER_UCF101.items()
    ]
    return _retrieval_table(factory, "table5", "Table V", "ucf101", TABLE_V, later)


def table6(factory: Factory) -> WantedTable:
    """Retrieval on HMDB51."""
    return _retrieval_table(factory, "table6", "Table VI", "hmdb51", TABLE_VI, [])


def _retrieval_table(
    factory: Factory,
    name: str,
    number: str,
    place: str,
    figures: dict[str, Recalls],
    later: list[WantedRow],
) -> WantedTable:
    runs = {
        title: factory.retrievals(place, method, backbone)
        for title, method, backbone in _methods_and_networks()
    }
    rows = [
        WantedRow(
            title,
            tuple(
                WantedCell(figure, runs.get(title, ()), ("recall", str(k)))
                for k, figure in zip(RECALL_AT, recalls, strict=True)
            ),
        )
        for title, recalls in figures.items()
    ]
    of_chance = next((found for found in runs.values() if found), ())
    chance = tuple(WantedCell(None, of_chance, ("chance", str(k))) for k in RECALL_AT)
    rows.append(WantedRow("by chance", chance))
    notes = ["Level video: the mean feature of ten clips asks for training videos; all queries."]
    if later:
        notes.append(f"Below: works beyond the paper; {MARK}.")
    return WantedTable(
        name,
        f"{number}: nearest-neighbour retrieval on {factory.place_title(place)}, split 1",
        tuple(f"top {k}" for k in RECALL_AT),
        (*rows, *later),
        tuple(notes),
    )


def _methods_and_networks() -> list[tuple[str, Method, str]]:
    """Title as in Tables IV to VI, method and backbone of every row that is measured."""
    return [
        (f"{NETWORK_TITLES[backbone]} ({METHOD_TITLES[method]})", method, backbone)
        for backbone in BACKBONES
        for method in METHODS
    ]


TABLES: dict[str, Callable[[Factory], WantedTable]] = {
    "table1": table1,
    "table2": table2,
    "table3": table3,
    "table4": table4,
    "table5": table5,
    "table6": table6,
    "probe": probe_table,
    "joined": joined_table,
}
