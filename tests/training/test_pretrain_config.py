"""The configuration: the paper's values, round trips, and sentences for what is not allowed."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from jsonargparse import ArgumentParser

from eruv.models.siamese import BatchNorm
from eruv.pretext.relation_settings import RELATIONS
from eruv.recipes import RECIPES
from eruv.training.base_config import OptimizerSettings
from eruv.training.pretrain_config import (
    PretrainConfig,
    ValidationSettings,
    default_recipe,
    recipe,
)
from eruv.utils.errors import EruvError

PAPER = {"paper_c3d": "c3d", "paper_r3d": "r3d", "paper_r2plus1d": "r2plus1d"}


@pytest.mark.parametrize("name", PAPER)
def test_a_paper_recipe_holds_the_paper_s_choices(name: str) -> None:
    config = recipe(name)
    joint: BatchNorm = "joint"
    assert config.detector == "hog-reference"
    assert (config.backbone, config.width, config.batch_norm) == (PAPER[name], 1.0, joint)
    assert config.task.relations == tuple(RELATIONS)
    assert (config.task.paired_window, config.task.shuffle, config.trimmed) == (
        False,
        "clip",
        False,
    )
    assert (config.size.height, config.size.width, config.size.crop) == (128, 171, 112)
    assert (config.batch_size, config.epochs, config.pairs) == (8, 300, None)
    assert config.optimizer == OptimizerSettings("sgd", 0.01, 0.9, 5e-4)
    schedule = config.schedule
    assert (schedule.name, schedule.patience, schedule.factor) == ("plateau", 50, 0.1)
    assert (schedule.minimum, schedule.warmup) == (1e-7, 0.0)
    assert (config.validation.share, config.validation.every_pairs) == (0.1, None)
    assert (config.validation.batch_norm_batches, config.validation.keep) == (0, "accuracy")
    assert config.pretext == "eruv"
    if name == "paper_c3d":
        assert config == PretrainConfig(detector="hog-reference")


PEERS = {"paper_c3d_vcop": ("vcop", 1e-3), "paper_c3d_vcp": ("vcp", 0.01)}


@pytest.mark.parametrize("name", PEERS)
def test_a_recipe_of_a_peer_holds_its_own_choices_on_the_paper_s_segments(name: str) -> None:
    config = recipe(name)
    pretext, rate = PEERS[name]
    per_clip: BatchNorm = "per_clip"
    assert (config.pretext, config.detector, config.trimmed) == (pretext, "hog-reference", False)
    assert (config.backbone, config.width, config.batch_norm) == ("c3d", 1.0, per_clip)
    assert config.size == recipe("paper_c3d").size
    assert (config.batch_size, config.epochs, config.pairs) == (8, 300, None)
    assert config.optimizer == OptimizerSettings("sgd", rate, 0.9, 5e-4)
    assert (config.schedule.name, config.schedule.warmup) == ("constant", 0.0)
    validation = config.validation
    assert (validation.share, validation.keep) == (0.1, "loss")
    assert (validation.every_pairs, validation.batch_norm_batches) == (None, 0)
    assert 0 <= 800 - validation.pairs_per_relation * len(config.classes) < len(config.classes)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_comes_back_from_json(name: str) -> None:
    config = recipe(name)
    assert PretrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_the_default_compares_clips_and_takes_a_library_as_it_is() -> None:
    config = default_recipe()
    assert config == recipe("laptop")
    assert (config.task.head, config.input, config.detector) == ("comparison", "residual", None)


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(EruvError, match=r"no recipe 'paper'; there are .*paper_c3d"):
        recipe("paper")


def test_what_is_left_out_is_the_default() -> None:
    assert PretrainConfig.from_dict({}) == PretrainConfig()
    changed = PretrainConfig.from_dict({"task": {"relations": ["P_S", "C_D"]}, "pairs": 5})
    assert changed.task.relations == ("C_D", "P_S")


@pytest.mark.parametrize(
    "stored",
    [{"bogus": 1}, {"task": {"bogus": 1}}, {"schedule": {"bogus": 1, "name": "cosine"}}],
)
def test_an_unknown_name_is_refused_with_those_there_are(stored: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="unknown: bogus; there are "):
        PretrainConfig.from_dict(stored)


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        (PretrainConfig, {"backbone": "resnet"}),
        (PretrainConfig, {"pretext": "jigsaw"}),
        (PretrainConfig, {"width": 0.0}),
        (PretrainConfig, {"batch_norm": "sync"}),
        (PretrainConfig, {"batch_size": 0}),
        (PretrainConfig, {"epochs": 0}),
        (PretrainConfig, {"pairs": 0}),
        (PretrainConfig, {"threads": 0}),
        (PretrainConfig, {"loader_workers": -1}),
        (PretrainConfig, {"checkpoint_interval_s": -1.0}),
        (PretrainConfig, {"checkpoint_interval_s": float("nan")}),
        (PretrainConfig, {"seed": -1}),
        (PretrainConfig, {"seed": 2**32}),
        (OptimizerSettings, {"name": "adam"}),
        (OptimizerSettings, {"learning_rate": 0.0}),
        (OptimizerSettings, {"learning_rate": float("inf")}),
        (OptimizerSettings, {"learning_rate": float("nan")}),
        (OptimizerSettings, {"momentum": 1.0}),
        (OptimizerSettings, {"weight_decay": -1.0}),
        (OptimizerSettings, {"weight_decay": float("nan")}),
        (ValidationSettings, {"share": 0.0}),
        (ValidationSettings, {"share": 1.0}),
        (ValidationSettings, {"pairs_per_relation": 0}),
        (ValidationSettings, {"every_pairs": 0}),
        (ValidationSettings, {"batch_norm_batches": -1}),
        (ValidationSettings, {"keep": "both"}),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_was_got(
    kind: Callable[..., Any], bad: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=f"got .*{next(iter(bad.values()))}"):
        kind(**bad)


@pytest.mark.parametrize("pretext", ["vcop", "vcp"])
def test_settings_of_eruv_are_refused_where_another_task_would_not_heed_them(pretext: str) -> None:
    everything = {"relations": list(RELATIONS), "paired_window": False, "shuffle": "clip"}
    assert PretrainConfig.from_dict({"pretext": pretext, "task": everything}).pretext == pretext
    with pytest.raises(
        ValueError, match=f"task is for the pretext eruv only, and pretext is {pretext}; got .*C_S"
    ):
        PretrainConfig.from_dict({"pretext": pretext, "task": {"relations": ["C_S", "C_D"]}})


def test_the_earlier_name_of_held_out_ids_is_accepted() -> None:
    stored = {"validation": {"held_out": ["b", "a"], "pairs_per_relation": 3}}
    config = PretrainConfig.from_dict(stored)
    assert config.validation == ValidationSettings(held_out_ids=("b", "a"), pairs_per_relation=3)
    assert "held_out" not in config.to_dict()["validation"]
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(PretrainConfig, None)
    options = parser.instantiate(parser.parse_args(["--validation.held_out", "[b, a]"]))
    assert options.validation.held_out_ids == ("b", "a")


def test_precision_is_one_of_three() -> None:
    assert PretrainConfig.from_dict({}).precision == "auto"
    with pytest.raises(ValueError, match="precision must be auto, fp32 or bf16; got 'fp16'"):
        PretrainConfig.from_dict({"precision": "fp16"})


@pytest.mark.parametrize(
    ("segments", "pairs"), [(100, 10_000), (500, 15_000), (1000, 30_000), (9000, 40_000)]
)
def test_the_length_follows_the_footage_within_bounds(segments: int, pairs: int) -> None:
    config = PretrainConfig(epochs=30, least_pairs=10_000, most_pairs=40_000)
    assert config.num_pairs(segments) == pairs
    assert replace(config, pairs=7).num_pairs(segments) == 7
    with pytest.raises(ValueError, match="most_pairs must be at least least_pairs 10000; got 9"):
        replace(config, most_pairs=9)
