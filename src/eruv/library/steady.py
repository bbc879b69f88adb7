"""LanceDB on object storage, asked again where it gives up: a listing that is cut, for example."""

from collections.abc import Callable
from typing import Any

from eruv.utils.storage.bucket import ATTEMPTS, attempts

# In messages of LanceDB's client for object storage.
STORES = ("Generic S3 error", "Generic GCS error", "HTTP error")
_REFUSALS = ("AccessDenied", "NoSuchBucket", "InvalidAccessKeyId", "403 Forbidden", "401 Unauth")


class Steady:
    """A database, table or query, of which each call is made again while it fails for the moment.

    All calls but one do no harm when they are made twice. Rows are counted where adding them
    failed: they may have been added although no answer came.

    Args:
        inner: of LanceDB, for the only process that writes.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        found = _again(lambda: getattr(self._inner, name))
        if not callable(found):
            return found

        def call(*words: Any, **more: Any) -> Any:
            result = _again(lambda: found(*words, **more))
            return Steady(result) if type(result).__module__.startswith("lancedb.") else result

        return call

    def add(self, rows: Any) -> None:
        """Add rows of a `pyarrow.Table` to this table, once."""
        before = self.count_rows()

        def act() -> None:
            self._inner.checkout_latest()
            if self._inner.count_rows() == before:
                self._inner.add(rows)

        _again(act)


def is_for_the_moment(error: Exception) -> bool:
    """Whether a failure of LanceDB on object storage may not come again."""
    words = str(error)
    return any(name in words for name in STORES) and not any(one in words for one in _REFUSALS)


def _again(act: Callable[[], Any]) -> Any:
    for attempt in attempts():
        try:
            return act()
        except (RuntimeError, ValueError, OSError) as error:
            if attempt == ATTEMPTS or not is_for_the_moment(error):
                raise
    raise AssertionError
