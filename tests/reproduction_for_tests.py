"""Factories of experiments without any video, for tests of plans."""

from eruv.reproduction.factory import Factory
from eruv.reproduction.outlines import Outline, SplitOutline
from eruv.reproduction.scale import SCALES


def outlines(fingerprint="f", segments=100):
    """All four sets, as if they were prepared."""
    labelled = {
        n: SplitOutline(fingerprint + str(n), train=20, test=10, classes=2) for n in (1, 2, 3)
    }
    raw = {1: SplitOutline(fingerprint, segments=segments)}
    return {
        "untrimmed": Outline("untrimmed", "films", raw),
        "trimmed": Outline("trimmed", "clips", raw),
        "ucf101": Outline("ucf101", "one", labelled),
        "hmdb51": Outline("hmdb51", "other", labelled),
    }


def factory(scale="small", seeds=(0,), relations=(), without=()):
    """A factory of a scale, with some sets left out."""
    present = {name: one for name, one in outlines().items() if name not in without}
    return Factory(SCALES[scale](), present, seeds, relations)
