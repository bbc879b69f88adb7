"""Differences of rows: which pairs, with which sign, and only where both were measured."""

import pytest

from eruv.reproduction.differences import difference_grid, with_differences
from eruv.reproduction.pages import html, markdown
from eruv.reproduction.tables import TABLES
from reproduction_for_tests import study


def correct_in(count_by_method):
    """Results in which so many of ten videos are right, by the name of a method."""

    def result_of(experiment):
        for method, count in count_by_method.items():
            if f": {method}, c3d" in experiment.title:
                return {"correct": [True] * count + [False] * (10 - count)}
        return None

    return result_of


def measured(name, count_by_method):
    return with_differences(TABLES[name](study()), correct_in(count_by_method))


def means(table):
    """The differences in points by title, None where there is none."""
    return {
        row.title: [one and round(100 * one.mean, 6) for one in row.values]
        for row in table.differences
    }


def test_each_head_is_compared_with_each_rival_on_all_data():
    assert means(measured("table3", {"VCOP": 6, "ERUV": 6, "ERUV comparison": 9})) == {
        "ERUV, comparison head − VCOP": [30, 30],
        "ERUV − VCOP": [0, 0],  # and VCP is not measured
    }
    assert means(measured("table3", {"VCOP": 6})) == {}


def test_rows_of_the_ablation_are_compared_with_no_pre_training():
    found = measured("table2", {"scratch": 5, "ERUV P_{D,S}": 4})
    assert means(found) == {"ERUV with P_{D,S} − Random initialization": [-10, None]}


def test_splits_of_a_seed_count_as_one_list_and_need_be_complete():
    counts = {"scratch": 5, "VCP": 5, "ERUV": 8}
    assert means(measured("table4", counts))["C3D (ERUV) − C3D (random)"] == [30, 30]
    table, result_of = TABLES["table4"](study()), correct_in(counts)
    assert any("ucf101 split 3: ERUV" in one.title for one in table.experiments)
    partly = with_differences(
        table, lambda one: None if "ucf101 split 3: ERUV" in one.title else result_of(one)
    )
    assert means(partly)["C3D (ERUV) − C3D (random)"] == [None, 30]


def test_a_seed_of_an_earlier_version_leaves_no_difference_of_the_others():
    def result_of(experiment):
        if ": VCOP, c3d" in experiment.title:
            return {"top1": 0.5, "correct": [True, False]}
        if ": ERUV, c3d" in experiment.title:
            said = {} if "seed 0" in experiment.title else {"correct": [True, True]}
            return {"top1": 0.75} | said
        return None

    table = TABLES["table3"](study(seeds=(0, 1)))
    assert means(with_differences(table, result_of)) == {}


def test_only_the_first_neighbour_is_a_share_of_videos():
    found = measured("table5", {"random": 2, "ERUV": 5})
    assert means(found) == {"C3D (ERUV) − C3D (random)": [30, *[None] * 4]}
    columns, lines = difference_grid(found)
    assert columns == ["top 1"]
    assert lines == [["C3D (ERUV) − C3D (random)", "+30.0 (+0.0 to +60.0)"]]


@pytest.mark.parametrize("write", [markdown, lambda *parts: html("Table III", *parts, runs=[])])
def test_pages_show_them_below_the_table(write):
    page = write([measured("table3", {"VCOP": 6, "ERUV": 5})], [], "Scale: small.")
    assert "paired bootstrap" in page
    assert "ERUV − VCOP" in page
    assert page.count("−10.0 (−30.0 to +0.0)") == 2
    assert "paired bootstrap" not in write([measured("table3", {})], [], "Scale: small.")
