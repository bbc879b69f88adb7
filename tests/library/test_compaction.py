"""Compaction is frequent while it is cheap, and takes a twentieth of the time when it is not."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from eruv.library.compaction import COMMITS, Compaction

COMMIT_S = 2.0


@dataclass
class Catalogue:
    """A clock that commits and compactions move."""

    compaction_s: float
    seconds: float = 0.0
    compactions: list[float] = field(default_factory=list)

    def compact(self) -> None:
        self.seconds += self.compaction_s
        self.compactions.append(self.seconds)

    def now(self) -> float:
        return self.seconds


def committed(catalogue: Catalogue, commits: int) -> Callable[[], None]:
    compaction = Compaction(catalogue.compact, catalogue.now)
    for _ in range(commits):
        catalogue.seconds += COMMIT_S
        compaction.after_commit()
    return compaction.finish


def test_a_small_catalogue_is_compacted_after_sixteen_commits() -> None:
    catalogue = Catalogue(compaction_s=0.1)
    finish = committed(catalogue, 5 * COMMITS + 1)
    assert len(catalogue.compactions) == 5
    finish()
    assert len(catalogue.compactions) == 6
    finish()
    assert len(catalogue.compactions) == 6, "nothing was committed since"


@pytest.mark.parametrize("compaction_s", [14.0, 200.0])
def test_a_large_one_spends_a_twentieth_of_the_time(compaction_s: float) -> None:
    catalogue = Catalogue(compaction_s)
    committed(catalogue, 100_000)
    share = len(catalogue.compactions) * compaction_s / catalogue.seconds
    assert 0.04 < share <= 0.055


def test_nothing_is_compacted_without_a_commit() -> None:
    catalogue = Catalogue(compaction_s=1.0)
    committed(catalogue, 0)()
    assert not catalogue.compactions
