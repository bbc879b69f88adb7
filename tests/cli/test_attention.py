"""`eruv attention`: runs first, the video last."""

import json
from collections.abc import Callable
from pathlib import Path


def test_attention_takes_runs_first_and_the_video_last(
    call: Callable, small_run: Path, render_video: Callable[..., Path], tmp_path: Path
) -> None:
    video, to = render_video(tmp_path / "film.mp4", [(1, 27)]), tmp_path / "figures"
    # Options may stand anywhere between.
    words = ("attention", small_run, "--device=cpu", small_run, "--to", to, "--no-film", video)
    called = call(*words, "--json")
    assert called.code == 0, called.err
    titles = [one["title"] for one in json.loads(called.out)["encoders"]]
    assert titles == ["1 run (R3D)", "2 run (R3D)"]
    assert sorted(path.name for path in to.iterdir()) == [
        "film.attention.png",
        "film.attention.svg",
    ]
    called = call("attention", video, small_run, "--to", to)
    assert called.code == 1
    assert "Pass runs first and the video last" in called.err
    assert call("attention", video).code == 2
