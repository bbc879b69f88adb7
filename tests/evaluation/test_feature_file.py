"""Features on disk: whole at the end, kept when interrupted, thrown away when of something else."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eruv.evaluation.feature_file import FeatureFile, Features
from eruv.utils.errors import EruvError, Interrupted

CACHE_KEY = {"weights": "abc"}
ROWS = np.arange(5 * 2 * 3, dtype=np.float32).reshape(5, 2, 3)


class Source:
    """Gives rows of `ROWS`, and notes which were asked for."""

    def __init__(self, stop_after: int = 99) -> None:
        self.asked: list[int] = []
        self.stop_after = stop_after

    def __call__(self, first: int) -> Iterator[Features]:
        for number in range(first, len(ROWS)):
            if len(self.asked) == self.stop_after:
                raise KeyboardInterrupt
            self.asked.append(number)
            yield ROWS[number]


def file_in(folder: Path, cache_key: dict | None = None) -> FeatureFile:
    return FeatureFile(folder / "features.npy", len(ROWS), cache_key or CACHE_KEY)


def test_rows_come_back_mapped_from_the_file_and_are_made_once(tmp_path: Path) -> None:
    source, done = Source(), list[int]()
    found = file_in(tmp_path / "new").complete(source, done.append)
    assert isinstance(found, np.memmap)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, ROWS)
    assert (source.asked, done) == ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])
    again = Source()
    np.testing.assert_array_equal(file_in(tmp_path / "new").complete(again), ROWS)
    assert again.asked == []
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "features.json",
        "features.npy",
    ]


@pytest.mark.parametrize("stop_after", range(5))
def test_after_a_hard_stop_only_the_missing_rows_are_made(tmp_path: Path, stop_after: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        file_in(tmp_path).complete(Source(stop_after))
    assert not (tmp_path / "features.npy").exists()
    assert file_in(tmp_path).rows_done == stop_after
    again = Source()
    np.testing.assert_array_equal(file_in(tmp_path).complete(again), ROWS)
    assert again.asked == list(range(stop_after, 5))


def test_what_a_killed_process_left_is_repaired_wherever_it_broke_off(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        file_in(tmp_path).complete(Source(3))
    partial = tmp_path / "features.npy.part"
    written = partial.read_bytes()
    for length in range(0, len(written), 5):
        (tmp_path / "features.npy").unlink(missing_ok=True)
        partial.write_bytes(written[:length])
        np.testing.assert_array_equal(file_in(tmp_path).complete(Source()), ROWS)


def test_rows_of_another_writer_are_noticed_and_made_again(tmp_path: Path) -> None:
    def write_as_well(done: int) -> None:
        if done == 2:
            with (tmp_path / "features.npy.part").open("ab") as file:
                file.write(ROWS[0].tobytes())

    with pytest.raises(EruvError, match="another process wrote to it as well"):
        file_in(tmp_path).complete(Source(), write_as_well)
    assert not (tmp_path / "features.npy").exists()
    np.testing.assert_array_equal(file_in(tmp_path).complete(Source()), ROWS)


def test_ctrl_c_ends_after_a_whole_row_and_says_how_to_go_on(tmp_path: Path) -> None:
    def stop(done: int) -> None:
        if done == 2:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted, match=r"features\.npy has 2 of 5 rows\. Run the same"):
        file_in(tmp_path).complete(Source(), stop)
    assert file_in(tmp_path).rows_done == 2


def test_rows_of_other_weights_are_thrown_away(tmp_path: Path) -> None:
    file_in(tmp_path).complete(Source())
    other = file_in(tmp_path, {"weights": "xyz"})
    assert other.rows_done == 0
    source = Source()
    other.complete(source)
    assert len(source.asked) == 5
    assert json.loads((tmp_path / "features.json").read_text()) == {"weights": "xyz"}


def test_a_feature_that_is_no_number_stops_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(EruvError, match="row 0 of features is not finite: the encoder"):
        file_in(tmp_path).complete(lambda first: iter([np.array([1.0, np.nan], np.float32)]))
