"""Write a video anew as browsers play it, on the source's own clock."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from eruv.detection.export.audio import AudioSource, EncodedAudio
from eruv.media.orientation import orientation_of_frame
from eruv.media.scaling import Scaler, plane_of
from eruv.media.video import VideoSource
from eruv.utils.atomic import whole_file

# Formats that hold all they show: no playlists, which name other files and addresses.
FORMATS = (
    "apng,asf,av1,avi,dv,flv,gif,gxf,h264,hevc,ivf,m4v,matroska,mjpeg,mov,mpeg,mpegts,mpegvideo,mxf,"
    "nut,obu,ogg,rm,vc1,wtv,yuv4mpegpipe,"
    "bmp_pipe,jpeg_pipe,jpegxl_pipe,pgm_pipe,png_pipe,ppm_pipe,tiff_pipe,webp_pipe"
)
OPENING = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
TIME_BASE = Fraction(1, 90_000)
SIDE = 480  # rows of a film that is wider than high
LONGEST_SIDE = 1280
CRF = "27"
KEY_FRAME_S = 1.0
# Players show an empty head before a film that starts late; a longer one would be all they show.
LONGEST_HEAD_S = 10.0
BT601, MPEG_RANGE = 6, 1  # FFmpeg's numbers
AAC_SAMPLES = 1024  # of a frame
LONGEST_LAST_S = 10.0  # a later end is not that of the last frame

OnShare = Callable[[float], None]


def preview_shift_s(start_s: float) -> float:
    """What is taken from a film's times to give those of its preview.

    0, so that both have one clock, unless the film starts before 0, where MP4 has no times, or so
    late that players would show nothing for long.

    Args:
        start_s: of the film's first frame.
    """
    return 0.0 if 0 <= start_s <= LONGEST_HEAD_S else start_s


def shown_size(picture: av.VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Width and height of the upright picture with square pixels: even, within both limits.

    Args:
        picture: as stored.
        aspect: width of a pixel by its height.
    """
    width, height = upright_size(picture, aspect)
    scale = min(1.0, SIDE / min(width, height), LONGEST_SIDE / max(width, height))
    return _even(width * scale), _even(height * scale)


