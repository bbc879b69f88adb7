"""Encoders on the Hugging Face hub: fetched into its cache, and pushed from a run."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)

from eruv.models.encoder import Encoder
from eruv.models.encoder import load as load_folder
from eruv.models.saving import CONFIG, WEIGHTS, refuse_without
from eruv.utils.errors import EruvError
from eruv.utils.results import Result

HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*")
CARD = "README.md"
MEASURED = "relations.json"


@dataclass(frozen=True)
class PushResult(Result):
    """Where an encoder went.

    Attributes:
        address: of the commit.
        seconds: of wall time.
    """

    address: str
    seconds: float


def load(encoder: Path | str) -> Encoder:
    """The encoder of a run, or one of the Hugging Face hub, in evaluation mode.

    Args:
        encoder: folder with config.json and model.safetensors; or ORGANISATION/NAME, which is
            fetched into the hub's cache where it is not there or has changed.

    Raises:
        EruvError: if there is none, or it is neither in reach nor in the cache.
    """
    if not is_hub_id(encoder):
        return load_folder(encoder)
    hub_id = str(encoder)
    with _explained(f"{hub_id} is neither a folder here nor a reachable encoder on the hub"):
        folder = snapshot_download(hub_id, allow_patterns=[CONFIG, WEIGHTS, CARD])
    return load_folder(folder)


def is_hub_id(name: Path | str) -> bool:
    """Whether a name could be ORGANISATION/NAME: a folder of the first name makes it a path."""
    first = Path(name).parts[:1]
    return HUB_ID.fullmatch(str(name)) is not None and not Path(*first).exists()


def push(run: Path | str, hub_id: str, *, private: bool = False) -> PushResult:
    """Bring an encoder to the Hugging Face hub, with its model card, for `eruv.load(hub_id)`.

    The weights, their settings, the card and what was measured go there; no video, and no path.

    Args:
        run: folder of the encoder.
        hub_id: ORGANISATION/NAME; made if it is not there.
        private: whether a new one is seen by its owners alone.

    Raises:
        EruvError: if there is no encoder, or the hub refuses.
    """
    started = time.monotonic()
    folder = Path(run)
    refuse_without(folder, "encoder")
    if HUB_ID.fullmatch(hub_id) is None:
        raise EruvError(f"`hub_id` must be ORGANISATION/NAME; got {hub_id!r}.")
    with _explained(f"{folder} was not pushed to {hub_id}"):
        api = HfApi()
        api.create_repo(hub_id, private=private, exist_ok=True)
        commit = api.upload_folder(
            repo_id=hub_id,
            folder_path=folder,
            allow_patterns=[CONFIG, WEIGHTS, CARD, MEASURED],
            commit_message="Encoder by eruv",
        )
    return PushResult(commit.commit_url, time.monotonic() - started)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except RepositoryNotFoundError as error:
        raise EruvError(
            f"{what}: there is no such repository, or this machine may not see it. Check the name; "
            f"for a private one, log in with: hf auth login"
        ) from error
    except (HfHubHTTPError, HFValidationError) as error:
        raise EruvError(f"{what}: {str(error).splitlines()[0]}") from error
    except (LocalEntryNotFoundError, httpx2.TransportError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise EruvError(f"{what}: {reason}. Check the name, or the network.") from error
