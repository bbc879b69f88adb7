"""The README's Python example runs as it stands: a bare script, only with fewer pairs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from films_for_tests import SmallLibrary

README = Path(__file__).parent.parent / "README.md"
FEWER_PAIRS = 'to="out", config=replace(eruv.recipe("laptop"), pairs=16), device="cpu")'


def test_example_runs_as_a_bare_script(small_library: SmallLibrary, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert "__main__" not in example
    assert len(example.strip().splitlines()) <= 6
    assert 'to="out")' in example
    script = tmp_path / "example.py"
    shortened = example.replace('to="out")', FEWER_PAIRS)
    script.write_text(f"from dataclasses import replace\n{shortened}")
    (tmp_path / "videos").mkdir()
    for film in small_library.truth:
        shutil.copy(film.path, tmp_path / "videos")
    shutil.copy(small_library.truth[0].path, tmp_path / "film.mp4")
    done = subprocess.run(
        [sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # 160 frames are ten clips of 16.
    assert done.stdout.startswith("(10, 128) [0.")
    assert (tmp_path / "out" / "report.html").exists()
