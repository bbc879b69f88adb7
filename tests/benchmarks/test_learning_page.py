"""A cell is over the seeds that have a value; a relation that none can show is a dash."""

import pytest

from learning_page import cell


@pytest.mark.parametrize(
    ("values", "text"),
    [([0.2, 0.4], "0.30 ± 0.14"), ([0.2, None], "0.20"), ([None, None], "–"), ([0.5], "0.50")],
)
def test_seeds_without_a_value_do_not_count(values: list[float | None], text: str) -> None:
    assert cell(values) == text
