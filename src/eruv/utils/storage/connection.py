"""Connections to buckets, with credentials and servers of the usual environment."""

import os
from datetime import timedelta
from functools import cache
from typing import Any

from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import RemotePath

CONNECT_S, SILENT_S = 5, 15
CLIENT = {
    "connect_timeout": f"{CONNECT_S}s",
    "read_timeout": f"{SILENT_S}s",
    # Of a whole answer, which may come slowly.
    "timeout": "1h",
}
# Both classes of servers: retries are made in one place, `bucket.retried`.
ONCE = {"max_retries": 0, "retry_timeout": timedelta(seconds=SILENT_S)}


def store_of(path: RemotePath) -> Any:
    """The bucket of a path; one for each process.

    Raises:
        EruvError: if the extra is not installed.
    """
    return _store(path.scheme, path.bucket)


@cache
def _store(scheme: str, bucket: str) -> Any:
    try:
        from obstore import store as stores
    except ImportError as error:
        raise EruvError(
            f"addresses with {scheme}:// need the package obstore. Install it with: "
            f"pip install 'eruv[{scheme}]'"
        ) from error
    client = CLIENT | {"allow_http": _is_plain(scheme)}
    if scheme == "gs":
        return stores.GCSStore(bucket, client_options=client, retry_config=ONCE)
    provider = _profile()
    if provider is not None:
        return stores.S3Store(
            bucket,
            config=_s3_options(),
            client_options=client,
            retry_config=ONCE,
            credential_provider=provider,
        )
    return stores.S3Store(bucket, config=_s3_options(), client_options=client, retry_config=ONCE)


def _profile() -> Any:
    """Credentials of a profile in the files of Amazon's tools; None where none is named."""
    if not os.environ.get("AWS_PROFILE") or os.environ.get("AWS_ACCESS_KEY_ID"):
        return None
    try:
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError as error:
        raise EruvError(
            "AWS_PROFILE is set, and reading it needs the package boto3. Install it with: pip "
            "install boto3; or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ) from error
    return Boto3CredentialProvider()


def _is_plain(scheme: str) -> bool:
    """Whether the server of the environment speaks HTTP without encryption."""
    if scheme == "s3":
        return _endpoint().startswith("http://")
    return '"gcs_base_url": "http://' in os.environ.get("GOOGLE_SERVICE_ACCOUNT_KEY", "")


def _endpoint() -> str:
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""


def _s3_options() -> dict[str, str]:
    options = {}
    if endpoint := _endpoint():
        options = {"aws_endpoint": endpoint, "aws_virtual_hosted_style_request": "false"}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region or endpoint:  # a server of one's own has no region, but signatures name one
        options["aws_region"] = region or "us-east-1"
    return options


def lance_options(path: RemotePath) -> dict[str, str]:
    """Options of LanceDB's own client; credentials it takes from the environment itself."""
    options = {"connect_timeout": f"{CONNECT_S}s", "timeout": "60s", "client_max_retries": "12"}
    options["allow_http"] = str(_is_plain(path.scheme)).lower()
    return options | (_s3_options() if path.scheme == "s3" else {})
