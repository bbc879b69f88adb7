"""Where the page of a library keeps what it can make again: pictures, previews, uploads."""

import hashlib
from pathlib import Path

from eruv.utils.storage.local_copy import cache_folder
from eruv.utils.storage.remote_path import is_remote


def page_folder(library: Path) -> Path:
    """A local folder, which may be missing: in the library's, or else in that of the cache.

    Args:
        library: its absolute folder, or its address on object storage.
    """
    if not is_remote(library):
        return library / "page"
    return cache_folder() / "pages" / hashlib.sha256(str(library).encode()).hexdigest()[:16]
