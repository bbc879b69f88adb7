"""The OpenTimelineIO timeline, read back by OpenTimelineIO itself."""

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime, TimeRange

import eruv
from eruv.detection.detectors.base import Kind, Transition
from eruv.detection.export.otio_file import MADE_BY, otio_text
from eruv.utils.errors import EruvError
from shot_lists_for_tests import CUT_DISSOLVE_GAP, shot_list

RATES = [25.0, float(Fraction(24000, 1001)), float(Fraction(30000, 1001)), 120.0]


def read(text: str, tmp_path: Path) -> otio.schema.Timeline:
    path = tmp_path / "film.otio"
    path.write_text(text, encoding="utf-8")
    return otio.adapters.read_from_file(str(path))


def frames(span: TimeRange) -> tuple[float, float]:
    return span.start_time.value, span.end_time_exclusive().value


@pytest.mark.parametrize("rate", RATES)
def test_the_track_lays_the_film_out_as_it_is(tmp_path: Path, rate: float) -> None:
    shots = shot_list(CUT_DISSOLVE_GAP, 100, rate=rate, path=tmp_path / "a film?.mp4")
    timeline = read(otio_text(shots), tmp_path)
    (track,) = timeline.tracks
    assert track.kind == otio.schema.TrackKind.Video
    kinds = [type(item).__name__ for item in track]
    assert kinds == ["Clip", "Clip", "Transition", "Clip", "Clip"]
    clips = timeline.find_clips()
    ranges = [frames(item.source_range) for item in clips]
    assert ranges == [(0, 30), (30, 56), (56, 80), (80, 100)]
    assert [frames(track.range_of_child(item)) for item in clips] == ranges
    mixed = track[2]
    assert frames(track.range_of_child(mixed)) == (50, 62)
    assert mixed.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve
    assert dict(mixed.metadata["eruv"]) == {
        **{"start": 50, "end": 62, "kind": "dissolve", "score": 0.7, "confidence": 0.8}
    }
    assert timeline.duration() == RationalTime(100, rate)
    for clip in timeline.find_clips():
        assert clip.media_reference.target_url == (tmp_path / "a film?.mp4").as_uri()
        assert clip.media_reference.available_range == TimeRange(
            RationalTime(0, rate), RationalTime(100, rate)
        )
        assert clip.source_range.start_time.rate == rate


def test_missing_frames_are_a_marker_and_scores_are_metadata(tmp_path: Path) -> None:
    timeline = read(otio_text(shot_list(CUT_DISSOLVE_GAP, 100, path=tmp_path / "f.mp4")), tmp_path)
    clips = timeline.find_clips()
    assert [len(clip.markers) for clip in clips] == [0, 0, 0, 1]
    assert clips[3].markers[0].marked_range.start_time.value == 80
    facts = [clip.metadata["eruv"] for clip in clips]
    assert [one["transition"] for one in facts] == ["start", "cut", "dissolve", "gap"]
    assert facts[1]["score"] == 0.9
    assert facts[2]["transition_frames"] == 12


def test_a_film_of_varying_rate_is_counted_by_its_times(tmp_path: Path) -> None:
    times = np.cumsum([0.0] + [0.04] * 49 + [0.08] * 50)
    shots = shot_list((), 100, rate=20.0, times_s=list(times), path=tmp_path / "f.mp4")
    (clip,) = read(otio_text(shots), tmp_path).find_clips()
    assert clip.source_range.duration == RationalTime(round(20 * shots.end_s), 20)


@pytest.mark.parametrize(
    ("own", "option", "first"), [("01:00:00:00", None, 90_000), ("01:00:00:00", "00:00:02:00", 50)]
)
def test_the_first_frame_has_a_timecode(
    tmp_path: Path, own: str, option: str | None, first: int
) -> None:
    shots = replace(shot_list(CUT_DISSOLVE_GAP, 100, path=tmp_path / "f.mp4"), timecode=own)
    timeline = read(otio_text(shots, option), tmp_path)
    assert timeline.global_start_time == RationalTime(first, 25)
    clips = timeline.find_clips()
    assert frames(clips[1].source_range) == (first + 30, first + 56)
    assert frames(clips[1].media_reference.available_range) == (first, first + 100)
    assert timeline.duration() == RationalTime(100, 25)


@pytest.mark.parametrize("kind", ["wipe", "push", "other", "gradual"])
def test_what_is_no_dissolve_is_a_transition_of_its_own_kind(tmp_path: Path, kind: Kind) -> None:
    shots = shot_list((Transition(10, 15, kind, 0.8),), 40, path=tmp_path / "f.mp4")
    (track,) = read(otio_text(shots), tmp_path).tracks
    mixed = track[1]
    assert (mixed.name, mixed.transition_type) == (kind, "Custom_Transition")
    assert (mixed.in_offset.value, mixed.out_offset.value) == (2, 3)


def test_a_transition_at_the_end_is_a_gap(tmp_path: Path) -> None:
    fade = Transition(90, 100, "gradual", 0.8)
    shots = shot_list((fade,), 100, path=tmp_path / "f.mp4")
    (track,) = read(otio_text(shots), tmp_path).tracks
    assert [frames(item.source_range) for item in track] == [(0, 90), (90, 100)]


def test_own_files_are_known_by_their_first_bytes(tmp_path: Path) -> None:
    shots = shot_list((), 10, path=tmp_path / ("long name " * 20 + ".mp4"))
    assert MADE_BY in otio_text(shots)[:2048]


def test_without_the_extra_the_way_out_is_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    with pytest.raises(EruvError, match=r"pip install 'eruv\[otio\]'"):
        eruv.shots(tmp_path, otio=True)
