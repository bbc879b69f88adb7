"""Published figures of nearest-neighbour retrieval, and the data sets they are of.

Goes out: recall at 1, 5, 10, 20 and 50 in per cent, as printed, on split 1; some works give only
the first.
"""

from dataclasses import dataclass

from eruv.published.sizes import is_complete

Recalls = tuple[float, ...]

TABLE_V: dict[str, Recalls] = {
    "Jigsaw": (19.7, 28.5, 33.5, 40.0, 49.4),
    "OPN": (19.9, 28.7, 34.0, 40.6, 51.6),
    "Büchler": (25.7, 36.2, 42.2, 49.2, 59.5),
    "C3D (random)": (16.7, 27.5, 33.7, 41.4, 53.0),
    "C3D (VCOP)": (12.5, 29.0, 39.0, 50.6, 66.9),
    "C3D (VCP)": (17.3, 31.5, 42.0, 52.6, 67.7),
    "C3D (ERUV)": (25.2, 40.5, 48.3, 57.6, 70.4),
    "R3D (random)": (9.9, 18.9, 26.0, 35.5, 51.9),
    "R3D (VCOP)": (14.1, 30.3, 40.4, 51.1, 66.5),
    "R3D (VCP)": (18.6, 33.6, 42.5, 53.5, 68.1),
    "R3D (ERUV)": (21.4, 35.2, 43.8, 53.1, 68.3),
    "R(2+1)D (random)": (10.6, 20.7, 27.4, 37.4, 53.1),
    "R(2+1)D (VCOP)": (10.7, 25.9, 35.4, 47.3, 63.9),
    "R(2+1)D (VCP)": (19.9, 33.7, 42.0, 50.5, 64.4),
    "R(2+1)D (ERUV)": (22.0, 35.1, 42.6, 51.5, 64.9),
}

TABLE_VI: dict[str, Recalls] = {
    "C3D (random)": (7.4, 20.5, 31.9, 44.5, 66.3),
    "C3D (VCOP)": (7.4, 22.6, 34.4, 48.5, 70.1),
    "C3D (VCP)": (7.8, 23.8, 35.3, 49.3, 71.6),
    "C3D (ERUV)": (8.6, 25.3, 37.0, 53.7, 75.7),
    "R3D (random)": (6.7, 18.3, 28.3, 43.1, 67.9),
    "R3D (VCOP)": (7.6, 22.9, 34.4, 48.8, 68.9),
    "R3D (VCP)": (7.6, 24.4, 36.3, 53.6, 76.4),
    "R3D (ERUV)": (8.6, 24.3, 35.5, 53.0, 75.9),
    "R(2+1)D (random)": (4.5, 14.8, 23.4, 38.9, 63.0),
    "R(2+1)D (VCOP)": (5.7, 19.5, 30.7, 45.8, 67.0),
    "R(2+1)D (VCP)": (6.7, 21.3, 32.7, 49.2, 73.3),
    "R(2+1)D (ERUV)": (9.3, 26.4, 38.5, 51.8, 73.9),
}

# Of later works, from their own papers; pre-trained on UCF101 unless said otherwise.
LATER_UCF101: dict[str, Recalls] = {
    "PRP, R3D": (22.8, 38.5, 46.7, 55.2, 69.1),
    "IIC, R3D": (42.4, 60.9, 69.2, 77.1, 86.5),
    "RSPNet, C3D (Kinetics-400)": (36.0, 56.7, 66.5, 76.3, 87.7),
    "PCL (VCP), R3D-18": (55.1, 71.2, 78.9, 85.5, 92.3),
    "CoCLR": (51.8,),
    "TCLR": (56.1,),
}


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


PUBLISHED = (
    PublishedRetrieval(
        "UCF101", "Table V", 101, ((9537, 3783), (9586, 3734), (9624, 3696)), TABLE_V, LATER_UCF101
    ),
    PublishedRetrieval("HMDB51", "Table VI", 51, ((3570, 1530),), TABLE_VI, {}),
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
