"""The wheel works where the sources are not: it is built, installed and put to use elsewhere.

The fresh environment borrows the libraries of the one that runs this script, but not its eruv.
"""

import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent

# What the package reads beside its modules; without it a command fails late or types are lost.
DATA = (".css", ".j2", ".js", ".npz", ".pyi", ".typed", ".yaml")

DEMO = """
from dataclasses import replace
from pathlib import Path

import eruv

assert Path(eruv.__file__).is_relative_to(Path.cwd() / "venv"), f"eruv is {eruv.__file__}"
few = dict(pairs=16, batch_size=4, loader_workers=1, backbone="r3d", width=0.05)
config = replace(eruv.recipe("demo"), **few)
eruv.demo("demo", films=(3, 2), config=config)
"""


def main() -> None:
    """Build, compare with the sources, install, and run three commands in an empty folder."""
    with tempfile.TemporaryDirectory(prefix="eruv-wheel-") as name:
        folder = Path(name)
        wheel = _built(folder / "dist")
        _compare(_names_in(wheel), _expected())
        python = _installed(wheel, folder / "venv")
        _use(python, folder)
    print(f"{wheel.name} works")


def _built(folder: Path) -> Path:
    """The wheel, made from the source archive, so that the archive is tried as well."""
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as members:
        _compare({name.partition("/src/")[2] for name in members.getnames()}, _expected())
    (wheel,) = folder.glob("*.whl")
    return wheel


def _names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as members:
        return set(members.namelist())


def _expected() -> set[str]:
    sources = ROOT / "src"
    paths = (path for path in (sources / "eruv").rglob("*") if path.suffix in (".py", *DATA))
    return {path.relative_to(sources).as_posix() for path in paths}


def _compare(found: set[str], expected: set[str]) -> None:
    if missing := sorted(expected - found):
        sys.exit(f"the package lacks {', '.join(missing)}: name them in [tool.setuptools]")
    modules = {name for name in found if name.startswith("eruv/") and name.endswith(".py")}
    if stale := sorted(modules - expected):
        sys.exit(f"the package holds {', '.join(stale)}, which src does not")


def _installed(wheel: Path, venv: Path) -> Path:
    """The interpreter of a new environment that has eruv from the wheel alone."""
    _run(sys.executable, "-m", "venv", "--without-pip", str(venv))
    python = venv / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet")
    _run(*pip, "--disable-pip-version-check", "--no-deps", "--no-index", str(wheel))
    # A path in a .pth file is searched last, and .pth files in it (an editable eruv) are not read.
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def _use(python: Path, folder: Path) -> None:
    eruv = str(python.parent / "eruv")
    _run(str(python), "-I", "-c", DEMO, cwd=folder)
    film = min((folder / "demo" / "films").glob("*.mp4"))
    _run(eruv, "shots", str(film), "--html", "--csv", "--to", "shots", cwd=folder)
    _run(eruv, "paper", "table1", "--smoke", "--to", "paper", cwd=folder)
    for made in ("demo/report.html", f"shots/{film.stem}.shots.html", "paper/table1.md"):
        if not (folder / made).is_file():
            sys.exit(f"the commands ended without an error, but {made} was not written")


def _run(*words: str, cwd: Path = ROOT) -> None:
    # Of the caller's environment nothing that names a folder of Python's.
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home())}
    done = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stdout}\n{done.stderr}\nended with {done.returncode}")


if __name__ == "__main__":
    main()
