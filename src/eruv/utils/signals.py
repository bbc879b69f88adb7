"""Handle Ctrl-C and SIGTERM at safe points."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_requests() -> Iterator[list[int]]:
    """A list that is filled by the first Ctrl-C or SIGTERM; a second one stops at once.

    Outside the main thread, where Python handles no signals, it stays empty.
    """
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    with _handled((signal.SIGINT, signal.SIGTERM), note):
        yield received


@contextmanager
def deferred_interrupt() -> Iterator[None]:
    """Defer a Ctrl-C to the end of the block."""
    received: list[int] = []
    try:
        with _handled((signal.SIGINT,), lambda number, frame: received.append(number)):
            yield
    finally:
        if received:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _handled(numbers: tuple[signal.Signals, ...], handler: "signal._HANDLER") -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in previous.items():
            signal.signal(number, earlier)
