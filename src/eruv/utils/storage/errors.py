"""What object storage refuses, in sentences for people; each is also the OSError that it is."""

from eruv.utils.errors import EruvError


class StorageError(EruvError, OSError):
    """Object storage that cannot be used: no bucket, no credentials, or no answer.

    Args:
        message: what is wrong, what was got, what to do next.
        address: of the object or bucket.
    """

    def __init__(self, message: str, address: str) -> None:
        super().__init__(message)
        self.address = address


class ObjectError(StorageError):
    """One object cannot be had; others may be fine."""


class NoObject(ObjectError, FileNotFoundError):
    """There is no object of this name."""


class ObjectRefused(ObjectError, PermissionError):
    """An object, or one act on it, is refused."""


class ObjectChanged(ObjectError):
    """An object is not, or no longer, the expected one."""
