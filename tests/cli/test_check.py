"""What people see of a library that is damaged, repaired and made smaller.

Covers also: remove, repair.
"""

import shutil
from pathlib import Path

import pytest

from eruv.cli.main import main
from eruv.library.catalogue import Library
from films_for_tests import SmallLibrary


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_damage_is_told_mended_and_forgotten(
    small_library: SmallLibrary, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(small_library.folder, tmp_path / "library")
    library = Library(tmp_path / "library")
    assert run(capsys, "check", library.folder) == (0, "5 of 5 videos are intact\n")
    film = small_library.truth[2].path
    (video_id,) = [one for one, paths in library.paths().items() if film in paths]
    library.proxy_path(video_id).unlink()
    code, text = run(capsys, "check", library.folder)
    assert code == 1
    assert f"{film}: its proxy is missing" in text
    assert f"eruv repair {library.folder}" in text
    code, text = run(capsys, "repair", library.folder)
    assert code == 0
    assert text.startswith("1 videos repaired, in ")
    assert run(capsys, "check", library.folder)[0] == 0
    code, text = run(capsys, "remove", library.folder, film)
    assert code == 0
    assert str(film) in text
    assert f"4 videos are left in {library.folder}" in text
    assert film.exists()
