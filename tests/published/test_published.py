"""Published figures against sums and values read in the paper.

Covers also: retrieval, sizes.
"""

import pytest

from eruv.pretext.relation_settings import RELATIONS
from eruv.published import tables as published
from eruv.published.tables import FINE_TUNING, TABLE_V, TABLE_VI


def column_sums(table):
    return [round(sum(column), 1) for column in zip(*table.values(), strict=True)]


def test_columns_add_up_to_the_sums_of_the_papers_columns():
    assert round(sum(published.TABLE_I.values()), 1) == 464.5
    assert round(sum(published.TABLE_II.values()), 1) == 601.2
    assert column_sums(published.TABLE_III) == [207.6, 204.0]
    assert column_sums(published.TABLE_IV) == [1072.8, 485.8]
    assert column_sums(TABLE_V) == [264.2, 455.3, 572.8, 711.9, 919.6]
    assert column_sums(TABLE_VI) == [87.9, 264.1, 398.4, 580.2, 850.0]


def test_the_tables_have_the_papers_rows():
    counts = [len(published.TABLE_II), len(published.TABLE_III), len(published.TABLE_IV)]
    assert counts == [9, 3, 17]
    assert (len(TABLE_V), len(TABLE_VI)) == (15, 12)
    assert list(published.TABLE_I) == list(RELATIONS)


def test_gains_that_the_papers_text_states_follow_from_its_tables():
    second, fourth = published.TABLE_II, published.TABLE_IV
    gains = [
        second[names] - published.TABLE_II_RANDOM
        for names in (("C_S", "C_D"), ("C_S", "C_R"), ("C_S", "C_V"), ("P_D", "P_S"))
    ]
    assert gains == pytest.approx([2.9, 4.2, 5.8, 3.9])
    assert second[tuple(RELATIONS)] - published.TABLE_II_RANDOM == pytest.approx(8.3)
    assert second[tuple(RELATIONS)] == published.TABLE_III["ERUV"][1]
    for network, stated in (("R3D", (14.3, 8.2)), ("R(2+1)D", (12.6, 9.9))):
        random, eruv = fourth[f"{network} (random)"], fourth[f"{network} (ERUV)"]
        assert [b - a for a, b in zip(random, eruv, strict=True)] == pytest.approx(stated)


def test_recall_never_falls_with_more_neighbours():
    assert all(list(row) == sorted(row) for row in (*TABLE_V.values(), *TABLE_VI.values()))


def test_the_ladder_climbs_beyond_the_paper():
    assert len(FINE_TUNING) == 14
    assert max(ucf101 for ucf101, _ in FINE_TUNING.values()) == 91.3
    assert [FINE_TUNING[f"PRP, {one}"][1] for one in ("C3D", "R3D", "R(2+1)D")] == [
        34.5,
        29.7,
        35.0,
    ]
