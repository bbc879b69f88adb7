"""LanceDB on object storage, with retries where it gives up: a listing that is cut, for example."""

from typing import Any

from eruv.library.lance_wrapper import Act, LanceWrapper
from eruv.utils.storage.bucket import ATTEMPTS, attempts

# In messages of LanceDB's client for object storage.
STORES = ("Generic S3 error", "Generic GCS error", "HTTP error")
_REFUSALS = ("AccessDenied", "NoSuchBucket", "InvalidAccessKeyId", "403 Forbidden", "401 Unauth")


class RetryingLance(LanceWrapper):
    """A database, table or query, of which each call is retried while its failure is transient.

    All calls but one do no harm when they are made twice. Rows are counted where adding them
    failed: they may have been added although no answer came.

    Args:
        inner: of LanceDB, for the only process that writes.
    """

    def __init__(self, inner: Any) -> None:
        super().__init__(inner, _retried)

    def _wrap(self, result: Any) -> "RetryingLance":
        return RetryingLance(result)

    def add(self, rows: Any) -> None:
        """Add rows of a `pyarrow.Table` to this table, once."""
        before = self.count_rows()

        def act() -> None:
            self._inner.checkout_latest()
            if self._inner.count_rows() == before:
                self._inner.add(rows)

        _retried(act)


def is_transient(error: Exception) -> bool:
    """Whether a failure of LanceDB on object storage may pass."""
    words = str(error)
    return any(name in words for name in STORES) and not any(one in words for one in _REFUSALS)


def _retried(act: Act) -> Any:
    for attempt in attempts():
        try:
            return act()
        except (RuntimeError, ValueError, OSError) as error:
            if attempt == ATTEMPTS or not is_transient(error):
                raise
    raise AssertionError
