"""The shots of a video as FCPXML, for Final Cut Pro and other editing programs that read it."""

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from eruv.detection.detect import ShotList
from eruv.detection.export.layout import file_ranges, layout
from eruv.detection.export.playback import playback_of
from eruv.detection.export.rows import counting_rate, frames_at_average_rate, in_words
from eruv.detection.export.timecode import first_frame_number
from eruv.utils.paths import printable

MADE_BY = "<!-- made by eruv shots -->"
# Its elements are also those of later versions; 1.9 is read by Final Cut Pro 10.4.9 and newer.
VERSION = "1.9"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{MADE_BY}\n'
# Rates of broadcasting are whole numbers of frames in 1000 or 1001 thousandths of a second.
LARGEST_DENOMINATOR = 1001


def fcpxml_text(shots: ShotList, timecode: str | None = None) -> str:
    """A project whose storyline lays the film out as it is: shots and gradual transitions.

    A transition is a clip that bears the name of its kind, with its frames and how sure it is in a
    note: the film holds it already.

    Times are whole numbers of frames, as FCPXML wants them; frames of a varying rate are counted
    at the average rate. Frames that are in no shot, as those left out, are gaps. The storyline
    starts at 0, and the film, where the storyline shows it, at its timecode.

    Args:
        shots: of the film.
        timecode: of the first frame; None takes the file's own, else 00:00:00:00.

    Raises:
        ValueError: if the timecode is none, or none of this rate.
    """
    frame_s = 1 / counting_rate(shots).limit_denominator(LARGEST_DENOMINATOR)
    origin = first_frame_number(timecode or shots.timecode, float(1 / frame_s))
    if shots.joined:  # each of several files has a clock of its own
        origin = 0
    counted = frames_at_average_rate(shots)
    name = printable(Path(shots.path.stem))

    def length(start: int, end: int) -> str:
        return _rational(int(counted[end] - counted[start]) * frame_s)

    root = ET.Element("fcpxml", version=VERSION)
    resources = ET.SubElement(root, "resources")
    size = {"width": str(shots.width), "height": str(shots.height)}
    ET.SubElement(resources, "format", size, id="format", frameDuration=_rational(frame_s))
    ids: dict[Path, str] = {}
    for number, (path, start, end) in enumerate(file_ranges(shots), start=1):
        ids[path] = f"file{number}"
        resources.append(_asset(path, ids[path], _rational(origin * frame_s), length(start, end)))
    project = ET.SubElement(ET.SubElement(root, "event", name=name), "project", name=name)
    whole = {"duration": length(0, shots.num_frames), "tcStart": "0s", "tcFormat": "NDF"}
    sequence = ET.SubElement(project, "sequence", whole, format="format")
    spine = ET.SubElement(sequence, "spine")
    for item in layout(shots):
        if counted[item.start] == counted[item.end]:  # shorter than a frame of the average rate
            continue
        in_file = origin + int(counted[item.start] - counted[item.file_start])
        start_s = _rational(in_file * frame_s)
        place = {"name": item.title, "offset": length(0, item.start), "start": start_s}
        place["duration"] = length(item.start, item.end)
        if item.shot is None and item.transition is None:
            ET.SubElement(spine, "gap", place)
            continue
        clip = ET.SubElement(spine, "asset-clip", place, ref=ids[item.file])
        if item.transition is not None:
            ET.SubElement(clip, "note").text = in_words(item.transition)
        if item.shot is not None and item.shot.transition == "gap" and item.begins:
            value = "frames are missing before"
            ET.SubElement(clip, "marker", start=start_s, duration=_rational(frame_s), value=value)
    ET.indent(root)
    return HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _asset(path: Path, id: str, start: str, length: str) -> ET.Element:
    """A file of the film."""
    facts = {"start": start, "duration": length, "hasVideo": "1", "format": "format"}
    playback = playback_of(path)
    if playback.audio_channels:
        facts |= {"hasAudio": "1", "audioSources": "1"}
        facts |= {
            "audioChannels": str(playback.audio_channels),
            "audioRate": str(playback.audio_rate),
        }
    asset = ET.Element("asset", facts, id=id, name=printable(Path(path.stem)))
    ET.SubElement(asset, "media-rep", kind="original-media", src=path.as_uri())
    return asset


def _rational(seconds: Fraction) -> str:
    """Seconds as FCPXML writes them: 5s, 1001/24000s."""
    parts = (seconds.numerator, seconds.denominator)
    return f"{parts[0]}s" if parts[1] == 1 else f"{parts[0]}/{parts[1]}s"
