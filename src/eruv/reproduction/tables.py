"""The paper's tables, and two beyond it, with the experiments that measure each row."""

from collections.abc import Callable, Mapping
from statistics import fmean

from eruv.evaluation.retrieval import RECALL_AT
from eruv.models.backbones import BACKBONES
from eruv.pretext.relation_settings import COMPARED, RELATIONS
from eruv.published import tables as published
from eruv.published.retrieval import PUBLISHED, PublishedRetrieval
from eruv.published.tables import FINE_TUNING, NOT_COMPARABLE
from eruv.reproduction.cells import Cell, ResultOf, Table, TableRow
from eruv.reproduction.experiments import (
    FinetuningRun,
    ProbeTest,
    RetrievalTest,
    relations_name,
)
from eruv.reproduction.scales import ABLATED, COMPARISON, LINEAR, METHODS, Method
from eruv.reproduction.study import LABELLED_PLACES, METHOD_TITLES, NETWORK_TITLES, Study

# Method and network of every row that is measured, by its title in Tables IV to VI.
MEASURED_ROWS: dict[str, tuple[Method, str]] = {
    f"{NETWORK_TITLES[backbone]} ({METHOD_TITLES[method]})": (method, backbone)
    for backbone in BACKBONES
    for method in METHODS
}
TOP1 = ("top1",)


def training_notes(table: Table, result_of: ResultOf) -> tuple[str, ...]:
    """A sentence on how well fine-tuned classifiers know their own training clips, if known."""
    shares = {}
    for row in table.rows:
        runs = [one for cell in row.cells for of_seed in cell.runs for one in of_seed]
        # Where nothing is held out, the last validation is on the training clips.
        results = [
            result_of(one)
            for one in runs
            if isinstance(one, FinetuningRun) and one.config.held_out == 0
        ]
        values = [result["best_accuracy"] for result in results if result]
        if values:
            shares[row.title] = f"{100 * fmean(values):.0f} ({row.title})"
    if not shares:
        return ()
    return (
        f"Accuracy on the training clips when fine-tuning ended, in per cent: "
        f"{', '.join(shares.values())}. A row far below 100 was not trained to its end.",
    )


def table1(study: Study) -> Table:
    """Accuracy of relation classification, with either head."""
    rows = []
    for method, title in ((LINEAR, "C3D"), (COMPARISON, "C3D, comparison head")):
        tests = study.relation_tests(method, ABLATED)
        if tests or method == LINEAR:
            values = published.TABLE_I if method == LINEAR else {}
            overall = Cell(
                published.TABLE_I_OVERALL if values else None, tests, ("relation_accuracy",)
            )
            cells = [Cell(values.get(name), tests, ("relations", name)) for name in RELATIONS]
            rows.append(TableRow(title, (overall, *cells)))
    return Table(
        "table1",
        "Table I: accuracy of relation classification on held-out pairs",
        ("Overall", *RELATIONS),
        tuple(rows),
        ("A balanced, fixed set of pairs of held-out videos.",),
    )


def table2(study: Study) -> Table:
    """Ablation of relations, with either head."""
    heads = [LINEAR, *([COMPARISON] if study.encoders(COMPARISON, ABLATED) else [])]
    scratch = study.finetunings("ucf101", "random", ABLATED)
    values = (published.TABLE_II_RANDOM, None)
    untrained = tuple(Cell(value, scratch, TOP1) for value, _ in zip(values, heads, strict=False))
    rows = [TableRow("Random initialization", untrained)]
    extra = {names: None for names in study.extra_relations if names not in published.TABLE_II}
    for relations, value in {**published.TABLE_II, **extra}.items():
        subset = None if len(relations) == len(RELATIONS) else relations
        runs = study.finetunings("ucf101", LINEAR, ABLATED, relations=subset)
        cells = [Cell(value, runs, TOP1)]
        if COMPARISON in heads:
            # What is done to v_j is read off v_j: a head that compares adds nothing to that.
            compared = not set(COMPARED).isdisjoint(relations)
            runs = study.finetunings("ucf101", COMPARISON, ABLATED, relations=subset)
            cells.append(Cell(None, runs if compared else (), TOP1))
        rows.append(TableRow(f"ERUV with {relations_name(relations)}", tuple(cells)))
    place = study.place_title("ucf101")
    return Table(
        "table2",
        "Table II: ablation of relations; C3D, top-1 accuracy on UCF101, split 1",
        (place, f"{place}, comparison head")[: len(heads)],
        tuple(rows),
        pairs=tuple((row.title, rows[0].title) for row in rows[1:]),
    )


