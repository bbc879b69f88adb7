"""The simulated writer commits every video, in no less time than the workers need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost_model import Assumptions, Measured, demand, dollars, simulate_writer
from eruv.library.ingest import COMMIT_INTERVAL_S, COMMIT_VIDEOS

COMMITS = [
    {"videos": 1_000, "commit_s": 0.03, "compaction_s": 0.2, "bytes": 1e6},
    {"videos": 1_000_000, "commit_s": 0.07, "compaction_s": 14.0, "bytes": 1e9},
]
MEASURED = Measured(
    ingest_rate=200.0,
    source_mb_per_hour=500.0,
    proxy_mb_per_hour=100.0,
    commits=COMMITS,
    peaks={},
    catalogue_bytes=3e9,
    sampler_bytes_per_segment=20.0,
    pairs_per_s=600.0,
    loader_clips_per_s=1e9,
    builds=(),
)


def test_slow_workers_give_a_commit_every_interval() -> None:
    found = simulate_writer(videos=1000, rate=1.0, commits=COMMITS)
    assert found.commits == pytest.approx(1000 / COMMIT_INTERVAL_S, rel=0.03)
    assert found.seconds == pytest.approx(1000, rel=0.01)


def test_fast_workers_give_full_commits() -> None:
    found = simulate_writer(videos=6400, rate=64_000.0, commits=COMMITS)
    assert found.commits <= 6400 / COMMIT_VIDEOS
    assert found.busy_s == pytest.approx(found.seconds, rel=0.1)


@given(st.integers(1, 20_000), st.floats(0.1, 1000.0))
def test_the_writer_is_at_work_within_the_ingest(videos: int, rate: float) -> None:
    found = simulate_writer(videos, rate, COMMITS)
    assert found.seconds >= videos / rate
    assert 0 < found.compaction_s + 0.03 * found.commits <= found.busy_s + 1e-9
    assert found.busy_s <= found.seconds + 1e-9
    assert 1 <= found.commits <= videos


def test_compaction_takes_a_twentieth_of_a_long_ingest() -> None:
    found = simulate_writer(videos=1_000_000, rate=20.0, commits=COMMITS)
    assert 0.02 < found.compaction_s / found.seconds <= 0.051


def test_ten_times_the_hours_are_ten_times_the_work_and_the_money() -> None:
    few, many = (demand(hours, Assumptions(), MEASURED) for hours in (100.0, 1000.0))
    assert few.ingest_core_hours == pytest.approx(100 * 25 / 200)
    assert few.training_gpu_hours == pytest.approx(100 * 415 / 600 / 3600)
    for name, one in dollars(few, Assumptions()).items():
        assert 10 * one == pytest.approx(dollars(many, Assumptions())[name], rel=0.01), name
