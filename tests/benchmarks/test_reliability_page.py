"""Counts of benchmarks of reliability go on from call to call, and stand in the page."""

from pathlib import Path

import pytest

import reliability_page
from hostile_mutations import TAGS, mutated
from reliability_page import Counts, Records


def test_counts_go_on_and_stand_in_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "reliability.md"
    page.write_text("a\n<!-- x: made by benchmarks/x.py -->\nold\n<!-- end of x -->\nb\n")
    monkeypatch.setattr(reliability_page, "DOCS", tmp_path)
    monkeypatch.setattr(reliability_page, "PAGE", page)
    for _ in range(2):
        records = Records.read("x")
        records.add(Counts("ingest", "SIGKILL", 3), "", records.next_seed())
    records.add(Counts("embed", "SIGTERM", 2, 2), "other vectors", records.next_seed())
    found = Records.read("x")
    assert [(one.injected, one.lost) for one in found.counts] == [(6, 0), (2, 2)]
    assert (found.seeds, found.losses[0]["seed"]) == (3, 3)
    text = page.read_text()
    assert text.startswith("a\n")
    assert text.endswith("b\n")
    assert "old" not in text
    assert "| SIGKILL | 6 | – | 6 | 6 | 0 |" in text
    assert "| all | 6 | 2 | 8 | 6 | 2 |" in text


def test_a_seed_stands_for_one_broken_film() -> None:
    films = {kind: bytes(range(256)) * 20 + tags[0] * 3 for kind, tags in TAGS.items()}
    found = [mutated(seed, films) for seed in range(300)]
    assert found == [mutated(seed, films) for seed in range(300)]
    assert {kind for kind, _, _ in found} == set(films)
    assert len({way for _, way, _ in found}) == 5
    changed = [content != films[kind] for kind, _, content in found]
    assert sum(changed) > 280
    assert all(content for _, _, content in found)
