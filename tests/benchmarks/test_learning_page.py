"""Rows are over the seeds that have a value, and what several runs share counts once."""

from typing import Any

import pytest

from learning_page import cell, command, value_table


@pytest.mark.parametrize(
    ("values", "text"),
    [([0.2, 0.4], "0.30 ± 0.14"), ([0.2, None], "0.20"), ([None, None], "–"), ([0.5], "0.50")],
)
def test_seeds_without_a_value_do_not_count(values: list[float | None], text: str) -> None:
    assert cell(values) == text


def run_of(lever: str, seed: int, *, trained: float, untrained: float, colour: float) -> Any:
    worth = {"trained": trained, "untrained": untrained, "colour": colour}
    return {
        "lever": lever,
        "seed": seed,
        "backbone": "c3d",
        "input": "rgb",
        "worth": {"films": {name: {"probe": value} for name, value in worth.items()}},
    }


RUNS = {
    "default": [
        run_of("default", 0, trained=0.5, untrained=0.2, colour=0.1),
        run_of("default", 1, trained=0.5, untrained=0.4, colour=0.11),
    ],
    "all pairs": [run_of("all pairs", 0, trained=0.6, untrained=0.2, colour=0.1)],
}


def test_untrained_networks_and_colour_are_counted_once() -> None:
    assert value_table(RUNS, "films", 0.25)[1:] == [
        "| films (largest class 0.25) | seeds | probe |",
        "|---|---|---|",
        "| default | 2 | 0.50 ± 0.00 |",
        "| untrained (rgb) | 2 | 0.30 ± 0.14 |",
        "| colour histogram | 1 | 0.10 |",
        "| all pairs | 1 | 0.60 |",
    ]


def test_the_command_names_every_seed_and_lever() -> None:
    longer = [{"lever": "default, 30,000 pairs", "seed": 2}]
    assert command("--page learning", RUNS | {"longer": longer}).endswith(
        "--page learning --seeds 0,1,2 --levers default 'all pairs'"
    )
