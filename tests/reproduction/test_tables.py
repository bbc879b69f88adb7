"""Which runs each table needs, at every scale.

Covers also: figures, options, plan, scales, sources, study.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from eruv.reproduction.cost import workload_of
from eruv.reproduction.experiments import FinetuningRun, PretrainingRun, ProbeTest, RetrievalTest
from eruv.reproduction.figures import FIGURES
from eruv.reproduction.options import PaperOptions, relation_subsets
from eruv.reproduction.plan import in_order
from eruv.reproduction.scales import SCALES
from eruv.reproduction.study import Study
from eruv.reproduction.tables import TABLES, training_notes
from eruv.utils.errors import EruvError
from reproduction_for_tests import infos, study


def runs_of(name, **options):
    made = {**TABLES, **FIGURES}[name](study(**options))
    return Counter(type(one).__name__ for one in in_order(made.experiments))


def everything(**options):
    made = study(**options)
    return in_order(
        one for make in (*TABLES.values(), *FIGURES.values()) for one in make(made).experiments
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("table1", {"PretrainingRun": 2, "RelationTest": 2}),
        ("table2", {"PretrainingRun": 9 + 5, "FinetuningRun": 9 + 5 + 1}),
        ("table3", {"PretrainingRun": 8, "FinetuningRun": 8}),
        ("table4", {"PretrainingRun": 12, "FinetuningRun": 5 * 2 * 3 + 2 * 5 * 2}),
        ("table5", {"PretrainingRun": 15, "RetrievalTest": 15}),
        ("table6", {"PretrainingRun": 15, "RetrievalTest": 15}),
        ("fig5", {"PretrainingRun": 3, "EmbeddingFigure": 1}),
        ("fig6", {"PretrainingRun": 3, "AttentionFigure": 1}),
    ],
)
def test_a_table_needs_the_runs_of_its_rows(name, expected):
    assert runs_of(name) == expected


def test_everything_shares_what_is_the_same():
    found = Counter(type(one) for one in everything())
    # Nine subsets of relations, five of them with two heads, VCOP and VCP, four on trimmed clips,
    # eight in other networks, and three untrained networks.
    assert found[PretrainingRun] == 9 + 5 + 2 + 4 + 8 + 3
    # Table II, trimmed clips and VCOP and VCP in III, HMDB51 and two more splits in IV, other
    # networks, few labels.
    assert found[FinetuningRun] == 15 + 4 + 2 + 5 + 2 * 2 * 5 + 20 + 10
    assert (found[RetrievalTest], found[ProbeTest]) == (30, 10)
    assert len({one.key for one in everything()}) == len(everything())


def test_what_a_run_needs_comes_before_it():
    seen = set()
    for experiment in everything(seeds=(0, 1)):
        assert all(one.key in seen for one in experiment.needs)
        seen.add(experiment.key)


def test_more_seeds_are_for_c3d_alone():
    backbones = Counter(
        one.config.backbone
        for one in everything(seeds=(0, 1, 2))
        if isinstance(one, PretrainingRun) and one.method != "random"
    )
    assert backbones == {"c3d": 3 * 20, "r3d": 4, "r2plus1d": 4}


def test_the_papers_scale_takes_three_splits_of_every_network_and_its_own_recipes():
    made = study("paper")
    finetunings = [one for one in everything(scale="paper") if isinstance(one, FinetuningRun)]
    splits = Counter(one.data.split for one in finetunings if one.config.backbone == "r3d")
    assert splits == {1: 8, 2: 8, 3: 8}
    scale = made.scale
    assert scale.pretraining["eruv", "r3d"].epochs == 300
    assert scale.pretraining["vcop", "c3d"].optimizer.learning_rate == 0.001
    assert scale.finetuning["ucf101", "c3d"].epochs == 150
    held_out = [scale.finetuning[place, "c3d"].held_out for place in ("ucf101", "hmdb51")]
    assert held_out == [800, 400]


def test_a_further_subset_of_relations_is_a_row_with_a_head_of_its_size():
    made = TABLES["table2"](study(relations=(("C_S", "P_S"), ("P_D", "P_S"))))
    assert [row.title for row in made.rows][-1] == "ERUV with C_{S}P_{S}"
    assert len(made.rows) == 11  # the other subset is the paper's
    (finetuning,) = made.rows[-1].cells[0].runs[0]
    assert finetuning.init.config.classes == ("C_S", "P_S")
    assert made.rows[-1].cells[0].published is None


def test_on_trimmed_clips_eruv_has_five_relations():
    made = TABLES["table3"](study())
    for row in made.rows[-2:]:
        trimmed, untrimmed = (cell.runs[0][0].init for cell in row.cells)
        assert trimmed.config.classes == ("C_S", "C_R", "P_I", "P_D", "P_S")
        assert trimmed.config.trimmed
        assert len(untrimmed.config.classes) == 7


def test_a_set_that_is_not_given_leaves_its_column_published_only():
    made = TABLES["table4"](study(without=("hmdb51",)))
    row = next(row for row in made.rows if row.title == "C3D (ERUV)")
    assert row.cells[0].runs
    assert not row.cells[1].runs
    assert row.cells[1].published == 33.7


def test_fine_tuning_is_equally_long_in_all_rows_of_the_small_scales():
    for name in ("small", "smoke"):
        configs = SCALES[name]().finetuning.values()
        assert len({(one.steps, one.batch_size) for one in configs}) == 1
        assert all(one.steps for one in configs)


def test_cells_hold_the_mean_over_splits_and_the_seeds_that_are_whole():
    made = TABLES["table4"](study(seeds=(0, 1, 2)))
    cell = next(row for row in made.rows if row.title == "C3D (ERUV)").cells[0]
    accuracies = iter([0.1, 0.2, 0.6, 0.5, 0.5, 0.5, 0.9, None, 0.9])
    results = {
        one.key: None if share is None else {"top1": share}
        for of_seed in cell.runs
        for one, share in zip(of_seed, accuracies, strict=False)
    }
    found = cell.filled(lambda one: results[one.key])
    assert found.per_seed == pytest.approx((30.0, 50.0))
    assert (found.splits, len(found.runs)) == (3, 3)
    assert found.difference == pytest.approx(40.0 - 69.6)


@pytest.mark.parametrize("word", ["C_S", "C_S,C_S", "C_S,P_X", ""])
def test_subsets_of_relations_that_make_no_task_are_refused(word):
    with pytest.raises(EruvError, match="at least two of"):
        relation_subsets([word])


def test_subsets_are_put_into_the_order_of_the_relations():
    assert relation_subsets(["P_S,C_S", "C_S,P_S"]) == (("C_S", "P_S"),)


def test_options_that_contradict_each_other_are_refused(tmp_path):
    with pytest.raises(EruvError, match="there is no data"):
        PaperOptions()
    with pytest.raises(EruvError, match="HMDB51's place"):
        PaperOptions(paths={"hmdb51": tmp_path, "labelled": tmp_path})
    with pytest.raises(EruvError, match="seeds must be numbers"):
        PaperOptions("small", seeds=(1, 1))
    with pytest.raises(EruvError, match="does not exist"):
        PaperOptions(paths={"untrimmed": tmp_path / "none"})
    with pytest.raises(EruvError, match="at least 1; got 0"):
        PaperOptions("small", pairs=0)


def test_a_number_of_pairs_is_that_of_every_pre_training_and_of_nothing_else():
    usual, longer = PaperOptions("small").make_scale(), PaperOptions("small", pairs=9).make_scale()
    assert {config.num_pairs(1000) for config in longer.pretraining.values()} == {9}
    assert {config.num_pairs(1000) for config in usual.pretraining.values()} == {6000}
    assert {config.validation.every_pairs for config in longer.pretraining.values()} == {9}
    assert longer.finetuning == usual.finetuning
    assert PaperOptions("small", pairs=6000).make_scale() == usual
    of_paper = PaperOptions(paths={"untrimmed": Path()}, pairs=9).make_scale()
    assert (of_paper.name, Study(of_paper, {}).comparable) == ("paper, 9 pairs", False)
    assert Study(replace(of_paper, name="paper"), {}).comparable
    assert {config.num_pairs(1000) for config in of_paper.pretraining.values()} == {9}


def test_a_table_tells_how_well_classifiers_know_their_training_clips():
    table = TABLES["table3"](study())
    assert training_notes(table, lambda one: None) == ()
    (note,) = training_notes(
        table,
        lambda one: {"best_accuracy": 0.5 if "VCOP" in one.title else 1.0},
    )
    assert "50 (VCOP), 100 (VCP), 100 (ERUV)" in note
    with_held_out = TABLES["table3"](study("paper"))  # its validations are on other clips
    assert training_notes(with_held_out, lambda one: {"best_accuracy": 0.5}) == ()


def test_few_labels_are_all_learned_from():
    (cell,) = TABLES["probe"](study("paper")).rows[0].cells[2].runs
    assert cell[0].config.labels_per_class == 5
    assert cell[0].config.held_out == 0
    work = workload_of(cell[0], study("paper").data)
    assert work.samples == 150 * 2 * 5


def test_only_the_papers_settings_on_the_papers_data_are_compared_with_it():
    official = {name: replace(one, official=True) for name, one in infos().items()}
    assert Study(SCALES["paper"](), official).comparable
    assert not Study(SCALES["small"](), official).comparable
    assert not study("paper").comparable
    assert "UCF101 (stand-in)" in TABLES["table4"](study("paper")).columns
    assert TABLES["table4"](Study(SCALES["paper"](), official)).columns == ("UCF101", "HMDB51")
