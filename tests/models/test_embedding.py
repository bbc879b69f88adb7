"""Embedding: which frames a window has, when it is shown, and that a library gives the same."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from eruv.clips.spec import ClipSize
from eruv.detection.detect import detect_shots
from eruv.library.catalogue import Library
from eruv.media.proxy import ProxySettings
from eruv.models.embedding import Embeddings, embed_files, windows
from eruv.models.encoder import Encoder
from eruv.utils.errors import EruvError
from films_for_tests import NumberedVideo, SmallLibrary, encode, frame_number_of, pattern, yuv_frame

SIZE = ClipSize(48, 64, 48)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(3)
    return Encoder("r3d", 0.02, SIZE.height, SIZE.width, SIZE.crop).eval()


def numbers_seen(
    video: Path, *, every_s: float | None = None, shots: bool = False
) -> tuple[Embeddings, list[list[int]]]:
    """An embedding whose features are the numbers that the pixels of the frames tell."""

    def features(clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        assert clips.shape[1:] == (16, 112, 112, 3)
        return np.array([[frame_number_of(one) for one in clip] for clip in clips], np.float32)

    found = embed_files(
        video, features, ClipSize(), ProxySettings(), every_s=every_s, shots=shots, threads=0
    )
    return found, found.features.astype(int).tolist()


def test_windows_within_shots_stand_end_to_end_in_each(numbered_video: NumberedVideo) -> None:
    shots = detect_shots(numbered_video.path).shots
    starts = [
        start
        for shot in shots
        for start in [*range(shot.start, shot.end - 16, 16), max(shot.start, shot.end - 16)]
    ]
    assert len(shots) >= 3
    found, numbers = numbers_seen(numbered_video.path, shots=True)
    assert found.frames[:, 0].tolist() == starts
    assert numbers == [
        [start + step % (end - start) for step in range(16)] for start, end in found.frames.tolist()
    ]


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        ({}, [*range(0, 608, 16), 604]),
        ({"every_s": 2.0}, range(0, 605, 50)),
    ],
    ids=["end to end", "every two seconds"],
)
def test_windows_are_the_frames_and_seconds_that_they_say(
    numbered_video: NumberedVideo, options: dict, starts: list[int]
) -> None:
    found, numbers = numbers_seen(numbered_video.path, **options)
    assert numbers == [list(range(start, start + 16)) for start in starts]
    assert found.frames.tolist() == [[start, start + 16] for start in starts]
    np.testing.assert_allclose(found.start_s, np.array(starts) / 25)
    np.testing.assert_allclose(found.end_s, (np.array(starts) + 16) / 25)
    assert found.paths == (numbered_video.path,) * len(starts)


def test_windows_of_uneven_times_begin_at_the_first_frame_of_each_step() -> None:
    times = np.cumsum([0.0] + [0.1] * 20 + [1.0] * 19)
    assert [start for start, _ in windows(times, [(0, 40)], 1.0)] == [0, 10, 20, 21, 22, 23, 24]
    assert windows(times, [(0, 40)], 0.01) == [(start, start + 16) for start in range(25)]
    assert windows(times, [(0, 16), (16, 20)], 1.0) == [(0, 16), (16, 20)]


def test_steps_shorter_than_any_frame_give_each_frame_once_whatever_the_clock_does() -> None:
    times = np.concatenate([np.arange(50) / 25, 1e6 + np.arange(50) / 25])  # a jump of days
    found = windows(times, [(0, 100)], 1e-9)
    assert found == [(start, start + 16) for start in range(85)]


def test_embedding_leaves_every_module_in_the_mode_it_was_in(encoder: Encoder) -> None:
    encoder.train()
    encoder.backbone.eval()
    pixels = np.zeros((16, encoder.size.crop, encoder.size.crop, 3), np.uint8)
    encoder.embed(pixels)
    assert encoder.training
    assert not any(module.training for module in encoder.backbone.modules())
    encoder.eval()


def test_a_short_video_is_one_window_in_which_it_begins_again(
    encoder: Encoder, tmp_path: Path
) -> None:
    frames = [yuv_frame(np.roll(pattern(1, 72, 96), 9 * step, axis=1)) for step in range(6)]
    film = encode(tmp_path / "short.mp4", frames)
    found = encoder.embed(film)
    assert found.frames.tolist() == [[0, 6]]
    assert found.end_s.tolist() == pytest.approx([6 / 25])
    assert found.features.shape == (1, encoder.num_features)


def test_a_file_and_a_library_give_the_same_features(
    encoder: Encoder, small_library: SmallLibrary
) -> None:
    library = Library(small_library.folder)
    ids = {paths[0]: video_id for video_id, paths in library.paths().items()}
    films = [small_library.truth[number].path for number in (0, 4)]
    encoder.train()  # embedding is evaluation all the same
    found = encoder.embed(films)
    assert encoder.training
    encoder.eval()
    assert found.features.dtype == np.float32
    assert len(found) == len(found.paths) == 10 + 17
    reader = library.reader(encoder.size)
    for row, path, (start, end) in zip(found.features, found.paths, found.frames, strict=True):
        clip = reader.read(ids[path], range(start, end))
        assert clip.shape == (16, 48, 48, 3)
        np.testing.assert_allclose(row, encoder.features(clip[None])[0], rtol=1e-5, atol=1e-6)
    reader.close()


def test_pixels_are_embedded_as_they_are_or_cropped_in_the_middle(encoder: Encoder) -> None:
    generator = np.random.default_rng(0)
    clips = generator.integers(0, 256, (3, 16, 48, 64, 3), np.uint8)
    cropped = clips[:, :, :, 8:56]
    expected = encoder.features(cropped)
    for pixels in (clips, cropped):
        np.testing.assert_allclose(encoder.embed(pixels).features, expected, rtol=1e-5, atol=1e-6)
    one = encoder.embed(cropped.reshape(48, 48, 48, 3)[:40])
    assert one.frames.tolist() == [[0, 16], [16, 32], [24, 40]]
    np.testing.assert_allclose(one.features[:2], expected[:2], rtol=1e-5, atol=1e-6)
    assert np.isnan(one.start_s).all()
    for wrong, words in (
        (np.zeros((16, 50, 50, 3), np.uint8), "48x48, or 48x64 before the crop; got 50x50"),
        (np.zeros((16, 48, 48, 3), np.float32), "uint8 RGB"),
        (np.zeros((2, 8, 48, 48, 3), np.uint8), "must have 16 frames"),
        (np.zeros((0, 48, 48, 3), np.uint8), "must have 16 frames"),
    ):
        with pytest.raises(ValueError, match=words):
            encoder.embed(wrong)


def test_one_broken_file_is_told_and_only_broken_ones_are_refused(
    encoder: Encoder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    found = encoder.embed([broken, small_library.truth[0].path], every_s=2)
    assert [one.path for one in found.unreadable] == [str(broken)]
    assert set(found.paths) == {small_library.truth[0].path}
    with pytest.raises(EruvError, match=r"broken.mp4: not a video file"):
        encoder.embed(str(broken))
    with pytest.raises(EruvError, match="does not exist"):
        encoder.embed(tmp_path / "missing.mp4")
    with pytest.raises(ValueError, match="every_s must be a number of seconds above 0; got 0"):
        encoder.embed(small_library.truth[0].path, every_s=0)


def test_a_bare_script_needs_no_main_guard(
    encoder: Encoder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    encoder.save_pretrained(tmp_path / "encoder")
    script = tmp_path / "script.py"
    script.write_text(
        f"import eruv\n"
        f"encoder = eruv.load({str(tmp_path / 'encoder')!r})\n"
        f"print(encoder.embed({str(small_library.truth[0].path)!r}).features.shape)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == f"(10, {encoder.num_features})\n"


def test_a_library_reads_clips_by_id(
    numbered_video: NumberedVideo,
    small_library: SmallLibrary,
    frame_number_of: Callable[[NDArray[np.generic]], int],
    tmp_path: Path,
) -> None:
    from eruv.library.ingest import ingest

    ingest(numbered_video.path, tmp_path / "library", workers=1)
    library = Library(tmp_path / "library")
    (video_id,) = library.video_ids()
    reader = library.reader()
    clip = reader.read(video_id, [7, 3, 3, 400])
    assert [frame_number_of(frame) for frame in clip] == [7, 3, 3, 400]
    assert numbered_video.place_of(clip[0]) == (0, 8, 29)
    assert numbered_video.place_of(reader.read(video_id, [9], (2, 5))[0]) == (0, 2, 5)
    with pytest.raises(EruvError, match=r"has no proxy .*feed\.mp4"):
        reader.read("feed", [0])
    with pytest.raises(IndexError):
        reader.read(video_id, [620])
    with pytest.raises(ValueError, match="offset"):
        reader.read(video_id, [0], (30, 0))
    reader.close()
