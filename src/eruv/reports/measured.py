"""Accuracy of the pretext task and recall of retrieval, as rows for the report."""

from dataclasses import dataclass

from eruv.pretext import Words
from eruv.reports.results import Record, Results
from eruv.utils.numbers import plural

# Titles of the features, by the ending of "retrieval_top1" in the demo's record.
FEATURES = {
    "": "trained encoder",
    "_untrained": "untrained encoder",
    "_still": "trained encoder, first frame repeated",
    "_colour": "colour histogram",
}
# From this share on, the number in a cell of the confusion matrix is drawn light.
DARK = 0.55


@dataclass(frozen=True)
class Headline:
    """The main figure of a run.

    Attributes:
        accuracy: mean over the classes; None before the first validation.
        chance: of guessing.
        source: what it was measured on.
    """

    accuracy: float | None
    chance: float
    source: str


@dataclass(frozen=True)
class AccuracyRow:
    """Accuracy of one class, and of the paper's network on its data."""

    symbol: str
    name: str
    accuracy: float | None
    paper: float | None


@dataclass(frozen=True)
class ConfusionRow:
    """How often samples of one class were classified as each class.

    Attributes:
        symbol, name: of the true class.
        total: samples of it.
        cells: count, share of the samples (None without any), and whether it is drawn dark.
    """

    symbol: str
    name: str
    total: int
    cells: list[tuple[int, float | None, bool]]


@dataclass(frozen=True)
class RetrievalTable:
    """Nearest-neighbour retrieval of one data set.

    Attributes:
        title, question: what is retrieved, and what is measured.
        bars: title and recall at 1, and whether it is the trained encoder.
        ks: numbers of neighbours.
        rows: title and recall at each of `ks`.
    """

    title: str
    question: str
    bars: list[tuple[str, float, bool]]
    ks: list[str]
    rows: list[tuple[str, list[float | None]]]


def headline(results: Results) -> Headline:
    """Accuracy of the pretext task; that of the best validation until it is measured."""
    chance, words = 1 / len(results.config.classes), results.words
    if results.relations:
        return Headline(
            results.relations["relation_accuracy"],
            results.relations["chance"],
            f"mean over {len(results.relations['relations'])} {words.kind}s, "
            f"{results.relations['pairs_per_relation']:,} held-out {words.sample}s of each",
        )
    best = results.best_validation
    if best:
        return Headline(
            best["accuracy"],
            chance,
            "of the best validation so far, which chose the weights, so it is a little optimistic",
        )
    return Headline(None, chance, "nothing has been measured yet")


def accuracy_rows(relations: Record, words: Words) -> list[AccuracyRow]:
    """One row a class, in the order of the labels."""
    paper = relations.get("paper") or {}
    return [
        AccuracyRow(symbol, words.classes[symbol], accuracy, paper.get(symbol))
        for symbol, accuracy in relations["relations"].items()
    ]


def confusion_rows(relations: Record, words: Words) -> list[ConfusionRow]:
    """Rows of true classes over columns of predicted ones."""
    rows = []
    for symbol, counts in zip(relations["relations"], relations["confusion"], strict=True):
        total = sum(counts)
        shares = [number / total if total else None for number in counts]
        cells = [
            (number, share, (share or 0.0) >= DARK)
            for number, share in zip(counts, shares, strict=True)
        ]
        rows.append(ConfusionRow(symbol, words.classes[symbol], total, cells))
    return rows


def retrieval_tables(results: Results) -> list[RetrievalTable]:
    """A table for each retrieval in the run's folder."""
    return [
        _of_demo(record) if "retrieval_top1" in record else _of_retrieve(record)
        for record in results.retrievals
    ]


def _of_demo(record: Record) -> RetrievalTable:
    known = {end: title for end, title in FEATURES.items() if f"retrieval_top1{end}" in record}
    bars = [(title, float(record[f"retrieval_top1{end}"]), not end) for end, title in known.items()]
    recall = record.get("recall", {})
    tables = {title: recall.get(f"retrieval_recall{end}", {}) for end, title in known.items()}
    ks = sorted({k for table in tables.values() for k in table}, key=int)
    return RetrievalTable(
        title="Retrieval of actions",
        question=f"For each of {plural(record['queries'], 'clip')}, does the nearest of "
        f"{plural(record['gallery'], 'other clip')} show the same of "
        f"{plural(len(record.get('actions', [])), 'action')}?",
        bars=[*bars, ("chance", float(record["retrieval_chance"]), False)],
        ks=ks,
        rows=[(title, [table.get(k) for k in ks]) for title, table in tables.items()],
    )


def _of_retrieve(record: Record) -> RetrievalTable:
    recall, chance = record["recall"], record["chance"]
    return RetrievalTable(
        title=f"Retrieval on {record['data_set']}",
        question=f"For each of {plural(record['queries'], 'test ' + record['level'])}, is the "
        f"nearest of {plural(record['gallery'], 'training ' + record['level'])} of the same of "
        f"{record['classes']:,} classes?",
        bars=[("trained encoder", recall["1"], True), ("chance", chance["1"], False)],
        ks=list(recall),
        rows=[("trained encoder", list(recall.values())), ("chance", list(chance.values()))],
    )