def table3(study: Study) -> Table:
    """What it is pre-trained on."""
    rows = []
    for method in _methods(study)[1:]:
        values = published.TABLE_III.get(METHOD_TITLES[method], (None, None))
        cells = [
            Cell(value, study.finetunings("ucf101", method, ABLATED, data=data), TOP1)
            for value, data in zip(values, ("trimmed", "untrimmed"), strict=True)
        ]
        rows.append(TableRow(METHOD_TITLES[method], tuple(cells)))
    return Table(
        "table3",
        "Table III: C3D pre-trained on different data; top-1 accuracy on UCF101, split 1",
        tuple(f"pre-trained on {study.place_title(one)}" for one in ("ucf101", "untrimmed")),
        tuple(rows),
        ("On trimmed clips ERUV has five relations: without C_V and C_D.",),
        _pairs({METHOD_TITLES[method]: (method, ABLATED) for method in _methods(study)[1:]}),
    )


def table4(study: Study) -> Table:
    """Recognition with every method and network."""
    rows = []
    for title, values in published.TABLE_IV.items():
        cells = []
        for value, place in zip(values, LABELLED_PLACES, strict=True):
            row = MEASURED_ROWS.get(title)
            runs = study.finetunings(place, *row, all_splits=True) if row else ()
            cells.append(Cell(value, runs, TOP1))
        rows.append(TableRow(title, tuple(cells)))
    for title, row in _comparison_rows(study).items():
        found = (study.finetunings(place, *row, all_splits=True) for place in LABELLED_PLACES)
        rows.append(TableRow(title, tuple(Cell(None, runs, TOP1) for runs in found)))
    later = [
        TableRow(title, tuple(map(Cell, values)), beyond=True)
        for title, values in FINE_TUNING.items()
    ]
    notes = [f"Below: works beyond the paper; {NOT_COMPARABLE}."]
    single = [NETWORK_TITLES[one] for one in BACKBONES if one not in study.scale.all_splits]
    if single:
        names = " and ".join(single)
        notes.insert(0, f"{names}: split 1 alone; the paper has the mean of three splits.")
    return Table(
        "table4",
        "Table IV: top-1 accuracy of recognition, mean over the splits",
        tuple(map(study.place_title, LABELLED_PLACES)),
        (*rows, *later),
        tuple(notes),
        _pairs(MEASURED_ROWS),
    )


def table5(study: Study) -> Table:
    """Retrieval on UCF101."""
    return _retrieval_table(study, "table5", PUBLISHED[0])


def table6(study: Study) -> Table:
    """Retrieval on HMDB51."""
    return _retrieval_table(study, "table6", PUBLISHED[1])


def _retrieval_table(study: Study, name: str, paper: PublishedRetrieval) -> Table:
    place = paper.data_set.lower()
    runs = {
        title: study.frozen_tests(RetrievalTest, place, *row)
        for title, row in MEASURED_ROWS.items()
    }
    rows = []
    unpublished = dict.fromkeys(_comparison_rows(study), (None,) * len(RECALL_AT))
    for title, recalls in {**paper.rows, **unpublished}.items():
        values = zip(RECALL_AT, recalls, strict=True)
        cells = [Cell(value, runs.get(title, ()), ("recall", str(k))) for k, value in values]
        rows.append(TableRow(title, tuple(cells)))
    some = next((found for found in runs.values() if found), ())
    by_chance = tuple(Cell(None, some, ("chance", str(k))) for k in RECALL_AT)
    rows.append(TableRow("by chance", by_chance))
    for title, recalls in paper.later.items():
        padded = (*recalls, *[None] * (len(RECALL_AT) - len(recalls)))
        rows.append(TableRow(title, tuple(map(Cell, padded)), beyond=True))
    notes = ["Level video: the mean feature of ten clips asks for training videos; all queries."]
    if paper.later:
        notes.append(f"Below: works beyond the paper; {NOT_COMPARABLE}.")
    return Table(
        name,
        f"{paper.table}: nearest-neighbour retrieval on {study.place_title(place)}, split 1",
        tuple(f"top {k}" for k in RECALL_AT),
        tuple(rows),
        tuple(notes),
        _pairs(MEASURED_ROWS),
    )


