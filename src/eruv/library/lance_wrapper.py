"""A wrapper of LanceDB's objects that sees every call: to retry it, or to explain its errors."""

from collections.abc import Callable
from typing import Any

Act = Callable[[], Any]


class LanceWrapper:
    """A database, table or query of LanceDB; what it returns of these is wrapped as well.

    Args:
        inner: the object, or a wrapper of it.
        run: makes each call.
    """

    def __init__(self, inner: Any, run: Callable[[Act], Any]) -> None:
        self._inner, self._run = inner, run

    def __getattr__(self, name: str) -> Any:
        found = self._run(lambda: getattr(self._inner, name))
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            result = self._run(lambda: found(*args, **kwargs))
            wrapped = isinstance(result, LanceWrapper)
            if wrapped or type(result).__module__.startswith("lancedb."):
                return self._wrap(result)
            return result

        return call

    def _wrap(self, result: Any) -> "LanceWrapper":
        return LanceWrapper(result, self._run)
