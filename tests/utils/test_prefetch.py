"""Work ahead of who needs it: in order, bounded, with errors in their places, and soon left."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.utils.prefetch import prefetched


@given(tasks=st.lists(st.integers()), ahead=st.integers(1, 5))
def test_results_come_in_order(tasks: list[int], ahead: int) -> None:
    assert list(prefetched(str, tasks, ahead, 5.0)) == list(map(str, tasks))


def test_work_goes_on_while_the_caller_is_busy_but_only_so_far_ahead() -> None:
    begun: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        return task

    results = prefetched(work, range(100), 3, 5.0)
    assert next(results) == 0
    deadline = time.monotonic() + 5
    while len(begun) < 4 and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.05)
    assert begun == [0, 1, 2, 3]
    assert list(results) == list(range(1, 100))


def test_an_error_comes_where_its_result_would() -> None:
    results = prefetched(lambda task: 12 // task, [3, 2, 0, 1], 2, 5.0)
    assert [next(results), next(results)] == [4, 6]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_left_early_its_thread_ends() -> None:
    threads = set(threading.enumerate())
    results = prefetched(str, range(1000), 2, 5.0)
    next(results)
    assert set(threading.enumerate()) - threads
    results.close()
    assert not set(threading.enumerate()) - threads


def test_work_that_does_not_come_back_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eruv.utils.prefetch.PATIENCE_S", 0.01)
    answer = threading.Event()
    with pytest.raises(TimeoutError, match="no result"):
        list(prefetched(lambda task: answer.wait(), [1], 1, 0.05))
    answer.set()
