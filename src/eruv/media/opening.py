"""Open a file as nothing but a plain local file that holds its own pictures and audio."""

import os
from functools import cache
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer

from eruv.utils.storage.remote_path import is_remote

# Demuxers of files that name others: playlists, scripts, sequences of pictures, addresses.
_NAME_OTHERS = {
    *("applehttp", "avisynth", "concat", "concatf", "dash", "ffmetadata", "hls", "image2", "imf"),
    *("rtp", "rtsp", "sap", "sdp", "vapoursynth", "vobsub", "webm_dash_manifest"),
}
_DEVICES = {
    *("alsa", "avfoundation", "decklink", "dshow", "fbdev", "gdigrab", "iec61883", "jack"),
    *("kmsgrab", "lavfi", "libcdio", "libdc1394", "openal", "oss", "pulse", "sndio", "v4l2"),
    *("video4linux2", "x11grab", "xcbgrab"),
}
# Demuxers that draw any text as pictures.
_TEXTS = {"adf", "bin", "idf", "tty", "xbin"}
# Brands of MP4 files that hold a still picture: HEIC and AVIF.
_STILL_BRANDS = ("avif", "heic", "heix", "mif1")

PLAYLIST = "a playlist, which is not followed"
NO_FILM = "a text, or of a format that holds no films"
_HEAD_BYTES = 1024
_MOVING_JPEG = (".mjpeg", ".mjpg")
_JPEG = b"\xff\xd8\xff"
_MARKS = (b"#EXTM3U", b"ffconcat", b"v=0", b"[playlist]")


@cache
def plain_formats() -> str:
    """Names of FFmpeg's demuxers of films that read one file and no other, with commas between."""
    names = {
        name
        for listed in av.formats_available
        for name in listed.split(",")
        if name not in _NAME_OTHERS | _DEVICES | _TEXTS
    }
    return ",".join(sorted(names))


def open_media(path: Path, options: dict[str, str] | None = None) -> InputContainer:
    """Open a film for reading.

    FFmpeg is kept from addresses, from other files than this one, and from names that look like a
    protocol; its file protocol takes the name as it is.

    Args:
        path: the file.
        options: of FFmpeg, besides.

    Raises:
        av.error.FFmpegError: if it is no film, or one that names others.
        ValueError: if FFmpeg cannot take its name.
    """
    safe = {"protocol_whitelist": "file", "format_whitelist": plain_formats()}
    source: str | BinaryIO = os.path.abspath(path)
    if is_remote(path):
        if not path.stat().st_size:
            raise ValueError(f"{path} is empty")
        # FFmpeg gets the bytes alone and may open nothing, not even a local file.
        source, safe = path.open("rb"), safe | {"protocol_whitelist": "none"}
    # Tags in odd encodings are no reason to refuse a file.
    return av.open(
        source,
        mode="r",
        format="jpeg_pipe" if _is_jpeg(path) else None,
        options=safe | (options or {}),
        metadata_errors="replace",
    )


def _is_jpeg(path: Path) -> bool:
    """Whether a file is one JPEG, which FFmpeg else takes for one of a sequence, by its suffix."""
    if path.suffix.lower() in _MOVING_JPEG:
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_JPEG)) == _JPEG
    except (OSError, ValueError):
        return False


def is_still_format(container: InputContainer) -> bool:
    """Whether a file of one picture is a still picture in this format, and no short film."""
    name, brand = container.format.name, container.metadata.get("major_brand")
    return name == "gif" or name.endswith("_pipe") or brand in _STILL_BRANDS


def why_not_opened(path: Path, error: Exception) -> str:
    """Why a file cannot be opened as a film, as text for users."""
    if path.is_file() and not path.stat().st_size:
        return "not a video file: it is empty"
    if _is_playlist(path):
        return f"not a video file: {PLAYLIST}"
    refused = isinstance(error, av.error.ArgumentError)
    return f"not a video file: {NO_FILM if refused else error_message(error)}"


def error_message(error: Exception) -> str:
    """FFmpeg's message without number and path."""
    return getattr(error, "strerror", None) or str(error)


def _is_playlist(path: Path) -> bool:
    """Whether a file is a text that names other files or addresses instead of holding pictures."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        return False
    return head.startswith(_MARKS) or b"<MPD" in head
