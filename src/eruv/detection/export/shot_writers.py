"""Write one shot as a video file, by copying packets or by encoding frames."""

import struct
from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from eruv.detection.export.audio import AudioTrack, container_of
from eruv.detection.export.packet_ranges import decoding_times
from eruv.detection.joined import JoinedVideos
from eruv.media.orientation import display_matrix
from eruv.media.video import VideoSource

# A PSNR of about 45 dB: no difference from the source is visible.
CRF = "16"
X264_FORMATS = frozenset(
    one.name for one in av.Codec("libx264", "w").video_formats or () if one.name[:2] == "yu"
) | {"gray", "gray10le"}
DEFAULT_TIME_BASE = Fraction(1, 90_000)


class ShotWriter(ExitStack):
    """An output file with a video stream, and the audio of the shot; its block closes it."""

    def __init__(self, partial: Path, suffix: str, comment: str) -> None:
        super().__init__()
        # All audio is written first, and waits to be laid between the pictures.
        options = {"max_interleave_delta": "0"}
        self.container = self.enter_context(
            av.open(str(partial), "w", format=container_of(suffix), options=options)
        )
        self.container.metadata["comment"] = comment
        self.num_frames = 0

    def write_audio(self, tracks: Sequence[AudioTrack], start_s: float, end_s: float) -> None:
        """Write the audio from start_s to end_s; the video stream exists and is still empty."""
        streams = [track.add_to(self.container) for track in tracks]
        for track, stream in zip(tracks, streams, strict=True):
            track.write(self.container, stream, start_s, end_s)


class CopyingWriter(ShotWriter):
    """Copies packets and changes their times only.

    Args:
        partial, suffix, comment: of the file.
        source: the video, open.
        matrix: its display matrix.
        pts: presentation times of all packets to come, in order of decoding; those shown before the
            first are left out.
        end_s: when the last frame ends, in seconds after the first begins.
    """

    def __init__(
        self,
        partial: Path,
        suffix: str,
        comment: str,
        source: VideoSource,
        matrix: tuple[int, ...] | None,
        pts: NDArray[np.int64],
        end_s: float,
    ) -> None:
        super().__init__(partial, suffix, comment)
        self.stream = self.container.add_stream_from_template(source.stream, opaque=True)
        self.stream.time_base = source.stream.time_base
        self.stream.set_display_matrix(matrix)
        self.first_pts = int(pts[0])
        pts = pts[pts >= pts[0]]
        self.dts = decoding_times(pts)
        in_order = np.argsort(pts)
        end = int(pts[0]) + round(end_s / (source.stream.time_base or DEFAULT_TIME_BASE))
        self.shown = np.empty_like(pts)
        self.shown[in_order] = np.diff(pts[in_order], append=end)

    def write(self, packet: "av.Packet[av.VideoStream]") -> None:
        """Append a packet, which stays as it is; the first is a key frame."""
        pts, dts, base = packet.pts, packet.dts, packet.time_base
        assert pts is not None
        if pts < self.first_pts:
            return
        packet.pts = pts - self.first_pts
        packet.dts = int(self.dts[self.num_frames]) - self.first_pts
        packet.duration = max(1, int(self.shown[self.num_frames]))
        packet.stream = self.stream
        self.container.mux(packet)
        packet.pts, packet.dts, packet.time_base = pts, dts, base
        self.num_frames += 1


class EncodingWriter(ShotWriter):
    """Encodes frames with x264, in the source's pixel format if x264 has it.

    There are no B-frames, so that times begin at 0 in every container.

    Args:
        partial, suffix, comment: of the file.
        source: the film, open.
        tracks: of the film.
        span_s: start and end of the shot.
        threads: that encode.
    """

    def __init__(
        self,
        partial: Path,
        suffix: str,
        comment: str,
        source: VideoSource | JoinedVideos,
        rate: Fraction,
        tracks: Sequence[AudioTrack],
        span_s: tuple[float, float],
        threads: int,
    ) -> None:
        super().__init__(partial, suffix, comment)
        self.tracks, self.span_s = tracks, span_s
        self.source = source
        self.rate = rate
        self.time_base = source.stream.time_base or DEFAULT_TIME_BASE
        self.threads = threads
        self.reformatter = VideoReformatter()
        self.stream: av.VideoStream | None = None
        self.last_ticks = -1
        self.shown: dict[int, int] = {}  # ticks of each frame in the encoder, by its start
        self.push(self._flush)

    def write(self, picture: av.VideoFrame, since_start_s: float, shown_s: float) -> None:
        """Append a frame with its start and duration in seconds."""
        if self.stream is None:
            self.stream = self._add_stream(picture)
            self.write_audio(self.tracks, *self.span_s)
        frame = self.reformatter.reformat(
            picture, self.stream.width, self.stream.height, self.stream.pix_fmt
        )
        # The encoder chooses the key frames.
        frame.pict_type = PictureType.NONE
        ticks = max(self.last_ticks + 1, round(since_start_s / self.time_base))
        frame.pts, frame.time_base = ticks, self.time_base
        self.shown[ticks] = max(1, round(shown_s / self.time_base))
        self.last_ticks = ticks
        self._mux(self.stream.encode(frame))
        self.num_frames += 1

    def _mux(self, packets: "list[av.Packet[av.VideoStream]]") -> None:
        for packet in packets:
            # x264 loses durations, and nothing else implies the last frame's.
            packet.duration = self.shown.pop(packet.pts or 0)
            self.container.mux(packet)

    def _flush(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self.stream is not None:
            self._mux(self.stream.encode(None))

    def _add_stream(self, picture: av.VideoFrame) -> av.VideoStream:
        stream = self.container.add_stream("libx264", rate=self.rate.limit_denominator(1001))
        stream.width, stream.height = picture.width, picture.height
        stream.pix_fmt = encoded_format(picture)
        stream.set_display_matrix(matrix_of(picture))
        context = stream.codec_context
        context.time_base = self.time_base
        context.thread_count = self.threads
        context.color_range = picture.color_range
        context.colorspace = picture.colorspace
        context.color_primaries = picture.color_primaries
        context.color_trc = picture.color_trc
        context.sample_aspect_ratio = self.source.stream.sample_aspect_ratio or Fraction(1)
        # Macroblock-tree rate control gives other bytes from run to run on some processors.
        context.options = {"preset": "veryfast", "crf": CRF, "x264-params": "bframes=0:mbtree=0"}
        return stream


def encoded_format(picture: av.VideoFrame) -> str:
    """The picture's pixel format, or the nearest that holds its colours at its size."""
    name = picture.format.name
    odd = picture.width % 2 or picture.height % 2
    subsampled = "420" in name or "422" in name
    if name in X264_FORMATS and not (odd and subsampled):
        return name
    deep = max(component.bits for component in picture.format.components) > 8
    return "yuv444p10le" if deep else "yuv444p"


def matrix_of(picture: av.VideoFrame) -> tuple[int, ...] | None:
    """The display matrix of the picture as numbers; None if it has none."""
    matrix = display_matrix(picture)
    return struct.unpack("<9i", matrix) if matrix else None
