"""One writer at a time; the lock ends with its holder, however that ends."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock

HOLD = """
import sys, time
from pathlib import Path
from eruv.utils.lock import folder_lock
with folder_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_refused_and_the_first_may_come_again(tmp_path: Path) -> None:
    with (
        folder_lock(tmp_path),
        pytest.raises(EruvError, match="another eruv process is writing"),
        folder_lock(tmp_path),
    ):
        pass
    with folder_lock(tmp_path):
        pass


def test_the_lock_ends_with_the_block_that_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError), folder_lock(tmp_path):
        raise KeyError
    with folder_lock(tmp_path):
        pass


def test_a_killed_holder_holds_no_longer(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        owner = rf"another eruv process .*: process {holder.pid} \(-c\) on "
        with pytest.raises(EruvError, match=owner), folder_lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
    with folder_lock(tmp_path):
        pass


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["/bin/eruv", "ingest", "films"], "eruv ingest"),
        (["/lib/eruv/__main__.py", "ingest", "films"], "eruv ingest"),
        (["/bin/eruv", "/films/x.mp4"], "eruv"),
        (["script.py", "/films/x.mp4"], "script.py"),
        (["script.py", "films"], "script.py"),
        (["/lib/other/__main__.py", "films"], "other"),
        (["caf\udce9.py"], "caf?.py"),
        ([], ""),
    ],
)
def test_the_owner_is_named_by_its_command_without_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], name: str
) -> None:
    monkeypatch.setattr(sys, "argv", words)
    with (
        folder_lock(tmp_path),
        pytest.raises(EruvError, match=rf"process \d+ \({re.escape(name)}\) on "),
        folder_lock(tmp_path),
    ):
        pass


def test_a_full_disk_does_not_keep_a_folder_from_being_locked(tmp_path: Path) -> None:
    program = f"""
import resource, signal
from pathlib import Path
from eruv.utils.lock import folder_lock
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
with folder_lock(Path({str(tmp_path)!r})):
    print("held")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("held\n", "")
    assert (tmp_path / ".lock").read_text() == ""


def test_a_system_without_fcntl_is_told_what_eruv_runs_on() -> None:
    program = "import sys; sys.modules['fcntl'] = None; import eruv.utils.lock"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "EruvError: eruv runs on Linux and macOS" in done.stderr
    assert "WSL" in done.stderr