def probe_table(study: Study) -> Table:
    """Frozen features and few labels, of every method."""
    rows = [
        TableRow(
            f"C3D ({METHOD_TITLES[method]})",
            tuple(cell for place in LABELLED_PLACES for cell in _frozen(study, place, method)),
        )
        for method in _methods(study)
    ]
    by_chance = tuple(cell for place in LABELLED_PLACES for cell in _frozen_by_chance(study, place))
    rows.append(TableRow("by chance", by_chance))
    return Table(
        "probe",
        "Beyond the paper: frozen features and few labels, split 1",
        tuple(
            f"{study.place_title(place)}: {measure}"
            for place in LABELLED_PLACES
            for measure in _frozen_measures(study)
        ),
        tuple(rows),
        ("The paper has no such figures.",),
    )


def joined_table(study: Study) -> Table:
    """Pre-training on a labelled set's own clips, joined into films."""
    rows = []
    for method in _methods(study):
        all_labels = study.finetunings("hmdb51", method, ABLATED, data="joined")
        if "joined" not in study.data:
            all_labels = ()
        cells = (*_frozen(study, "hmdb51", method, "joined"), Cell(None, all_labels, TOP1))
        rows.append(TableRow(f"C3D ({METHOD_TITLES[method]})", cells))
    return Table(
        "joined",
        "Beyond the paper: pre-trained on films joined from the labelled set's own clips",
        (*_frozen_measures(study), "all labels"),
        tuple(rows),
        ("The paper has no such figures.",),
    )


def _pairs(rows: Mapping[str, tuple[Method, str]]) -> tuple[tuple[str, str], ...]:
    """ERUV's rows, of either head, with those of the other methods on the same network."""
    titles = {row: title for title, row in rows.items()}
    return tuple(
        (titles[method, network], title)
        for method in (COMPARISON, LINEAR)
        for title, (baseline, network) in rows.items()
        if baseline not in (COMPARISON, LINEAR) and (method, network) in titles
    )


def _methods(study: Study) -> tuple[Method, ...]:
    """Those that the scale has."""
    return tuple(method for method in METHODS if (method, ABLATED) in study.scale.pretraining)


def _comparison_rows(study: Study) -> dict[str, tuple[Method, str]]:
    """Method and network of the rows that the paper lacks, by title."""
    if COMPARISON not in _methods(study):
        return {}
    return {title: row for title, row in MEASURED_ROWS.items() if row[0] == COMPARISON}


def _frozen_measures(study: Study) -> tuple[str, ...]:
    few = f"{study.scale.few_labels} labels a class"
    return ("linear probe", "5 nearest", few, "retrieval top 1")


def _frozen(study: Study, place: str, method: Method, data: str = "untrimmed") -> tuple[Cell, ...]:
    """A cell for each of `_frozen_measures`."""
    if data not in study.data:
        return (Cell(),) * len(_frozen_measures(study))
    few = study.finetunings(
        place, method, ABLATED, data=data, labels_per_class=study.scale.few_labels
    )
    probes = study.frozen_tests(ProbeTest, place, method, ABLATED, data)
    return (
        Cell(None, probes, ("linear_probe", "top1")),
        Cell(None, probes, ("knn_top1",)),
        Cell(None, few, TOP1),
        Cell(
            None, study.frozen_tests(RetrievalTest, place, method, ABLATED, data), ("recall", "1")
        ),
    )


def _frozen_by_chance(study: Study, place: str) -> tuple[Cell, ...]:
    probes = Cell(None, study.frozen_tests(ProbeTest, place, "random", ABLATED), ("chance",))
    retrieval = study.frozen_tests(RetrievalTest, place, "random", ABLATED)
    return (probes, probes, probes, Cell(None, retrieval, ("chance", "1")))


TABLES: dict[str, Callable[[Study], Table]] = {
    "table1": table1,
    "table2": table2,
    "table3": table3,
    "table4": table4,
    "table5": table5,
    "table6": table6,
    "probe": probe_table,
    "joined": joined_table,
}
