"""Results become plain JSON values, however deep they are."""

import json
from dataclasses import dataclass
from pathlib import Path

from eruv.utils.results import Result


@dataclass(frozen=True)
class Row(Result):
    path: Path
    share: float | None


@dataclass(frozen=True)
class Table(Result):
    rows: tuple[Row, ...]
    recall: dict[int, float]


def test_what_to_dict_gives_is_what_json_gives_back() -> None:
    found = Table((Row(Path("a/b"), 0.5), Row(Path("c"), None)), {1: 0.25}).to_dict()
    assert found == {
        "rows": [{"path": "a/b", "share": 0.5}, {"path": "c", "share": None}],
        "recall": {"1": 0.25},
    }
    assert json.loads(json.dumps(found)) == found
