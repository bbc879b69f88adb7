"""A confined process reaches the files that are named, and no other, no network and no program."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from confinement_for_tests import landlock

PROGRAM = """
import os, socket, subprocess, sys, threading
from pathlib import Path
from eruv.web.confinement import confine

home = Path(sys.argv[1])
port = int(sys.argv[2])
kept = open(home / "kept.txt")
if not confine([home / "film.mp4"], [home / "out"]):
    sys.exit(3)

def tried(name, act):
    try:
        act()
        print(name, "yes")
    except OSError:
        print(name, "no")

def write(path):
    path.write_text("x")

def all_that():
    tried("named", lambda: (home / "film.mp4").read_text())
    tried("other", lambda: (home / "secret.txt").read_text())
    tried("linked", lambda: (home / "link.mp4").read_text())
    tried("listed", lambda: os.listdir(home))
    tried("system", lambda: Path("/etc/passwd").read_text())
    tried("kept", kept.read)
    tried("written", lambda: write(home / "out" / "a"))
    tried("renamed", lambda: os.replace(home / "out" / "a", home / "out" / "b"))
    tried("removed", lambda: os.unlink(home / "out" / "b"))
    tried("overwritten", lambda: write(home / "film.mp4"))
    tried("beside", lambda: write(home / "beside"))
    tried("linking", lambda: os.symlink("/etc/passwd", home / "out" / "s"))
    tried("tcp", lambda: socket.create_connection(("127.0.0.1", port), 2))
    tried("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    tried("unix", lambda: socket.socket(socket.AF_UNIX))
    tried("program", lambda: subprocess.run(["/bin/true"]))
    tried("signal", lambda: os.kill(os.getppid(), 0))

all_that()
thread = threading.Thread(target=all_that)
thread.start()
thread.join()
"""
EXPECTED = {
    "named": "yes",
    "other": "no",
    "linked": "no",
    "listed": "no",
    "system": "no",
    "kept": "yes",
    "written": "yes",
    "renamed": "yes",
    "removed": "yes",
    "overwritten": "no",
    "beside": "no",
    "linking": "no",
    "tcp": "no",
    "udp": "no",
    "unix": "no",
    "program": "no",
}


@pytest.mark.skipif(landlock() < 1, reason="this system has no Landlock")
def test_a_confined_process_reaches_what_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in ("film.mp4", "secret.txt", "kept.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link.mp4").symlink_to("secret.txt")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path), port],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    assert ran.returncode == 0, ran.stderr
    lines = [line.split(" ") for line in ran.stdout.splitlines()]
    assert len(lines) % 2 == 0
    expected = EXPECTED | ({"signal": "no"} if landlock() >= 6 else {"signal": "yes"})
    for half in (lines[: len(lines) // 2], lines[len(lines) // 2 :]):  # in both threads
        assert dict(half) == expected
    assert (tmp_path / "film.mp4").read_text() == "film.mp4"
