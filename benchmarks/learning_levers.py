"""What is compared: changes to the demo's recipe, from the paper's head and input on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from eruv.training.pretrain_config import PretrainConfig, recipe

HALF = {"learning_rate": 5e-4}
PAPER: dict[str, Any] = {
    "input": "rgb",
    "task": {"head": "linear", "all_pairs": 0.0},
    "augmentation": {"photometric": 0.0, "flip": False},
    "optimizer": {"learning_rate": 1e-3},
}
COMPARISON = {"input": "residual", "task": {"head": "comparison"}, "optimizer": HALF}
PAIRS = {"task": {"all_pairs": 0.5}}
VCP = {"pretext": "vcp"}
VCOP = {"pretext": "vcop", "optimizer": {"learning_rate": 1e-4}}
LOOKS = {"augmentation": {"photometric": 0.5, "flip": True}}


def merged(*changes: Mapping[str, Any]) -> dict[str, Any]:
    """Several changes at once, section by section."""
    merged: dict[str, Any] = {}
    for one in changes:
        for name, value in one.items():
            merged[name] = merged.get(name, {}) | value if isinstance(value, dict) else value
    return merged


# "default" is the demo's recipe as it is, "laptop" that recipe, at the length of its own.
LEVERS: dict[str, dict[str, Any]] = {
    "paper": {},
    "paper, residual": {"input": "residual"},
    "paper, residual, half the rate, looks": merged(
        {"input": "residual"}, {"optimizer": HALF}, LOOKS
    ),
    "comparison, rgb": merged(COMPARISON, {"input": "rgb"}),
    "comparison": COMPARISON,
    "comparison, twice the rate": merged(COMPARISON, {"optimizer": {"learning_rate": 1e-3}}),
    "comparison, looks": merged(COMPARISON, LOOKS),
    "comparison, all pairs": merged(COMPARISON, PAIRS),
    "comparison, all pairs, looks": merged(COMPARISON, PAIRS, LOOKS),
    "comparison, contrast": merged(
        COMPARISON, {"task": {"contrast": 0.5, "negatives": "other_shot"}}
    ),
    "vcp": VCP,
    "vcp, residual": merged(VCP, {"input": "residual"}),
    "vcp, residual, looks": merged(VCP, {"input": "residual"}, LOOKS),
    "vcop, residual": merged(VCOP, {"input": "residual"}),
    "vcop, residual, looks": merged(VCOP, {"input": "residual"}, LOOKS),
    "default": {},
    "laptop": {},
}
CLIPS = {"eruv": 2, "vcop": 3, "vcp": 3}


def configuration(lever: str, pairs: int, **others: Any) -> PretrainConfig:
    """A lever's configuration that sees as many clips as so many pairs have."""
    if lever == "laptop":
        return replace(recipe("laptop"), **others)
    values = recipe("demo").to_dict()
    changes = {} if lever == "default" else merged(PAPER, LEVERS[lever])
    if changes.get("pretext", "eruv") != "eruv":
        changes["task"] = {}
        values["task"] = PretrainConfig().to_dict()["task"]
    values = merged(values, changes)
    samples = pairs * CLIPS["eruv"] // CLIPS[values["pretext"]]
    config = replace(PretrainConfig.from_dict(values), pairs=samples, **others)
    return replace(config, validation=replace(config.validation, every_pairs=samples))
