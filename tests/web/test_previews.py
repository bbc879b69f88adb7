"""Previews: what browsers play, at the source's own times; made once, whole or not at all.

Covers also: preview_file.
"""

import os
import shutil
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.media.video import VideoSource
from eruv.web.bounded import Bounds
from eruv.web.preview_file import LONGEST_HEAD_S, preview_shift_s
from eruv.web.previews import Previews, media_type_of
from films_for_tests import encode, frame_number_of, pattern, render_video, yuv_frame

SIZE = (96, 72)


@pytest.fixture
def previews(tmp_path: Path):
    made = Previews(tmp_path / "previews", 1 << 30)
    yield made
    made.close()


def ready(previews: Previews, source: Path) -> Path:
    found = previews.wait(source, 60)
    assert found.state == "ready", found
    assert found.path is not None
    return found.path


def times_of(path: Path) -> list[float]:
    with VideoSource(path) as source:
        return [frame.time_s for frame in source.frames()]


def numbered(count: int) -> list[av.VideoFrame]:
    """Frames whose chroma is their number, see `frame_number_of`."""
    still = pattern(7, 72, 96, low=110, high=142)
    return [
        yuv_frame(still, 128 + (n % 25 - 12) * 4, 128 + (n // 25 - 12) * 4) for n in range(count)
    ]


@pytest.mark.parametrize(
    ("name", "codec", "options", "first"),
    [
        ("xvid.avi", "mpeg4", {"bf": "2", "b": "8M"}, 0),
        ("late.ts", "mpeg2video", {"bf": "2", "b": "8M"}, 3),
        ("film.mkv", "libx264", None, 30),
        ("film.mpg", "mpeg1video", {"b": "8M"}, 12),
        ("film.wmv", "wmv2", {"b": "8M"}, 0),
        ("film.flv", "flv", {"b": "8M"}, 0),
    ],
)
def test_every_frame_is_at_its_time(
    previews: Previews, tmp_path: Path, name: str, codec: str, options: dict, first: int
) -> None:
    pts = [first + n for n in range(60)]
    path = encode(tmp_path / name, numbered(60), codec=codec, options=options, pts=pts)
    assert media_type_of(path) is None
    preview = ready(previews, path)
    assert media_type_of(preview) is not None
    expected = times_of(path)
    assert np.allclose(times_of(preview), expected, atol=1e-4)
    with av.open(str(preview)) as container:
        numbers = [
            frame_number_of(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)
        ]
    assert numbers == list(range(60))
    if first:
        assert expected[0] > 0


def test_varying_rates_stay(previews: Previews, tmp_path: Path) -> None:
    pts = np.cumsum([0, 1, 5, 1, 30, 2, 2, 80, 1, 1]).tolist()
    path = encode(tmp_path / "film.mkv", numbered(10), codec="libvpx-vp9", options={}, pts=pts)
    shutil.move(path, tmp_path / "slides.mkv")
    found = times_of(ready(previews, tmp_path / "slides.mkv"))
    assert np.allclose(found, np.array(pts) / 25, atol=0.0011)  # Matroska counts milliseconds


def with_audio(path: Path, seconds: float, click_s: float, codec: str = "pcm_s16le") -> Path:
    """A film with silence and one click in it."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25, options={"b": "2M"})
        video.width, video.height, video.pix_fmt = 96, 72, "yuv420p"
        audio = container.add_stream(codec, rate=48_000, layout="stereo")
        samples = np.zeros((1, 2 * round(48_000 * seconds)), np.int16)
        at = 2 * round(48_000 * click_s)
        samples[0, at : at + 400] = 20_000
        for frame in numbered(round(25 * seconds)):
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for start in range(0, samples.shape[1], 2048):
            part = av.AudioFrame.from_ndarray(samples[:, start : start + 2048], "s16", "stereo")
            part.sample_rate, part.pts = 48_000, start // 2
            part.time_base = Fraction(1, 48_000)
            container.mux(audio.encode(part))
        container.mux(audio.encode(None))
    return path


def click_of(path: Path) -> float:
    """When the loudest sample of a file is heard."""
    loudest = (0.0, 0.0)
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            values = np.abs(frame.to_ndarray()).max(0)
            if frame.format.is_packed:
                values = values.reshape(-1, 2).max(1)
            time_s = (frame.time or 0.0) + float(values.argmax()) / frame.sample_rate
            loudest = max(loudest, (float(values.max()), time_s))
    return loudest[1]


def test_audio_stays_with_the_pictures(previews: Previews, tmp_path: Path) -> None:
    path = with_audio(tmp_path / "film.avi", 3, click_s=1.7)
    assert media_type_of(path) is None
    preview = ready(previews, path)
    with av.open(str(preview)) as container:
        assert [one.codec.name for one in container.streams] == ["h264", "aac"]
    assert click_of(preview) == pytest.approx(1.7, abs=0.03)


def test_films_are_shrunk_turned_and_their_pixels_made_square(
    previews: Previews, tmp_path: Path
) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg2video", rate=25, options={"b": "8M"})
        stream.width, stream.height, stream.pix_fmt = 1440, 1080, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        for _ in range(3):
            container.mux(stream.encode(yuv_frame(np.full((1080, 1440), 90, np.uint8))))
        container.mux(stream.encode(None))
    with av.open(str(ready(previews, path))) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (854, 480)


def test_the_index_stands_in_front(previews: Previews, tmp_path: Path) -> None:
    path = encode(tmp_path / "film.avi", numbered(20), codec="mpeg4")
    content = ready(previews, path).read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_clocks_that_players_cannot_show_are_shifted() -> None:
    assert [preview_shift_s(start) for start in (0.0, 1.4, LONGEST_HEAD_S)] == [0, 0, 0]
    assert preview_shift_s(-0.5) == -0.5
    assert preview_shift_s(36_000.2) == 36_000.2


def test_late_films_begin_at_once(previews: Previews, tmp_path: Path) -> None:
    pts = [25 * 1000 + n for n in range(30)]
    path = encode(tmp_path / "late.ts", numbered(30), codec="mpeg2video", pts=pts)
    first_s = times_of(path)[0]
    assert first_s > 900
    found = times_of(ready(previews, path))
    assert np.allclose(np.array(found) + preview_shift_s(first_s), times_of(path), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "codec", "format", "played"),
    [
        ("film.mp4", "libx264", "yuv420p", "video/mp4"),
        ("film.mov", "libx264", "yuv420p", "video/mp4"),
        ("film.webm", "libvpx-vp9", "yuv420p", "video/webm"),
        ("film.mkv", "libx264", "yuv420p", None),
        ("film.avi", "libx264", "yuv420p", None),
        ("deep.mp4", "libx264", "yuv420p10le", None),
        ("full.mp4", "libx264", "yuv444p", None),
        ("hevc.mp4", "libx265", "yuv420p", None),
        ("deep_hevc.mp4", "libx265", "yuv420p10le", None),
        ("xvid.avi", "mpeg4", "yuv420p", None),
        ("old.mp4", "mpeg4", "yuv420p", None),
    ],
)
def test_what_browsers_play(
    tmp_path: Path, name: str, codec: str, format: str, played: str | None
) -> None:
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 72, format
        for frame in numbered(3):
            container.mux(stream.encode(frame.reformat(format=format)))
        container.mux(stream.encode(None))
    assert media_type_of(path) == played


def test_what_is_no_film_is_not_played(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no film")
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\nfilm.ts\n")
    os.mkfifo(tmp_path / "pipe.mp4")
    for name in ("text.mp4", "list.mp4", "none.mp4"):
        assert media_type_of(tmp_path / name) is None


def test_one_preview_is_made_for_all_who_ask(
    previews: Previews, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encode(tmp_path / "film.avi", numbered(200), codec="mpeg4")
    jobs, original = [], previews.child.ask

    def noted(job, *more, **request):
        jobs.append(request["path"])
        return original(job, *more, **request)

    monkeypatch.setattr(previews.child, "ask", noted)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(ready(previews, path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert jobs == [str(path)]


def test_a_preview_is_not_there_before_it_is_whole(previews: Previews, tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.avi", [(1, 300)], size=(640, 480), codec="mpeg4")
    shares, states = [], []
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = previews.ask(path)
        shares.append(found.share)
        states.append(found.state)
        if found.state in ("ready", "failed"):
            break
        visible = [one for one in os.listdir(previews.cache.folder) if not one.startswith(".")]
        assert not visible or previews.ask(path).state == "ready"
        time.sleep(0.02)
    assert states[-1] == "ready"
    assert "preparing" in states
    assert shares == sorted(shares)
    assert any(0 < share < 1 for share in shares)


def test_closing_ends_the_work_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.avi", [(1, 800)], size=(640, 480), codec="mpeg4")
    previews = Previews(tmp_path / "previews", 1 << 30)
    until = time.monotonic() + 60
    while previews.ask(path).share == 0 and time.monotonic() < until:
        time.sleep(0.02)
    process = previews.child._process
    previews.close()
    assert process is not None
    assert process.poll() is not None
    assert os.listdir(previews.cache.folder) == []
    assert previews.ask(path).state == "failed"


def test_a_changed_film_gets_another_preview(previews: Previews, tmp_path: Path) -> None:
    path = encode(tmp_path / "film.avi", numbered(5), codec="mpeg4")
    first = ready(previews, path)
    encode(path, numbered(9), codec="mpeg4")
    assert ready(previews, path) != first
    assert len(times_of(ready(previews, path))) == 9


def test_what_cannot_be_decoded_fails_with_a_sentence(previews: Previews, tmp_path: Path) -> None:
    (tmp_path / "text.avi").write_text("no film" * 100)
    found = previews.wait(tmp_path / "text.avi", 60)
    assert found.state == "failed"
    assert found.reason.startswith("It cannot be decoded")
    assert str(tmp_path) not in found.reason
    assert previews.wait(tmp_path / "none.avi", 60).state == "failed"
    assert os.listdir(previews.cache.folder) == []


def test_a_playlist_leads_to_no_other_file(previews: Previews, tmp_path: Path) -> None:
    encode(tmp_path / "secret.ts", numbered(20), codec="mpeg2video")
    for name, text in (
        ("list.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n"),
        ("joined.mp4", f"ffconcat version 1.0\nfile '{tmp_path / 'secret.ts'}'\n"),
    ):
        (tmp_path / name).write_text(text)
        assert previews.wait(tmp_path / name, 60).state == "failed"


def test_a_film_that_takes_too_long_fails(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.avi", [(1, 400)], size=(640, 480), codec="mpeg4")
    previews = Previews(tmp_path / "previews", 1 << 30)
    previews.child.bounds = Bounds(wall_s=0.6)
    try:
        found = previews.wait(path, 60)
        assert found.state == "failed"
        assert "more than 1 seconds" in found.reason
        assert os.listdir(previews.cache.folder) == []
    finally:
        previews.close()


def test_beyond_the_limit_the_least_lately_used_goes(tmp_path: Path) -> None:
    films = [encode(tmp_path / f"film{n}.avi", numbered(20 + n), codec="mpeg4") for n in range(3)]
    one = Previews(tmp_path / "one", 1 << 30)
    size = ready(one, films[0]).stat().st_size
    one.close()
    previews = Previews(tmp_path / "previews", round(2.5 * size))
    try:
        first, second = ready(previews, films[0]), ready(previews, films[1])
        time.sleep(0.02)
        assert ready(previews, films[0]) == first  # used again
        third = ready(previews, films[2])
        assert first.exists()
        assert not second.exists()
        assert third.exists()
    finally:
        previews.close()


def test_a_folder_that_was_removed_is_made_again(previews: Previews, tmp_path: Path) -> None:
    path = encode(tmp_path / "film.avi", numbered(5), codec="mpeg4")
    shutil.rmtree(previews.cache.folder)
    assert ready(previews, path).exists()


def test_a_film_that_failed_may_be_tried_again_later(
    previews: Previews, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encode(tmp_path / "film.avi", numbered(5), codec="mpeg4")
    original, tried = previews.child.ask, []

    def broken(*_: object, **__: object) -> None:
        tried.append(1)
        raise KeyError("unforeseen")

    monkeypatch.setattr(previews.child, "ask", broken)
    assert previews.wait(path, 60).reason == "No preview can be made (KeyError)."
    assert previews.ask(path).state == "failed"
    assert tried == [1]
    monkeypatch.setattr(previews.child, "ask", original)
    previews._failed = {name: (0.0, reason) for name, (_, reason) in previews._failed.items()}
    assert ready(previews, path).exists()
