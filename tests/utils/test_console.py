"""Progress is plain lines in a log and one live line on a terminal."""

import io
import logging
import re
from pathlib import Path

import pytest

from eruv.utils import console as progress
from eruv.utils.console import Progress, clock, logged, say, silenced, warn


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Stands in for the time module of `eruv.utils.console`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    time = Clock()
    monkeypatch.setattr(progress, "time", time)
    return time


def test_a_log_gets_a_plain_line_now_and_then_and_at_the_end(time: Clock) -> None:
    log = io.StringIO()
    with Progress("ingest", 100, stream=log) as bar:
        for done in range(101):
            time.now += 0.3
            bar.update(done, f"{done} files")
    lines = log.getvalue().splitlines()
    assert len(lines) == 3  # one in ten seconds
    assert "\r" not in log.getvalue()
    assert "\x1b" not in log.getvalue()
    assert lines[-1] == "ingest  100%  100 files  00:30 so far"


def test_the_last_word_is_always_shown(time: Clock) -> None:
    for stream in (io.StringIO(), Terminal()):
        with Progress("ingest", 100, stream=stream) as bar:
            for done in (10, 100):
                time.now += 0.01
                bar.update(done)
        assert stream.getvalue().endswith("ingest  100%  00:00 so far\n")


def test_a_terminal_gets_one_line_that_ends_at_the_end(time: Clock) -> None:
    terminal = Terminal()
    with Progress("ingest", 100, stream=terminal) as bar:
        for done in range(101):
            time.now += 0.03
            bar.update(done)
    text = terminal.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("ingest  100%  00:03 so far\n")
    assert 10 <= text.count("\r\x1b[2K") <= 20


def test_nothing_done_says_nothing() -> None:
    for stream in (io.StringIO(), Terminal()):
        with Progress("ingest", 100, stream=stream):
            pass
        assert stream.getvalue() == ""


def test_the_time_left_follows_the_speed(time: Clock) -> None:
    bar = Progress("pretrain", 1000, stream=io.StringIO())
    time.now += 60
    bar.update(100)
    assert bar.line.endswith("01:00 so far  09:00 left")


def test_what_an_earlier_call_did_is_no_speed(time: Clock) -> None:
    bar = Progress("pretrain", 1000, done=900, stream=io.StringIO())
    bar.update(900)
    assert "left" not in bar.line
    time.now += 10
    bar.update(910)
    assert bar.line.endswith("00:10 so far  01:30 left")


@pytest.mark.parametrize("total", [None, 0])
def test_without_a_total_there_is_no_share(time: Clock, total: float | None) -> None:
    bar = Progress("ingest", total, stream=io.StringIO())
    time.now += 5
    bar.update(7, "7 files")
    assert bar.line == "ingest  7 files  00:05 so far"


def test_more_than_all_is_all(time: Clock) -> None:
    bar = Progress("ingest", 10, stream=io.StringIO())
    bar.update(12)
    assert re.search(r"100%  00:00 so far$", bar.line)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00"),
        (59.6, "01:00"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (90_061, "25:01:01"),
        (-3, "00:00"),
    ],
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_words_for_a_person_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("hello")
    assert capsys.readouterr() == ("", "hello\n")


def test_the_level_of_the_logger_silences_messages_and_progress(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging.getLogger("eruv").setLevel(logging.WARNING)
    try:
        for stream in (io.StringIO(), Terminal()):
            with Progress("ingest", 100, stream=stream) as bar:
                bar.update(100)
            assert stream.getvalue() == ""
        say("a message")
        warn("a problem")
    finally:
        logging.getLogger("eruv").setLevel(logging.INFO)
    assert capsys.readouterr().err == "a problem\n"


def test_silence_leaves_problems(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet in (True, False):
        with silenced(quiet):
            say("hello")
            warn("trouble")
    say("again")
    assert capsys.readouterr().err.split() == ["trouble", "hello", "trouble", "again"]


def test_a_log_that_cannot_be_opened_or_written_stops_nothing_and_hides_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (Path("/dev/full"), tmp_path / "no folder" / "log.txt"):
        with logged(path):
            say("hello")
        with pytest.raises(KeyError), logged(path):
            raise KeyError
    assert capsys.readouterr().err.count("hello\n") == 2
    with logged(tmp_path / "log.txt"):
        say("kept")
    assert (tmp_path / "log.txt").read_text().endswith(" kept\n")
