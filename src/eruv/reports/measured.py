"""How well the network tells the classes apart, and how well its features retrieve."""

from dataclasses import dataclass

from eruv.pretext import Words
from eruv.reports.results import Record, Results

# Titles of the kinds of features, by what follows "retrieval_top1" in the record.
FEATURES = {
    "": "trained encoder",
    "_untrained": "untrained encoder",
    "_still": "trained encoder, first frame repeated",
    "_colour": "colour histogram",
}
# From this share on a cell of the confusion matrix is so dark that its number is drawn light.
DARK = 0.55


@dataclass(frozen=True)
class Headline:
    """The one figure of a run.

    Attributes:
        accuracy: mean over the classes; None before the first validation.
        chance: of guessing.
        source: what it was measured on.
    """

    accuracy: float | None
    chance: float
    source: str


@dataclass(frozen=True)
class ClassRow:
    """Accuracy of one class, and of the paper's network on its data."""

    symbol: str
    name: str
    accuracy: float | None
    paper: float | None


@dataclass(frozen=True)
class ConfusionRow:
    """How often samples of one class were taken for each class.

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
class Retrieval:
    """Nearest-neighbour retrieval of actions.

    Attributes:
        bars: title and recall at 1, and whether it is the trained encoder.
        ks: numbers of neighbours.
        rows: title and recall at each of `ks`.
        queries, gallery, actions: how many.
    """

    bars: list[tuple[str, float, bool]]
    ks: list[str]
    rows: list[tuple[str, list[float | None]]]
    queries: int
    gallery: int
    actions: int


def headline(results: Results) -> Headline:
    """Accuracy of the run's own task; the best validation's as long as there is no other."""
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
            "of the best validation so far: it chose the weights, so it is a little optimistic",
        )
    return Headline(None, chance, "nothing has been measured yet")


def class_rows(relations: Record, words: Words) -> list[ClassRow]:
    """One row a class, in the order of the labels."""
    paper = relations.get("paper") or {}
    return [
        ClassRow(symbol, words.classes[symbol], accuracy, paper.get(symbol))
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


def retrieval(record: Record | None) -> Retrieval | None:
    """Bars and table of retrieval.json."""
    if record is None:
        return None
    known = {end: title for end, title in FEATURES.items() if f"retrieval_top1{end}" in record}
    bars = [(title, float(record[f"retrieval_top1{end}"]), not end) for end, title in known.items()]
    bars.append(("chance", float(record["retrieval_chance"]), False))
    recall = record.get("recall", {})
    tables = {title: recall.get(f"retrieval_recall{end}", {}) for end, title in known.items()}
    ks = sorted({k for table in tables.values() for k in table}, key=int)
    return Retrieval(
        bars=bars,
        ks=ks,
        rows=[(title, [table.get(k) for k in ks]) for title, table in tables.items()],
        queries=record["queries"],
        gallery=record["gallery"],
        actions=len(record.get("actions", [])),
    )
