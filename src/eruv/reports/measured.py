"""The main figure of a run, and recall of its retrievals, for the report."""

from dataclasses import dataclass

from eruv.reports.results import Record, Results
from eruv.utils.numbers import plural

# Titles of the features, by the ending of "retrieval_top1" in the demo's record.
FEATURES = {
    "": "trained encoder",
    "_untrained": "untrained encoder",
    "_still": "trained encoder, first frame repeated",
    "_colour": "colour histogram",
}


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
    """Accuracy of the pretext task; that of the kept validation until it is measured."""
    chance, text = 1 / len(results.config.classes), results.text
    if results.relations:
        return Headline(
            results.relations["relation_accuracy"],
            results.relations["chance"],
            f"mean over {len(results.relations['relations'])} {text.kind}s, "
            f"{results.relations['pairs_per_relation']:,} held-out {text.sample}s of each",
        )
    kept = results.kept_validation
    if kept:
        last = results.config.validation.keep == "last"
        chosen = "best validation so far, which chose the weights, so it is a little optimistic"
        said = f"of the {'last validation so far' if last else chosen}"
        return Headline(kept["accuracy"], chance, said)
    return Headline(None, chance, "nothing has been measured yet")


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
