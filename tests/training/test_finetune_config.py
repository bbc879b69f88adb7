"""The configuration of a training on labels: the facts' values, and what stands for None."""

import json
from typing import Any

import pytest

from eruv.cli.finetune import arguments
from eruv.cli.options import Parser
from eruv.clips.spec import ClipSize
from eruv.models.encoder import Encoder
from eruv.training.base_config import OptimizerSettings
from eruv.training.finetune_config import FinetuneConfig


def test_the_defaults_are_those_of_the_facts() -> None:
    config = FinetuneConfig()
    assert config.optimizer == OptimizerSettings("sgd", 1e-3, 0.9, 5e-4)
    assert (config.schedule.name, config.batch_size, config.epochs) == ("constant", 8, 150)
    assert (config.steps, config.held_out, config.labels_per_class) == (None, 0.1, None)


def test_it_comes_back_from_json() -> None:
    for config in (
        FinetuneConfig(),
        FinetuneConfig(
            backbone="r3d", width=0.5, size=ClipSize(64, 86, 56), steps=7, held_out=800, seed=3
        ),
    ):
        assert FinetuneConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_what_a_section_leaves_out_is_the_default_of_this_configuration() -> None:
    config = FinetuneConfig.from_dict({"optimizer": {"name": "adamw"}, "size": {"crop": 64}})
    assert config.optimizer == OptimizerSettings("adamw", 1e-3)
    assert config.size == ClipSize(crop=64)


def words_to_config(*words: str) -> FinetuneConfig:
    parser = Parser("finetune")
    arguments(parser)
    config: FinetuneConfig = parser.read(["data", "--to", "model", *words]).config
    return config


def test_the_command_line_makes_it_too(tmp_path: Any) -> None:
    assert words_to_config() == FinetuneConfig()
    assert words_to_config("--held_out", "800", "--epochs", "3") == FinetuneConfig(
        held_out=800, epochs=3
    )
    assert words_to_config("--optimizer.name", "adamw").optimizer.learning_rate == 1e-3
    assert words_to_config("--size.crop", "96").size == ClipSize(crop=96)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("optimizer: {name: adamw}\nsize: {height: 64, width: 86, crop: 56}\n")
    made = words_to_config("--config", str(recipe), "--steps", "9")
    assert made == FinetuneConfig(
        size=ClipSize(64, 86, 56), steps=9, optimizer=OptimizerSettings("adamw", 1e-3)
    )


def test_none_stands_for_the_encoder_s_or_from_scratch_for_the_paper_s() -> None:
    encoder = Encoder("r2plus1d", 0.05, 64, 86, 56, input="residual")
    resolved = FinetuneConfig().resolved(encoder)
    assert (resolved.backbone, resolved.width) == ("r2plus1d", 0.05)
    assert (resolved.size, resolved.input) == (ClipSize(64, 86, 56), "residual")
    assert FinetuneConfig().resolved(None).input == "rgb"
    named = FinetuneConfig(backbone="r3d", width=0.1, size=ClipSize(), input="rgb")
    assert named.resolved(encoder) == named
    scratch = FinetuneConfig().resolved(None)
    assert (scratch.backbone, scratch.width, scratch.size) == ("c3d", 1.0, ClipSize())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backbone": "bert"}, "backbone must be one of c3d"),
        ({"width": 0.0}, r"width must be a factor in \(0, 4\]"),
        ({"batch_size": 0}, "batch_size must be at least 1; got 0"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"labels_per_class": 0}, "labels_per_class must be at least 1"),
        ({"held_out": -0.1}, "held_out must be at least 0"),
        ({"held_out": 1.5}, "held_out must be a share below 1 or a whole number"),
        ({"held_out": float("nan")}, "held_out must be at least 0; got nan"),
        ({"loader_workers": -1}, "loader_workers must be at least 0"),
        ({"checkpoint_interval_s": -1.0}, "checkpoint_interval_s must be at least 0"),
        ({"seed": -1}, r"seed must be in \[0, 2\^32\)"),
    ],
)
def test_what_is_not_allowed_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FinetuneConfig(**changes)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown: bogus"):
        FinetuneConfig.from_dict({"bogus": 1})
    with pytest.raises(ValueError, match="unknown: bogus"):
        FinetuneConfig.from_dict({"optimizer": {"bogus": 1}})