def upright_size(picture: av.VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Width and height of the upright picture, its pixels made square by their width."""
    stretched = max(1, round(picture.width * float(aspect or 1)))
    return orientation_of_frame(picture).shown_size(stretched, picture.height)


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


@dataclass
class _PreviewAudio:
    """The first audio stream of a file, encoded as far as the pictures have come."""

    source: EncodedAudio
    stream: av.AudioStream
    container: Any
    at: int
    shift: int

    def write_until(self, time_s: float) -> None:
        end = round(time_s * self.source.rate)
        while self.at < end:
            until = min(end, self.at + AAC_SAMPLES)
            samples = self.source.between(self.at, until)
            layout = self.source.layout
            frame = av.AudioFrame.from_ndarray(samples, self.source.format, layout)
            frame.sample_rate = self.source.rate
            frame.time_base = Fraction(1, self.source.rate)
            frame.pts = self.at - self.shift
            self.container.mux(self.stream.encode(frame))
            self.at = until


class PreviewWriter(ExitStack):
    """Encodes frames at their times; the file appears when it is complete, its index in front.

    Args:
        to: the file.
        path: the source, for its audio; None writes none.
        crf: quality, from 0 (best) to 51.
    """

    def __init__(self, to: Path, path: Path | None, crf: str = CRF) -> None:
        super().__init__()
        self.path, self.crf = path, crf
        partial = self.enter_context(whole_file(to))
        options = {"movflags": "+faststart"}
        self.container = self.enter_context(
            av.open(str(partial), "w", format="mp4", options=options)
        )
        self.push(self._finish)
        self.stream: av.VideoStream | None = None
        self.audio: _PreviewAudio | None = None
        self.shift_s, self.last_ticks, self.num_frames = 0.0, -1, 0
        self.shown: dict[int, int] = {}
        self.step = round(0.04 / TIME_BASE)

    def write(self, picture: av.VideoFrame, time_s: float, rate: Fraction, aspect: Any) -> None:
        """Append a frame at a second of the source's clock; `rate` and `aspect` are the first's."""
        if self.stream is None:
            self._start(picture, time_s, rate, aspect)
        assert self.stream is not None
        orientation = orientation_of_frame(picture)
        planes = self.scaler.planes(picture, orientation)
        frame = av.VideoFrame(self.stream.width, self.stream.height, "yuv420p")
        for index, plane in enumerate(planes):
            plane_of(frame, index)[:] = plane
        ticks = max(self.last_ticks + 1, round((time_s - self.shift_s) / TIME_BASE))
        if self.last_ticks >= 0:
            self.step = ticks - self.last_ticks
            self.shown[self.last_ticks] = self.step
        self.last_ticks = ticks
        frame.pts, frame.time_base = ticks, TIME_BASE
        self._mux(self.stream.encode(frame))
        if self.audio is not None:
            self.audio.write_until(time_s)
        self.num_frames += 1

    def end_by(self, end_s: float) -> None:
        """Let the last frame last until a second of the source's clock, if that is near."""
        step = round((end_s - self.shift_s) / TIME_BASE) - self.last_ticks
        if 0 < step <= LONGEST_LAST_S / TIME_BASE:
            self.step = step

    def _start(self, picture: av.VideoFrame, time_s: float, rate: Fraction, aspect: Any) -> None:
        self.shift_s = preview_shift_s(time_s)
        width, height = shown_size(picture, aspect)
        self.scaler = Scaler(height, width, "yuv420p")
        stream = self.container.add_stream("libx264", rate=rate.limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = TIME_BASE
        context.thread_count = 2
        context.colorspace, context.color_range = BT601, MPEG_RANGE
        context.color_primaries, context.color_trc = picture.color_primaries, picture.color_trc
        context.options = {
            "preset": "veryfast",
            "crf": self.crf,
            "g": str(max(1, round(min(float(rate), 60.0) * KEY_FRAME_S))),
            "x264-params": "bframes=0:mbtree=0",
        }
        self.stream = stream
        if self.path is not None:
            self._add_audio(self.path, time_s)

    def _add_audio(self, path: Path, start_s: float) -> None:
        index = audio_index_of(path)
        if index is None:
            return
        # Closed when the rest of it is written: PyAV crashes where a closed file is read on.
        source = EncodedAudio([AudioSource(path, index)], ".mp4")
        if len(av.AudioLayout(source.layout).channels) > 2:
            source.layout = "stereo"
        stream = source.add_to(self.container)
        at, shift = round(start_s * source.rate), round(self.shift_s * source.rate)
        self.audio = _PreviewAudio(source, stream, self.container, at, shift)

    def _mux(self, packets: "list[av.Packet[av.VideoStream]]") -> None:
        for packet in packets:
            # x264 loses durations, and nothing else implies the last frame's.
            packet.duration = self.shown.pop(packet.pts or 0, self.step)
            self.container.mux(packet)

    def _finish(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is not None or self.stream is None:
                return
            if self.audio is not None:
                end_s = (self.last_ticks + self.step) * float(TIME_BASE) + self.shift_s
                self.audio.write_until(end_s)
                self.container.mux(self.audio.stream.encode(None))
            self._mux(self.stream.encode(None))
        finally:
            if self.audio is not None:
                self.audio.source.close()


def audio_index_of(path: Path) -> int | None:
    """Index of the first audio stream that can be decoded; None without one."""
    with av.open(str(path), options=OPENING, metadata_errors="replace") as container:
        for stream in container.streams.audio:
            if stream.codec_context is not None and stream.channels:
                return stream.index
    return None


def write_preview(path: Path, to: Path, on_share: OnShare) -> dict[str, Any]:
    """Write the preview of a film: at most 480 rows, H.264 and AAC, every frame at its time.

    Args:
        path: the film.
        to: the preview.
        on_share: called with the share that is done.

    Returns:
        `shift_s`, see `preview_shift_s`, and `frames`.

    Raises:
        UnreadableVideo: if it is no video, or of a format that names other files.
    """
    with VideoSource(path, 0, OPENING) as source, PreviewWriter(to, path) as writer:
        length_s, end_s = source.stated_duration_s, source.stated_end_s
        first_s = None
        for frame in source.frames():
            first_s = frame.time_s if first_s is None else first_s
            if writer.audio is not None and end_s is not None and source.stated_end_s is None:
                writer.audio.source.coming = iter(())  # the clock jumped: no place is known
            writer.write(
                frame.picture, frame.time_s, source.rate, source.stream.sample_aspect_ratio
            )
            on_share((frame.time_s - first_s) / length_s if length_s else 0.0)
        own_end_s = source.own_end_s
        if own_end_s is not None:
            writer.end_by(own_end_s)
        return {"shift_s": writer.shift_s, "frames": writer.num_frames}
