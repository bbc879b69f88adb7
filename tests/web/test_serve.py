"""`eruv serve` as a process: where it listens, who is let in, and how it ends.

Covers also: cli/serve.
"""

import json
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import eruv
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary
from training_for_tests import start_eruv


@contextmanager
def serving(library: Path, *words: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and the address that it printed."""
    process = start_eruv("serve", library, "--port", 0, "--device", "cpu", *words)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.communicate()[1]
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


def test_the_page_is_there_until_ctrl_c(small_library: SmallLibrary) -> None:
    with serving(small_library.folder, "--json") as (process, address):
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address) as answer:
            assert b"film0.mp4" in answer.read()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    result = json.loads(out)
    assert result["address"] == address
    assert result["seconds"] > 0


def test_other_machines_need_the_token_that_is_printed(small_library: SmallLibrary) -> None:
    with serving(small_library.folder, "--host", "0.0.0.0") as (_, address):
        here = address.replace("0.0.0.0", "127.0.0.1")
        bare, _, token = here.partition("?token=")
        assert len(token) > 20
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(bare)
        asked = urllib.request.Request(bare, headers={"authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked) as answer:
            assert answer.status == 200


def test_behind_a_proxy_the_page_has_another_name(small_library: SmallLibrary) -> None:
    with serving(small_library.folder, "--name", "Films.example.org") as (_, address):
        bare, _, token = address.partition("?token=")
        assert len(token) > 20
        headers = {"authorization": f"Bearer {token}", "origin": "https://films.example.org"}
        asked = urllib.request.Request(bare, headers=headers | {"host": "films.example.org"})
        with urllib.request.urlopen(asked) as answer:
            assert answer.status == 200
        asked = urllib.request.Request(bare, headers=headers | {"host": "other.example.org"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(asked)


def test_a_port_that_is_taken_is_told(small_library: SmallLibrary) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EruvError, match="Choose another `port`"):
            eruv.serve(small_library.folder, port=port)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"port": 70000}, "from 0 to 65535"),
        ({"token": "short"}, "at least 16 characters"),
        ({"host": "203.0.113.7", "port": 0}, "cannot listen"),
    ],
)
def test_options_that_make_no_sense_are_told(
    small_library: SmallLibrary, options: dict, words: str
) -> None:
    with pytest.raises(EruvError, match=words):
        eruv.serve(small_library.folder, **options)


def test_a_folder_that_is_no_library_is_told(tmp_path: Path) -> None:
    with pytest.raises(EruvError, match="is not a library"):
        eruv.serve(tmp_path, port=0)
