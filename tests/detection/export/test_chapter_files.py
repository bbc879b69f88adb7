"""Chapters, read back by FFmpeg: the WebVTT file itself, and a film into which they were muxed.

Covers also: playback.
"""

from pathlib import Path

import av
import numpy as np
import pytest

from eruv.detection.detect import detect_shots
from eruv.detection.export.chapter_files import ffmetadata_text, vtt_text
from eruv.detection.export.playback import playback_of
from films_for_tests import render_video
from shot_lists_for_tests import CUT_DISSOLVE_GAP, shot_list

SHOTS = ((1, 30), (2, 25), (3, 35))
TRUTH = [(0.0, 1.2), (1.2, 2.2), (2.2, 3.6)]


def cues(path: Path) -> list[tuple[float, float, str]]:
    """Start, end and text of each cue."""
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        return [
            (
                float((packet.pts or 0) * (packet.time_base or 0)),
                float(((packet.pts or 0) + (packet.duration or 0)) * (packet.time_base or 0)),
                bytes(packet).decode(),
            )
            for packet in container.demux(stream)
            if packet.size
        ]


def chapters(path: Path) -> list[tuple[float, float, str]]:
    with av.open(str(path)) as container:
        return [
            (
                float(one["start"] * (one["time_base"] or 0)),
                float(one["end"] * (one["time_base"] or 0)),
                one["metadata"]["title"],
            )
            for one in container.chapters()
        ]


def mux(film: Path, metadata: Path, to: Path) -> None:
    """What `ffmpeg -i film -i metadata -map_metadata 1 -codec copy to` does."""
    with (
        av.open(str(film)) as source,
        av.open(str(metadata), format="ffmetadata") as tags,
        av.open(str(to), "w") as container,
    ):
        stream = container.add_stream_from_template(source.streams.video[0])
        container.set_chapters(tags.chapters())
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)


def near(found: list[tuple[float, float, str]]) -> list[tuple[float, float]]:
    assert [title for _, _, title in found] == [f"Shot {n}" for n in range(1, len(found) + 1)]
    return [(round(start, 3), round(end, 3)) for start, end, _ in found]


@pytest.mark.parametrize("name", ["film.mp4", "film.ts"])
def test_cues_of_webvtt_are_the_shots_as_a_player_counts(tmp_path: Path, name: str) -> None:
    late = 35 if name == "film.ts" else 0  # MPEG starts at 1.4 s, which players show as 0
    film = render_video(tmp_path / name, SHOTS, pts=range(late, late + 90))
    path = tmp_path / "film.vtt"
    shots = detect_shots(film, "hog-fixed")
    path.write_text(vtt_text(shots))
    assert near(cues(path)) == TRUTH
    assert shots.shots[0].start_s == pytest.approx(late / 25)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_film_gets_the_chapters_of_ffmetadata(tmp_path: Path, suffix: str) -> None:
    film = render_video(tmp_path / "film.mp4", SHOTS)
    (tmp_path / "film.ffmetadata").write_text(ffmetadata_text(detect_shots(film, "hog-fixed")))
    mux(film, tmp_path / "film.ffmetadata", tmp_path / f"with{suffix}")
    assert near(chapters(tmp_path / f"with{suffix}")) == TRUTH


def test_a_dissolve_is_in_no_chapter_and_long_films_have_hours(tmp_path: Path) -> None:
    times = np.arange(100) * 600.0
    shots = shot_list(CUT_DISSOLVE_GAP, 100, times_s=list(times), rate=1 / 600, path=Path("/f.mp4"))
    path = tmp_path / "film.vtt"
    path.write_text(vtt_text(shots))
    assert near(cues(path)) == [(0, 18_000), (18_000, 30_000), (37_200, 48_000), (48_000, 60_000)]
    assert "\n05:00:00.000 --> 08:20:00.000\n" in path.read_text()
    words = "dissolve, frames 50 to 62, score 0.700, confidence 0.800"
    assert f"\nNOTE {words}\n\n3\n" in path.read_text()
    assert f"\n; {words}\n[CHAPTER]\n" in ffmetadata_text(shots)


def test_a_film_whose_picture_starts_after_its_audio_starts_with_its_audio(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    silence = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
    silence.sample_rate = 48_000
    picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("flac", rate=48_000)
        for number in range(50):
            silence.pts = 1024 * number
            container.mux(audio.encode(silence))
        container.mux(audio.encode(None))
        for number in range(10):
            picture.pts = 25 + number
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
    found = playback_of(path)
    assert (found.start_s, found.audio_channels, found.audio_rate) == (0, 2, 48_000)
    shots = detect_shots(path, "hog-fixed")
    assert "00:00:01.000 --> 00:00:01.400" in vtt_text(shots)
    assert "START=1000000\nEND=1400000\n" in ffmetadata_text(shots)


def test_what_cannot_be_opened_says_nothing(tmp_path: Path) -> None:
    assert playback_of(tmp_path / "none.mp4").start_s is None
