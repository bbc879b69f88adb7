"""Published retrieval, by the data set that it was measured on."""

from dataclasses import dataclass

from eruv.published.sizes import SIZES, is_complete
from eruv.published.tables import LATER_UCF101, TABLE_V, TABLE_VI, Recalls


@dataclass(frozen=True)
class PublishedRetrieval:
    """Figures on one data set.

    Attributes:
        data_set, table: names.
        num_classes: of the data set.
        split_sizes: training and test videos of each official split.
        rows: of the paper's table, by method.
        later: of later works, by method.
    """

    data_set: str
    table: str
    num_classes: int
    split_sizes: tuple[tuple[int, int], ...]
    rows: dict[str, Recalls]
    later: dict[str, Recalls]


def _published(
    name: str, table: str, rows: dict[str, Recalls], later: dict[str, Recalls]
) -> PublishedRetrieval:
    sizes = dict.fromkeys(SIZES[name.lower()].values())  # each once
    classes = max(one.classes for one in sizes)
    splits = tuple((one.train, one.test) for one in sizes)
    return PublishedRetrieval(name, table, classes, splits, rows, later)


PUBLISHED = (
    _published("UCF101", "Table V", TABLE_V, LATER_UCF101),
    _published("HMDB51", "Table VI", TABLE_VI, {}),
)


def published_for(num_classes: int, train: int, test: int) -> PublishedRetrieval | None:
    """The figures that may stand beside ours: those of the same data set, whole.

    Args:
        num_classes: of the set that was measured on.
        train, test: numbers of its videos.
    """
    for one in PUBLISHED:
        for sizes in one.split_sizes:
            complete = all(map(is_complete, (train, test), sizes))
            if complete and num_classes == one.num_classes:
                return one
    return None
