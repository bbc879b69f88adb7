"""The shots of a video as FCPXML, for Final Cut Pro and other editing programs that read it."""

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from eruv.detection.detect import ShotList
from eruv.detection.export.playback import playback_of
from eruv.detection.export.rows import ShotRow, frames_at_average_rate, shot_rows
from eruv.utils.paths import printable

MADE_BY = "<!-- made by eruv shots -->"
# Its elements are also those of later versions; 1.9 is read by Final Cut Pro 10.4.9 and newer.
VERSION = "1.9"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{MADE_BY}\n'
# Rates of broadcasting are whole numbers of frames in 1000 or 1001 thousandths of a second.
LARGEST_DENOMINATOR = 1001


def fcpxml_text(shots: ShotList) -> str:
    """A project whose storyline lays the film out as it is: shots and gradual transitions.

    Times are whole numbers of frames, as FCPXML wants them; frames of a varying rate are counted
    at the average rate. Frames that are in no shot, as those left out, are gaps.
    """
    frame_s = 1 / Fraction(shots.frames_per_second).limit_denominator(LARGEST_DENOMINATOR)
    counted = frames_at_average_rate(shots)
    name = printable(Path(shots.path.stem))

    def time(frame: int) -> str:
        return _rational(int(counted[frame]) * frame_s)

    def length(start: int, end: int) -> str:
        return _rational(int(counted[end] - counted[start]) * frame_s)

    root = ET.Element("fcpxml", version=VERSION)
    root.append(_resources(shots, name, _rational(frame_s), time(shots.num_frames)))
    project = ET.SubElement(ET.SubElement(root, "event", name=name), "project", name=name)
    whole = {"duration": time(shots.num_frames), "tcStart": "0s", "tcFormat": "NDF"}
    sequence = ET.SubElement(project, "sequence", whole, format="format")
    spine = ET.SubElement(sequence, "spine")
    for start, end, row in _items(shots):
        if counted[start] == counted[end]:  # shorter than a frame of the average rate
            continue
        place = {"offset": time(start), "start": time(start), "duration": length(start, end)}
        if row is None:
            ET.SubElement(spine, "gap", place, name="no shot")
            continue
        title = f"shot {row.shot}" if isinstance(row, ShotRow) else row
        clip = ET.SubElement(spine, "asset-clip", place, ref="film", name=title)
        if isinstance(row, ShotRow) and row.transition == "gap":
            value = "frames are missing before"
            ET.SubElement(clip, "marker", start=time(start), duration=time(0), value=value)
    ET.indent(root)
    return HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _resources(shots: ShotList, name: str, frame_s: str, length: str) -> ET.Element:
    """The picture format and the film."""
    resources = ET.Element("resources")
    size = {"width": str(shots.width), "height": str(shots.height)}
    ET.SubElement(resources, "format", size, id="format", frameDuration=frame_s)
    facts = {"start": "0s", "duration": length, "hasVideo": "1", "format": "format"}
    playback = playback_of(shots.path)
    if playback.sound_channels:
        facts |= {"hasAudio": "1", "audioSources": "1"}
        facts |= {
            "audioChannels": str(playback.sound_channels),
            "audioRate": str(playback.sound_rate),
        }
    asset = ET.SubElement(resources, "asset", facts, id="film", name=name)
    ET.SubElement(asset, "media-rep", kind="original-media", src=shots.path.as_uri())
    return resources


def _items(shots: ShotList) -> list[tuple[int, int, ShotRow | str | None]]:
    """Frames [start, end) of the whole film in order: a shot, a transition's name, or neither."""
    found: list[tuple[int, int, ShotRow | str | None]] = [
        (row.start, row.end, row) for row in shot_rows(shots)
    ]
    found += [
        (one.start, one.end, f"gradual transition of {one.end - one.start} frames")
        for one in shots.transitions
        if one.kind == "gradual"
    ]
    found.sort(key=lambda item: item[:2])
    reached, gaps = 0, []
    for start, end, _ in [*found, (shots.num_frames, shots.num_frames, None)]:
        if start > reached:
            gaps.append((reached, start, None))
        reached = max(reached, end)
    return sorted([*found, *gaps], key=lambda item: item[:2])


def _rational(seconds: Fraction) -> str:
    """Seconds as FCPXML writes them: 5s, 1001/24000s."""
    parts = (seconds.numerator, seconds.denominator)
    return f"{parts[0]}s" if parts[1] == 1 else f"{parts[0]}/{parts[1]}s"
