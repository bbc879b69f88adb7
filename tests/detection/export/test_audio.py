"""The audio of shots as files: every sample at its time, and as long as the shot.

Covers also: copying.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

import eruv
from eruv.detection.detect import Shot, ShotList, detect_shots
from eruv.detection.export.audio import AudioSource, EncodedAudio
from eruv.detection.export.split import ShotFile, split
from films_for_tests import pattern, yuv_frame
from storage_for_tests import Storage

RATE = 44_100
FRAMES = 90
CUTS = (30, 55)  # the first begins with a key frame, the second does not
TICK = 0.012  # of a click


def clicks(seconds: float, channels: int = 2, every_s: float = 0.2) -> np.ndarray:
    """Noise that is soft, with a loud click every so often: (channels, n), int16."""
    count = round(seconds * RATE)
    values = np.random.default_rng(0).integers(-300, 300, (channels, count))
    for at in range(0, count, round(every_s * RATE)):
        values[:, at : at + round(TICK * RATE)] *= 80
    return values.astype(np.int16)


def film(
    path: Path,
    codec: str,
    *,
    tracks: Sequence[np.ndarray],
    late_s: float = 0.0,
    frames: int = FRAMES,
    keys: Sequence[int] = (0, 30),
) -> Path:
    """A real film with audio that starts `late_s` after its pictures."""
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "x264-params": "scenecut=0:keyint=500:bframes=0"}
        video = container.add_stream("libx264", rate=25, options=options)
        video.width, video.height, video.pix_fmt = 96, 72, "yuv420p"
        streams = [
            container.add_stream(codec, rate=RATE, layout="stereo" if len(audio) == 2 else "mono")
            for audio in tracks
        ]
        for audio, stream in zip(tracks, streams, strict=True):
            for at in range(0, audio.shape[1], 4096):
                part = np.ascontiguousarray(audio[:, at : at + 4096])
                frame = av.AudioFrame.from_ndarray(part, "s16p", stream.layout.name)
                frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
                frame.pts = at + round(late_s * RATE)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        for number in range(frames):
            picture = yuv_frame(pattern(sum(number >= cut for cut in CUTS), 72, 96))
            picture.pts, picture.time_base = number, Fraction(1, 25)
            picture.pict_type = av.video.frame.PictureType(1 if number in keys else 0)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
    return path


def shots_of(path: Path) -> ShotList:
    found = detect_shots(path, "hog-fixed")
    ranges = zip([0, *CUTS], [*CUTS, found.num_frames], strict=True)
    shots = tuple(Shot(*part, *found.times.range(*part)) for part in ranges)
    return replace(found, shots=shots, transitions=())


def heard(path: Path, index: int = 0) -> tuple[float, np.ndarray]:
    """Start in seconds, and the samples, (channels, n) between -1 and 1."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=index))
    values = np.concatenate([frame.to_ndarray().reshape(frame.samples, -1).T
                             if not frame.format.is_planar else frame.to_ndarray()
                             for frame in frames], axis=1)  # fmt: skip
    scale = {"s16": 2.0**15, "s16p": 2.0**15, "s32": 2.0**31}.get(frames[0].format.name, 1.0)
    return float(frames[0].time or 0), values / scale


def test_encoded_audio_has_the_samples_of_the_shot(tmp_path: Path) -> None:
    audio = clicks(FRAMES / 25)
    path = film(tmp_path / "film.mkv", "flac", tracks=[audio])
    files = split(shots_of(path), tmp_path, "part")
    assert [file.how for file in files] == ["copied", "copied", "encoded"]
    assert [file.audio for file in files] == [("copied",), ("copied",), ("encoded",)]
    start_s, values = heard(files[2].path)
    assert start_s == pytest.approx(0, abs=0.0011)
    wanted = audio[:, round(55 / 25 * RATE) : round(90 / 25 * RATE)] / 2**15
    assert values.shape == wanted.shape
    assert (values == wanted).all()


