"""Which video stream of a file is read, what is left out, and what it says about its timecode."""

from collections.abc import Iterator
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.stream import Disposition

from eruv.media.damage import UnreadableVideo


@dataclass(frozen=True)
class LeftOutStream:
    """A video stream that is not read: its index in the file, and the size of its pictures."""

    index: int
    width: int
    height: int


def choose_stream(container: InputContainer) -> av.VideoStream:
    """The video stream to read: the default one, else the one that FFmpeg takes for the best.

    Raises:
        UnreadableVideo: if there is none, or no decoder for it.
    """
    streams = list(_video_streams(container))
    if not streams:
        raise UnreadableVideo("no video stream", "byte 0")
    best = container.streams.best("video")
    stream = best if isinstance(best, av.VideoStream) and best in streams else streams[0]
    if stream.codec_context is None:
        raise UnreadableVideo("no decoder for the video stream", f"stream {stream.index}")
    return stream


def left_out(container: InputContainer, chosen: av.VideoStream) -> tuple[LeftOutStream, ...]:
    """The other video streams of a file: a second camera, another angle."""
    return tuple(
        LeftOutStream(stream.index, *_size(stream))
        for stream in _video_streams(container)
        if stream.index != chosen.index
    )


def start_timecode(container: InputContainer, stream: av.VideoStream) -> str | None:
    """The timecode of the first frame, as the file states it; None if it does not.

    It is a tag of the stream, of a timecode track (QuickTime), or of the file.
    """
    tracks = [other for other in container.streams if other.type == "data"]
    for metadata in (stream.metadata, *(track.metadata for track in tracks), container.metadata):
        for key, value in metadata.items():
            if key.lower() == "timecode":
                return value.strip()
    return None


def _video_streams(container: InputContainer) -> Iterator[av.VideoStream]:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            yield stream


def _size(stream: av.VideoStream) -> tuple[int, int]:
    context = stream.codec_context
    return (context.width, context.height) if context else (0, 0)
