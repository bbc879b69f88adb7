"""Studies without any video, for tests of plans."""

from eruv.reproduction.data import DatasetInfo
from eruv.reproduction.scales import SCALES
from eruv.reproduction.sources import SplitInfo
from eruv.reproduction.study import Study


def infos(fingerprint="f", segments=100):
    """All four sets, as if they were prepared."""
    labelled = {n: SplitInfo(fingerprint + str(n), train=20, test=10, classes=2) for n in (1, 2, 3)}
    raw = {1: SplitInfo(fingerprint, segments=segments)}
    return {
        "untrimmed": DatasetInfo("untrimmed", "films", raw),
        "trimmed": DatasetInfo("trimmed", "clips", raw),
        "ucf101": DatasetInfo("ucf101", "one", labelled),
        "hmdb51": DatasetInfo("hmdb51", "other", labelled),
    }


def study(scale="small", seeds=(0,), relations=(), without=()):
    """A study at a scale, with some sets left out."""
    present = {name: one for name, one in infos().items() if name not in without}
    return Study(SCALES[scale](), present, seeds, relations)
