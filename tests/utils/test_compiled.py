"""Compiled functions work wherever they are installed, and as they are written now."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import eruv

CALL = "from eruv.utils.compiled import compiled; print(compiled()(lambda x: 2 * x)(21))"
FOLDER = "import eruv.utils.compiled; print(eruv.utils.compiled._FOLDER)"


def run(program: str, cache: Path, package: Path | None = None) -> tuple[str, str]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "NUMBA_CACHE_DIR": ""}
    if package is not None:
        environment["PYTHONPATH"] = str(package)
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip(), done.stderr


def test_without_a_place_for_a_cache_it_compiles_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    output, errors = run(CALL, tmp_path / "file")
    assert output == "42"
    assert "no cache can be written (set NUMBA_CACHE_DIR" in errors


def test_an_edit_of_any_compiled_source_leads_to_another_cache(tmp_path: Path) -> None:
    package = tmp_path / "src" / "eruv"
    assert eruv.__file__
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(eruv.__file__).parent, package, ignore=ignore)
    before, first = run(FOLDER, tmp_path / "cache", package.parent)
    again, second = run(FOLDER, tmp_path / "cache", package.parent)
    with (package / "detection" / "detectors" / "motion.py").open("a") as file:
        file.write("# an edit\n")
    after, _ = run(FOLDER, tmp_path / "cache", package.parent)
    assert before == again != after
    assert "once: about 20 s" in first
    assert not second
