"""FCPXML, held against the rules of Apple's DTD and read by a small reader of its own."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree as ET

import av
import numpy as np
import pytest

from eruv.detection.detect import detect_shots
from eruv.detection.detectors.base import Transition
from eruv.detection.export.fcpxml_file import MADE_BY, fcpxml_text
from films_for_tests import render_video
from shot_lists_for_tests import CUT_DISSOLVE_GAP, shot_list

FILM = Path("/films/a film & more?.mp4")
# Of the DTD of FCPXML 1.9 what is written: children in order, required and allowed attributes.
CLIP = {"name", "offset", "start", "duration"}
DTD: dict[str, tuple[list[str], set[str], set[str]]] = {
    "fcpxml": (["resources", "event"], {"version"}, set()),
    "resources": (["format", "asset"], set(), set()),
    "format": ([], {"id"}, {"frameDuration", "width", "height"}),
    "asset": (
        ["media-rep"],
        {"id"},
        {"name", "start", "duration", "hasVideo", "format", "hasAudio"}
        | {"audioSources", "audioChannels", "audioRate"},
    ),
    "media-rep": ([], {"src"}, {"kind"}),
    "event": (["project"], set(), {"name"}),
    "project": (["sequence"], set(), {"name"}),
    "sequence": (["spine"], {"format"}, {"duration", "tcStart", "tcFormat"}),
    "spine": (["asset-clip", "gap"], set(), set()),
    "asset-clip": (["note", "marker"], {"ref"}, CLIP),
    "note": ([], set(), set()),
    "gap": ([], {"duration"}, CLIP),
    "marker": ([], {"start", "value"}, {"duration"}),
}


def seconds(text: str) -> Fraction:
    """A time as FCPXML has it: a rational number of seconds of 64 by 32 bits."""
    assert text.endswith("s")
    found = Fraction(text[:-1])
    assert found.numerator < 2**63
    assert found.denominator < 2**31
    return found


class Project:
    """What a file says; fails where it breaks the rules."""

    def __init__(self, text: str) -> None:
        assert "<!DOCTYPE fcpxml>" in text
        self.root = ET.fromstring(text)
        for element in self.root.iter():
            children, required, allowed = DTD[element.tag]
            assert required <= set(element.attrib) <= required | allowed
            assert {child.tag for child in element} <= set(children)
        (self.format,), (self.asset,) = self.root.iter("format"), self.root.iter("asset")
        (self.sequence,), (self.media,) = self.root.iter("sequence"), self.root.iter("media-rep")
        self.frame_s = seconds(self.format.attrib["frameDuration"])
        assert self.asset.attrib["format"] == self.format.attrib["id"]
        assert self.sequence.attrib["format"] == self.format.attrib["id"]
        self.items = list(next(self.root.iter("spine")))
        reached = Fraction(0)
        for item in self.items:
            assert item.get("ref", self.asset.attrib["id"]) == self.asset.attrib["id"]
            assert seconds(item.attrib["offset"]) == reached, "items follow one another"
            assert item.attrib["start"] == item.attrib["offset"], "the film as it is"
            reached += seconds(item.attrib["duration"])
        assert seconds(self.sequence.attrib["duration"]) == reached
        assert seconds(self.asset.attrib["duration"]) == reached

    def frame(self, text: str) -> int:
        number = seconds(text) / self.frame_s
        assert number.denominator == 1, "times lie on frames"
        return int(number)

    def clips(self) -> list[tuple[str, int, int]]:
        """Name, first and end frame of all items."""
        starts = [self.frame(one.attrib["start"]) for one in self.items]
        lengths = [self.frame(one.attrib["duration"]) for one in self.items]
        names = [one.attrib["name"] for one in self.items]
        return [
            (name, start, start + length)
            for name, start, length in zip(names, starts, lengths, strict=True)
        ]


@pytest.mark.parametrize(
    ("rate", "frame"),
    [
        (25.0, "1/25s"),
        (24000 / 1001, "1001/24000s"),
        (30000 / 1001, "1001/30000s"),
        (12.5, "2/25s"),
        (120.0, "1/120s"),
        (1.0, "1s"),
    ],
)
def test_the_storyline_lays_the_film_out_as_it_is(rate: float, frame: str) -> None:
    project = Project(fcpxml_text(shot_list(CUT_DISSOLVE_GAP, 100, rate=rate, path=FILM)))
    assert project.format.attrib["frameDuration"] == frame
    assert project.clips() == [
        ("shot 1", 0, 30),
        ("shot 2", 30, 50),
        ("dissolve", 50, 62),
        ("shot 3", 62, 80),
        ("shot 4", 80, 100),
    ]
    assert Path(unquote(urlparse(project.media.attrib["src"]).path)) == FILM
    assert (project.format.get("width"), project.format.get("height")) == ("64", "48")
    (note,) = project.root.iter("note")
    assert note.text == "dissolve, frames 50 to 62, score 0.700, confidence 0.800"
    (marker,) = project.root.iter("marker")
    assert marker.attrib["value"] == "frames are missing before"
    assert project.frame(marker.attrib["start"]) == 80


def test_a_film_of_varying_rate_is_counted_by_its_times() -> None:
    times = np.cumsum([0, *([0.04] * 49), *([0.2] * 50)])
    shots = shot_list([Transition(50, 50, "cut", 0.9)], 100, times_s=list(times), path=FILM)
    first, second = Project(fcpxml_text(shots)).clips()
    assert first == ("shot 1", 0, 54)  # the frame before is shown until 2.16 s
    assert second[2] == pytest.approx(25 * shots.end_s, abs=1)


@pytest.mark.parametrize(("own", "given"), [("01:00:00:00", None), (None, "01:00:00:00")])
def test_the_film_starts_at_its_timecode_and_the_storyline_at_0(
    own: str | None, given: str | None
) -> None:
    shots = replace(shot_list(CUT_DISSOLVE_GAP, 100, path=FILM), timecode=own)
    root = ET.fromstring(fcpxml_text(shots, given))
    (asset,), (sequence,) = root.iter("asset"), root.iter("sequence")
    assert (asset.get("start"), sequence.get("tcStart")) == ("3600s", "0s")
    clips = list(root.iter("asset-clip"))
    assert (clips[1].get("offset"), clips[1].get("start")) == ("6/5s", "18006/5s")
    (marker,) = root.iter("marker")
    assert seconds(marker.attrib["start"]) == 3600 + Fraction(80, 25)


def test_a_film_with_audio_says_so(tmp_path: Path) -> None:
    silent = render_video(tmp_path / "silent.mp4", [(1, 20)])
    project = Project(fcpxml_text(detect_shots(silent, "hog-fixed")))
    assert "hasAudio" not in project.asset.attrib
    film = tmp_path / "film.mp4"
    with av.open(str(silent)) as source, av.open(str(film), "w") as container:
        video = container.add_stream_from_template(source.streams.video[0])
        audio = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        frame.sample_rate = 44_100
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                container.mux(packet)
    asset = Project(fcpxml_text(detect_shots(film, "hog-fixed"))).asset.attrib
    assert (asset["hasAudio"], asset["audioChannels"], asset["audioRate"]) == ("1", "2", "44100")


def test_own_files_are_known_by_their_first_bytes() -> None:
    shots = shot_list((), 10, path=Path("/" + "long name " * 24 + ".mp4"))
    assert MADE_BY in fcpxml_text(shots)[:200]
