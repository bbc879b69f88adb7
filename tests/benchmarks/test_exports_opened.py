"""The judge of opened exports sees what is wrong."""

import json
from pathlib import Path

import pytest

import eruv
from eruv.library.catalogue import Library
from export_openers import datasets_rows, webdataset_rows
from exports_opened import differing, misplaced, truth


def test_every_row_that_one_side_has_alone_counts() -> None:
    assert differing([["a", 0, 5], ["b", 1, 2]], [["b", 1, 2], ["a", 0, 5]]) == 0
    assert differing([["a", 0, 6]], [["a", 0, 5]]) == 2
    assert differing([], [["a", 0, 5], ["a", 0, 5]]) == 2
    assert differing([["a", 0, 5], ["a", 0, 5]], [["a", 0, 5]]) == 1


@pytest.mark.parametrize(
    ("opener", "kinds"),
    [(datasets_rows, {"shots", "segments", "moments"}), (webdataset_rows, {"segments"})],
)
def test_the_openers_find_a_library_whole(
    embedded: tuple[Path, Path], tmp_path: Path, opener, kinds
) -> None:
    eruv.export(embedded[0], tmp_path / "to", parquet=True, webdataset=True)
    true, found = truth(Library(embedded[0])), opener(tmp_path / "to", tmp_path)
    assert set(found) == kinds
    for kind in kinds:
        assert found[kind]
        assert differing(found[kind], true[kind]) == 0


def test_a_shot_a_frame_off_on_the_timeline_is_misplaced(embedded: tuple[Path, Path]) -> None:
    library = Library(embedded[0])
    rates = {one["video_id"]: one["frames_per_second"] for one in library.videos()}
    rows = json.loads(json.dumps(truth(library)["shots"]))
    drawn = [[*row, rates[row[0]]] for row in rows]
    assert misplaced(drawn, library, set(rates)) == 0
    assert misplaced(drawn[1:], library, set(rates)) > 0
    drawn[0][2] += 1
    assert misplaced(drawn, library, set(rates)) == 1
    others = set(rates) - {drawn[0][0]}
    assert misplaced(drawn, library, others) == sum(one[0] == drawn[0][0] for one in drawn)
