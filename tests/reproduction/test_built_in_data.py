"""The splits of the stand-ins: by film, disjoint, and tested on looks that are not trained on."""

import csv
from pathlib import Path

import pytest

from eruv.reproduction.built_in_data import SPLITS, FilmSet, built_in_clips, split_part

FILMS = FilmSet(seed=19, train=3, held_out=3, bystanders=1)


def test_a_film_is_for_tests_in_one_split_and_never_trained_on() -> None:
    for number in range(7):
        tested = [split_part("held_out", number, split) for split in SPLITS]
        trained = [split_part("train", number, split) for split in SPLITS]
        assert sorted(tested) == ["", "", "test"]
        assert sorted(trained) == ["", "train", "train"]


@pytest.mark.slow
def test_the_clips_are_those_that_were_promised(tmp_path: Path) -> None:
    source = built_in_clips(FILMS)
    seen = set()
    for split in SPLITS:
        files = source.files(tmp_path, split).files
        counts = [sum(file.split == part for file in files) for part in ("train", "test")]
        expected = source.splits[split]
        assert counts == [expected.train, expected.test]
        test_films = {file.path.stem.rsplit("-", 1)[0] for file in files if file.split == "test"}
        assert all(name.startswith("held_out") for name in test_films)
        assert seen.isdisjoint(test_films)
        seen |= test_films
        with (tmp_path / f"split{split}.csv").open(newline="") as table:
            assert {row["label"] for row in csv.DictReader(table)} == {f.label for f in files}
    assert len(seen) == FILMS.held_out
