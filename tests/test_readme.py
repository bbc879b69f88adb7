"""The README's Python example runs as it stands: a bare script, only with fewer pairs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from films_for_tests import SmallLibrary

README = Path(__file__).parent.parent / "README.md"


def test_example_runs_as_a_bare_script(small_library: SmallLibrary, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert "__main__" not in example
    assert "pairs=2000" in example
    script = tmp_path / "example.py"
    script.write_text(example.replace("pairs=2000", "pairs=16"))
    (tmp_path / "videos").mkdir()
    for film in small_library.truth:
        shutil.copy(film.path, tmp_path / "videos")
    done = subprocess.run(
        [sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(1, 128)"
    assert (tmp_path / "out" / "report.html").exists()
