"""What is compared: changes to the demo's recipe, from the paper's head and input on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from eruv.training.pretrain_config import PretrainConfig, recipe

HALF = {"learning_rate": 5e-4}
PAPER: dict[str, Any] = {
    "input": "rgb",
    "task": {"head": "linear", "all_pairs": 0.0},
    "optimizer": {"learning_rate": 1e-3},
}
COMPARISON = {"input": "residual", "task": {"head": "comparison"}, "optimizer": HALF}
LOOKS = {"augmentation": {"photometric": 0.5, "flip": True}}


def _with(*changes: Mapping[str, Any]) -> dict[str, Any]:
    """Several changes at once, section by section."""
    merged: dict[str, Any] = {}
    for one in changes:
        for name, value in one.items():
            merged[name] = merged.get(name, {}) | value if isinstance(value, dict) else value
    return merged


# "default" is the recipe as it is.
LEVERS: dict[str, dict[str, Any]] = {
    "paper": {},
    "paper, half the rate": {"optimizer": HALF},
    "paper, residual": {"input": "residual"},
    "paper, residual, half the rate": _with({"input": "residual"}, {"optimizer": HALF}),
    "comparison, rgb": _with(COMPARISON, {"input": "rgb"}),
    "comparison": COMPARISON,
    "comparison, twice the rate": _with(COMPARISON, {"optimizer": {"learning_rate": 1e-3}}),
    "comparison, looks": _with(COMPARISON, LOOKS),
    "comparison, all pairs": _with(COMPARISON, {"task": {"all_pairs": 0.5}}),
    "comparison, all pairs, looks": _with(COMPARISON, {"task": {"all_pairs": 0.5}}, LOOKS),
    "comparison, contrast": _with(
        COMPARISON, {"task": {"contrast": 0.5, "negatives": "other_shot"}}
    ),
    "comparison, background": _with(
        COMPARISON, {"input": "rgb"}, {"augmentation": {"background": 0.5}}
    ),
    "vcp": {"pretext": "vcp"},
    "vcp, residual": {"pretext": "vcp", "input": "residual"},
    "vcp, residual, half the rate": {"pretext": "vcp", "input": "residual", "optimizer": HALF},
    "vcop": {"pretext": "vcop", "optimizer": {"learning_rate": 3e-4}},
    "vcop, residual": {
        "pretext": "vcop",
        "input": "residual",
        "optimizer": {"learning_rate": 3e-4},
    },
    "default": {},
}
CLIPS = {"eruv": 2, "vcop": 3, "vcp": 3}


def configuration(lever: str, pairs: int, **others: Any) -> PretrainConfig:
    """A lever's configuration that sees as many clips as so many pairs have."""
    values = recipe("demo").to_dict()
    changes = {} if lever == "default" else _with(PAPER, LEVERS[lever])
    if changes.get("pretext", "eruv") != "eruv":
        changes["task"] = {}
        values["task"] = PretrainConfig().to_dict()["task"]
    values = _with(values, changes)
    samples = pairs * CLIPS["eruv"] // CLIPS[values["pretext"]]
    config = replace(PretrainConfig.from_dict(values), pairs=samples, **others)
    return replace(config, validation=replace(config.validation, every_pairs=samples))
