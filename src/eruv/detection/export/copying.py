"""Copy shots out of a file, packet by packet, with their audio."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from eruv.detection.detect import ShotList
from eruv.detection.export.audio import AudioTrack
from eruv.detection.export.packet_ranges import PacketRange, Packets
from eruv.detection.export.shot_writers import CopyingWriter, matrix_of
from eruv.media.video import VideoSource

REPORT_PACKETS = 256


def copy_shots(
    shots: ShotList,
    packets: Packets,
    planned: Mapping[int, PacketRange],
    target: Callable[[int], tuple[Path, str, str]],
    tracks: list[AudioTrack],
    on_packets: Callable[[int], None],
) -> None:
    """Copy the packets of some shots, which may overlap, in one pass over the file.

    Args:
        shots: of a film of one file.
        packets: of that file.
        planned: which of them to copy, by number of the shot.
        target: where to write a shot by its number: partial file, suffix and comment.
        tracks: of the film, not read yet.
        on_packets: called now and then with the number of packets read.

    Raises:
        ValueError, FFmpegError: if the container of the files cannot hold the codec.
    """
    starting, ending = defaultdict(list), defaultdict(list)
    for number, one in planned.items():
        starting[one.first].append(number)
        ending[one.last - 1].append(number)
    matrix = first_matrix(shots.path)
    writers: dict[int, CopyingWriter] = {}
    with ExitStack() as stack:
        source = stack.enter_context(VideoSource(shots.path))
        for track in tracks:
            stack.enter_context(track)
        for place, packet in enumerate(source.packets()):
            for number in starting.get(place, ()):
                one = planned[number]
                pts = packets.pts[one.first : one.last]
                shot = shots.shots[number - 1]
                start_s = shots.times.start(shot.start - one.early)
                length_s = shot.end_s - start_s + one.late * shots.times.frame_s
                writers[number] = writer = stack.enter_context(
                    CopyingWriter(*target(number), source, matrix, pts, length_s)
                )
                writer.write_audio(tracks, start_s, shot.end_s)
            for writer in writers.values():
                writer.write(packet)
            for number in ending.get(place, ()):
                writers.pop(number).close()
            if place % REPORT_PACKETS == 0:
                on_packets(place)


def first_matrix(path: Path) -> tuple[int, ...] | None:
    """The display matrix of a video's first frame as numbers; None if it has none."""
    with VideoSource(path) as source:
        return matrix_of(next(source.frames()).picture)
