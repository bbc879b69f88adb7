"""Which failures of object storage are refusals, and what each means, for people."""

import re

from eruv.utils.storage.errors import NoObject, ObjectChanged, ObjectRefused, StorageError
from eruv.utils.storage.remote_path import RemotePath

CREDENTIALS = {
    "s3": "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE); for a public bucket "
    "set AWS_SKIP_SIGNATURE=true",
    "gs": "Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run: gcloud auth "
    "application-default login",
}
# Codes of answers that say that the credentials are wrong, whatever is asked for.
_WRONG_CREDENTIALS = {
    *("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"),
    *("RequestTimeTooSkewed", "TokenRefreshRequired", "AuthorizationHeaderMalformed"),
}
_REFUSED = {"AccessDenied", "AllAccessDisabled", "InvalidObjectState", "AccountProblem"}
_NO_BUCKET = {"NoSuchBucket", "InvalidBucketName", "PermanentRedirect"}
# What a client says that found no credentials in the environment and asked the machine.
_NO_CREDENTIALS = re.compile(r"credential|metadata|oauth|token", re.IGNORECASE)
_CODE = re.compile(r"<Code>(\w+)</Code>")
_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")


def refusal(error: Exception, path: RemotePath) -> StorageError | None:
    """The error to tell for a failure that trying again cannot mend; None for any other.

    Args:
        error: of obstore, whose classes are known by name: it need not be installed.
        path: that was asked for.
    """
    if isinstance(error, StorageError):
        return error
    name, words, place = type(error).__name__, error_message(error), str(path)
    found = _CODE.search(str(error))
    code = found[1] if found else ""
    if code in _WRONG_CREDENTIALS or name == "UnauthenticatedError":
        return StorageError(
            f"the credentials for {place} are not accepted: {words}. {CREDENTIALS[path.scheme]}.",
            place,
        )
    if code in _NO_BUCKET:
        return StorageError(
            f"there is no bucket {path.scheme}://{path.bucket} here: {words}. Check its name, the "
            f"region (AWS_REGION) and the server (AWS_ENDPOINT_URL).",
            place,
        )
    if code in _REFUSED or name == "PermissionDeniedError":
        return ObjectRefused(
            f"{place} is refused: {words}. Ask for permission to list the bucket, and to read (for "
            f"a library also to write and delete) its objects.",
            place,
        )
    if name in ("PreconditionError", "AlreadyExistsError", "NotModifiedError"):
        return ObjectChanged(f"{place} has changed. Run the same command again.", place)
    if isinstance(error, FileNotFoundError):
        return NoObject(f"there is no object {place}. Check its name.", place)
    if name in ("InvalidPathError", "UnknownConfigurationKeyError", "ValueError"):
        return StorageError(f"{place} cannot be requested: {words}.", place)
    return None


def unreachable(error: Exception, path: RemotePath, attempts: int) -> StorageError:
    """The error to tell after the last attempt."""
    words = error_message(error)
    if _NO_CREDENTIALS.search(words):
        return StorageError(
            f"no credentials for {path}: {words}. {CREDENTIALS[path.scheme]}.", str(path)
        )
    return StorageError(
        f"{path} cannot be reached after {attempts} attempts: {words}. Check the network and the "
        f"server's address (AWS_ENDPOINT_URL), and run the same command again.",
        str(path),
    )


def error_message(error: BaseException) -> str:
    """What a client says of a failure, without the address and its own innards."""
    text = str(error)
    if code := _CODE.search(text):
        message = _MESSAGE.search(text)
        return ": ".join([code[1], *([message[1].rstrip(".")] if message and message[1] else [])])
    first = " ".join(text.split("Debug source:")[0].split()).rstrip(".")
    return first or type(error).__name__
