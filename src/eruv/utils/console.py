"""Messages and progress for a person, on stderr: stdout stays free for results.

All of it obeys the level of the logger "eruv": INFO by default, WARNING keeps problems alone.
"""

import logging
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TextIO, TypeVar

PLAIN_INTERVAL_S = 10.0
LIVE_INTERVAL_S = 0.2
LOG = logging.getLogger("eruv")
T = TypeVar("T")


class _Stderr(logging.Handler):
    """Plain lines on whatever stderr is by then: notebooks and tests exchange it."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr, flush=True)


# An application that has set up this logger before keeps its own ways.
if not LOG.handlers:
    LOG.addHandler(_Stderr())
    LOG.propagate = False
if LOG.level == logging.NOTSET:
    LOG.setLevel(logging.INFO)


def clock(seconds: float) -> str:
    """Seconds as 1:02:03 or 02:03."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def say(text: str) -> None:
    """A line for a person."""
    LOG.info(text)


def warn(text: str) -> None:
    """A line about a problem, which is shown where messages and progress are silenced."""
    LOG.warning(text)


@contextmanager
def silenced(quiet: bool = True) -> Iterator[None]:
    """Within its block messages and progress are silent; problems are not."""
    level = LOG.level
    if quiet:
        LOG.setLevel(logging.WARNING)
    try:
        yield
    finally:
        LOG.setLevel(level)


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """Within its block messages also go to the end of a file, and an error with its trace."""
    file = _File(path, encoding="utf-8", delay=True)
    file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    LOG.addHandler(file)
    try:
        yield
    except BaseException as error:
        trace = "".join(traceback.format_exception(error)).rstrip()
        file.handle(LOG.makeRecord(LOG.name, logging.ERROR, __file__, 0, trace, (), None))
        raise
    finally:
        LOG.removeHandler(file)
        with suppress(OSError):  # closing writes what is left, and would hide the block's result
            file.close()


class _File(logging.FileHandler):
    """A full disk, or a folder that is read-only, stops no work for want of a log."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # from opening the file, which the handler does unguarded
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        pass


class Progress:
    """One stage of long work.

    Args:
        title: name of the stage, shown first.
        total: amount of work in the unit of `update`; 0 or None when it is not known.
        done: amount that was done before, by an earlier call; it does not count as speed.
    """

    def __init__(
        self, title: str, total: float | None, done: float = 0.0, stream: TextIO | None = None
    ) -> None:
        self.title = title
        self.total = total
        self.first_done = done
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.started = time.monotonic()
        self.last_shown = 0.0 if self.live else self.started
        self.line = self.last_line = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.line != self.last_line:
            self._show()
        if self.live and self.line and LOG.isEnabledFor(logging.INFO):
            print(file=self.stream, flush=True)

    def update(self, done: float, details: str = "") -> None:
        """Show `done` of the total, the time left and `details`, as often as is readable."""
        now = time.monotonic()
        self.line = self._text(done, details, now - self.started)
        interval = LIVE_INTERVAL_S if self.live else PLAIN_INTERVAL_S
        if now - self.last_shown < interval:
            return
        self.last_shown = now
        self._show()

    def _show(self) -> None:
        self.last_line = self.line
        if not LOG.isEnabledFor(logging.INFO):
            return
        if self.live:
            print(f"\r\x1b[2K{self.line}", end="", file=self.stream, flush=True)
        else:
            print(self.line, file=self.stream, flush=True)

    def _text(self, done: float, details: str, elapsed: float) -> str:
        parts = [self.title]
        if self.total:
            share = min(1.0, done / self.total)
            parts.append(f"{share:4.0%}")
        if details:
            parts.append(details)
        parts.append(f"{clock(elapsed)} so far")
        fresh = done - self.first_done
        if self.total and fresh > 0 and done < self.total:
            parts.append(f"{clock(elapsed * (self.total - done) / fresh)} left")
        return "  ".join(parts)


def with_progress(things: Iterable[T], title: str, total: int, noun: str) -> Iterator[T]:
    """Things one after another, under a line of progress that counts those that are done."""
    with Progress(title, total) as progress:
        for number, thing in enumerate(things, start=1):
            yield thing
            progress.update(number, f"{number:,} of {total:,} {noun}")
