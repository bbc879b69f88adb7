"""The files of a film on this machine, for what FFmpeg opens by name."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from eruv.detection.detect import ShotList
from eruv.utils.errors import EruvError
from eruv.utils.storage.local_copy import borrowed


@contextmanager
def with_local_files(shots: ShotList, on_share: Callable[[float], None]) -> Iterator[ShotList]:
    """The shots of the same film with local files for a block: copies of those in a bucket.

    Args:
        shots: of the film.
        on_share: called with the share of a file that was fetched, from 0 to 1.

    Raises:
        StorageError: if a file cannot be fetched.
        EruvError: if the disk has no room for it; those of the block name the film, not its copy.
    """
    with ExitStack() as stack:
        local = {path: stack.enter_context(borrowed(path, on_share)) for path in shots.files}
        joined = tuple(replace(one, path=local[one.path]) for one in shots.joined)
        try:
            yield replace(shots, path=local.get(shots.path, shots.path), joined=joined)
        except EruvError as error:
            raise EruvError(_named(str(error), local)) from error


def _named(message: str, local: dict[Path, Path]) -> str:
    for path, copy in local.items():
        message = message.replace(str(copy), str(path))
    return message