def test_copied_audio_is_at_its_time(tmp_path: Path) -> None:
    audio = clicks(FRAMES / 25)
    path = film(tmp_path / "film.mkv", "flac", tracks=[audio])
    files = split(shots_of(path), tmp_path, "part")
    start_s, values = heard(files[1].path)
    assert 0 <= start_s < 4608 / RATE  # packets do not begin where frames do
    first = round((30 / 25 + start_s) * RATE)
    # Matroska rounds times to milliseconds.
    near = range(first - 50, first + 50)
    ours = values[0, : RATE // 2]
    assert any((audio[0, at : at + RATE // 2] / 2**15 == ours).all() for at in near)
    assert start_s + values.shape[1] / RATE == pytest.approx(25 / 25, abs=4608 / RATE)


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_aac_is_as_long_as_the_shot_and_at_its_time(tmp_path: Path, suffix: str) -> None:
    path = film(tmp_path / f"film{suffix}", "aac", tracks=[clicks(FRAMES / 25)])
    files = split(shots_of(path), tmp_path, "part")
    assert [file.how for file in files] == ["copied", "copied", "encoded"]
    for shot, file in zip(shots_of(path).shots, files, strict=True):
        with av.open(str(file.path)) as container:
            video, audio = container.streams.video[0], container.streams.audio[0]
            length_s = float((audio.duration or 0) * (audio.time_base or 0))
            slack_s = 0.0015 if file.how == "encoded" else 2 * 1024 / RATE
            assert length_s == pytest.approx(shot.end_s - shot.start_s, abs=slack_s)
            assert float((video.duration or 0) * (video.time_base or 0)) == pytest.approx(
                shot.end_s - shot.start_s, abs=0.001
            )
            assert next(container.decode(video=0)).time == 0
        start_s, values = heard(file.path)
        loud = np.flatnonzero(np.abs(values[0]) > 0.25) / RATE + start_s
        onsets = loud[np.diff(loud, prepend=-1) > 0.05]
        clicked = np.arange(0, FRAMES / 25, 0.2) - shot.start_s
        # Where a shot begins and ends, a packet may be cut off.
        length_s = shot.end_s - shot.start_s
        found, wanted = (one[(one > 0.03) & (one < length_s - 0.03)] for one in (onsets, clicked))
        assert found == pytest.approx(wanted, abs=0.003)


def test_audio_that_starts_late_and_ends_early_is_silent_there(tmp_path: Path) -> None:
    audio = clicks(1.0)
    path = film(tmp_path / "film.mkv", "flac", tracks=[audio], late_s=2.5)
    *_, last = split(shots_of(path), tmp_path, "part")
    _, values = heard(last.path)
    assert values.shape[1] == round(90 / 25 * RATE) - round(55 / 25 * RATE)
    begins = round(0.3 * RATE)
    assert not values[:, : begins - 50].any()
    assert (values[:, begins : begins + 40_000] != 0).mean() > 0.9
    assert not values[:, begins + RATE + 50 :].any()


def test_channels_that_a_file_does_not_name_are_the_usual_ones(tmp_path: Path) -> None:
    path = film(tmp_path / "film.avi", "pcm_s16le", tracks=[clicks(1)], frames=25)
    with av.open(str(path)) as container:
        assert container.streams.audio[0].layout.name == "2 channels"
    audio = EncodedAudio([AudioSource(path, 1)], ".mp4")
    with audio, av.open(str(tmp_path / "audio.mp4"), "w") as container:
        stream = audio.add_to(container)
        audio.write(container, stream, 0, 1)
    _, values = heard(tmp_path / "audio.mp4")
    assert values.shape[0] == 2
    assert np.abs(values[0]).max() > 0.1


def test_all_audio_streams_are_kept(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mkv", "flac", tracks=[clicks(3.6), clicks(3.6, channels=1)])
    for file in split(shots_of(path), tmp_path, "part"):
        with av.open(str(file.path)) as container:
            assert [stream.channels for stream in container.streams.audio] == [2, 1]


def test_a_codec_that_the_container_does_not_hold_is_encoded(tmp_path: Path) -> None:
    path = film(tmp_path / "film.avi", "adpcm_ms", tracks=[clicks(3.6)])
    files = split(shots_of(path), tmp_path, "part")
    assert files[0].audio == ("encoded",)
    assert heard(files[0].path)[1].shape[1] == round(30 / 25 * RATE)


def test_a_joined_film_keeps_the_audio_of_each_file(tmp_path: Path) -> None:
    tracks = [clicks(1.6), clicks(1.2)[:, ::-1]]
    paths = [
        film(tmp_path / f"{name}.mkv", "flac", tracks=[audio], frames=frames)
        for name, audio, frames in zip("ab", tracks, (35, 30), strict=True)
    ]
    out = tmp_path / "out"
    result = eruv.shots(paths, detector="hog-fixed", joined=True, split=out)
    found = np.concatenate([heard(path)[1] for path in sorted(out.iterdir())], axis=1)
    wanted = np.concatenate([tracks[0][:, : round(1.4 * RATE)], tracks[1]], axis=1) / 2**15
    assert result.frames == 65
    assert found.shape == wanted.shape
    assert (found == wanted).all()


def frame_counts(files: Sequence[ShotFile]) -> list[int]:
    counts = []
    for file in files:
        with av.open(str(file.path)) as container:
            counts.append(sum(1 for _ in container.decode(video=0)))
    return counts


def test_a_fast_copy_begins_at_the_key_frame_before_and_says_so(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", "aac", tracks=[clicks(FRAMES / 25)], keys=(0, 30, 50))
    shots = shots_of(path)
    files = split(shots, tmp_path, "part", from_key_frames=True)
    assert [(file.how, file.early, file.late) for file in files] == [
        ("copied", 0, 0),
        ("copied", 0, 0),
        ("copied", 5, 0),
    ]
    assert frame_counts(files) == [30, 25, 40]
    with av.open(str(path)) as source, av.open(str(files[2].path)) as part:
        wanted = list(source.decode(video=0))[50:]
        frames = list(part.decode(video=0))
    assert all(
        (a.to_ndarray() == b.to_ndarray()).all() for a, b in zip(frames, wanted, strict=True)
    )
    start_s, values = heard(files[2].path)
    assert start_s + values.shape[1] / RATE == pytest.approx(40 / 25, abs=3 * 1024 / RATE)


def test_two_shots_after_one_key_frame_are_both_copied(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", "aac", tracks=[clicks(FRAMES / 25)], keys=(0,))
    files = split(shots_of(path), tmp_path, "part", from_key_frames=True)
    assert [file.early for file in files] == [0, 30, 55]
    assert frame_counts(files) == [30, 55, 90]
    for file, seconds in zip(files, (1.2, 2.2, 3.6), strict=True):
        start_s, values = heard(file.path)
        assert start_s + values.shape[1] / RATE == pytest.approx(seconds, abs=3 * 1024 / RATE)


def test_audio_from_a_bucket_is_that_of_the_local_film(storage: Storage, tmp_path: Path) -> None:
    path = film(tmp_path / "film.mkv", "flac", tracks=[clicks(FRAMES / 25)])
    home = storage.bucket("audio", {"film.mkv": path})
    eruv.shots(path, split=tmp_path / "local", threads=1)
    found = eruv.shots(f"{home}/film.mkv", split=tmp_path / "remote", threads=1)
    assert found.not_written == []
    files = [sorted((tmp_path / name).iterdir()) for name in ("local", "remote")]
    assert [one.name for one in files[0]] == [one.name for one in files[1]]
    for local, remote in zip(*files, strict=True):
        np.testing.assert_array_equal(heard(remote)[1], heard(local)[1])
        assert np.abs(heard(remote)[1]).max() > 0.1
