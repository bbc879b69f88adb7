"""Files that break readers of video, made from clean films: damaged, lying, odd, and no films."""

import os
import random
import wave
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from films_for_tests import encode, pattern, render_video, yuv_frame

CONTAINERS = ("mp4", "mkv", "avi", "ts", "mov", "flv")
FLIPPED, FLIPS = 4, 40


def clean(path: Path) -> bytes:
    """The bytes of a short film of two shots, in the container of its suffix."""
    return render_video(path, [(1, 20), (2, 20)]).read_bytes()


def truncated(folder: Path) -> Iterator[Path]:
    """Each container cut off at every tenth of its bytes."""
    for kind in CONTAINERS:
        whole = clean(folder / f"whole.{kind}")
        for tenth in range(1, 10):
            path = folder / f"cut{tenth}.{kind}"
            path.write_bytes(whole[: len(whole) * tenth // 10])
            yield path


def flipped(folder: Path) -> Iterator[Path]:
    """Each container with random bytes exchanged, its head too."""
    for kind in CONTAINERS:
        whole = clean(folder / f"whole.{kind}")
        for seed in range(FLIPPED):
            generator = random.Random(f"{kind} {seed}")
            bytes_ = bytearray(whole)
            for _ in range(FLIPS):
                bytes_[generator.randrange(len(bytes_))] = generator.randrange(256)
            path = folder / f"flip{seed}.{kind}"
            path.write_bytes(bytes_)
            yield path


def no_films(folder: Path) -> Iterator[Path]:
    """What is called a film and is none."""
    texts = {
        "empty.mp4": b"",
        "text.mp4": b"Dear reader,\n" * 50,
        "zeros.mp4": bytes(5000),
        "page.mkv": b"<!doctype html><title>404</title>",
        "playlist.ts": b"#EXTM3U\n#EXTINF:4,\n/etc/passwd\n",
        "head_only.avi": b"RIFF\xff\xff\xff\xffAVI LIST",
        "random.mov": random.Random(1).randbytes(20_000),
    }
    for name, content in texts.items():
        path = folder / name
        path.write_bytes(content)
        yield path
    with wave.open(str(folder / "audio.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    yield (folder / "audio.wav").rename(folder / "audio.mp4")


def odd_films(folder: Path) -> Iterator[Path]:
    """Films at the ends of what there is."""
    grey = [yuv_frame(pattern(number, 48, 64)) for number in range(12)]
    yield encode(folder / "one_frame.mp4", grey[:1])
    yield encode(folder / "tiny.mp4", [yuv_frame(np.full((2, 2), 90, np.uint8))] * 30)
    yield encode(folder / "thin.mp4", [yuv_frame(pattern(1, 16, 2048))] * 20)
    yield encode(folder / "fast.mp4", grey * 3, rate=1000)
    yield encode(folder / "slow.mp4", grey, rate=Fraction(1, 10))
    yield _resized(folder / "resized.ts")
    yield _shuffled_times(folder / "times.ts", grey)


def _resized(path: Path) -> Path:
    """Two pieces of other sizes, joined as `cat` does."""
    pieces = []
    for number, (height, width) in enumerate(((48, 64), (96, 128))):
        piece = path.with_name(f"piece{number}.ts")
        encode(piece, [yuv_frame(pattern(number, height, width))] * 20)
        pieces.append(piece.read_bytes())
        piece.unlink()
    path.write_bytes(b"".join(pieces))
    return path


def _shuffled_times(path: Path, frames: list[av.VideoFrame]) -> Path:
    """A transport stream whose clock goes back, stands still and leaps."""
    whole = path.with_name("plain.ts")
    encode(whole, frames * 2, codec="mpeg2video")
    with av.open(str(whole)) as old, av.open(str(path), "w", format="mpegts") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for number, packet in enumerate(old.demux(old.streams.video[0])):
            if packet.dts is None:
                continue
            packet.stream = stream
            packet.dts = packet.pts = 90_000 * (5 if number % 7 == 3 else 1) + 3600 * (
                number // 2 * 2
            )
            try:
                new.mux(packet)
            except av.FFmpegError:
                continue
    whole.unlink()
    return path


def no_files(folder: Path) -> Iterator[Path]:
    """Names that lead to no plain file."""
    os.mkfifo(folder / "pipe.mp4")
    (folder / "folder.mp4").mkdir()
    (folder / "loop_a.mp4").symlink_to(folder / "loop_b.mp4")
    (folder / "loop_b.mp4").symlink_to(folder / "loop_a.mp4")
    (folder / "nowhere.mp4").symlink_to(folder / "gone.mp4")
    (folder / "device.mp4").symlink_to("/dev/zero")
    return iter(())


def odd_names(folder: Path) -> Iterator[Path]:
    """A clean film under names that break what handles them carelessly."""
    names = [
        b"new\nline.mp4",
        b"\x1b[31mred\x1b[0m.mp4",
        b"invalid \xff\xfe utf8.mp4",
        b"-i.mp4",
        b"concat:a|b.mp4",
        b"'quote\" $(touch x) ;.mp4",
        b"%03d.mp4",
        "\u202etxt.mp4".encode(),
        b"x" * 250 + b".mp4",
    ]
    for number, name in enumerate(names):
        path = Path(os.fsdecode(os.path.join(os.fsencode(folder), name)))
        render_video(folder / "plain.mp4", [(50 + number, 20)]).rename(path)
        yield path


KINDS: dict[str, Callable[[Path], Iterator[Path]]] = {
    "truncated": truncated,
    "flipped": flipped,
    "no films": no_films,
    "odd films": odd_films,
    "no files": no_files,
    "odd names": odd_names,
}
