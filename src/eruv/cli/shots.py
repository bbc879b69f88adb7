"""`eruv shots`."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from jsonargparse import Namespace
from rich.console import Console

from eruv.cli.options import Parser, add_shared
from eruv.cli.output import narrow, show_damaged, show_faults
from eruv.detection.detectors import DEFAULT_DETECTOR, DETECTORS, DetectorChoice
from eruv.detection.export.timecode import written_time
from eruv.media.passed_over import counted_by_suffix
from eruv.utils.errors import WrongUsage
from eruv.utils.paths import printable

INTERRUPTED = "no file is left half written"
FILES = {
    "csv": "write NAME.shots.csv",
    "edl": "write NAME.shots.edl (CMX3600)",
    "otio": "write NAME.shots.otio (OpenTimelineIO)",
    "fcpxml": "write NAME.shots.fcpxml (Final Cut Pro)",
    "vtt": "write NAME.shots.vtt (WebVTT chapters)",
    "ffmetadata": "write NAME.shots.ffmetadata (chapters for FFmpeg)",
    "qp": "write NAME.shots.qp (key frames at cuts, for x264)",
    "html": "write NAME.shots.html, a contact sheet",
}


def arguments(parser: Parser) -> None:
    add_shared(parser, "videos")
    for name in ("start", "end"):
        words = (
            f"{name} of the part to analyse, in seconds (90.5, 1:30.5) or timecode (00:01:30:12)"
        )
        parser.add_argument(f"--{name}", metavar="TIME", help=words)
    parser.add_argument(
        "--min_length",
        type=float,
        metavar="SECONDS",
        default=0.0,
        help="minimum length of a shot; a shorter one is joined to a neighbour",
    )
    parser.add_argument("--drop_short", action="store_true", help="leave out shorter shots instead")
    parser.add_argument(
        "--joined", action="store_true", help="treat all videos as one film, in the given order"
    )
    for kind, explanation in FILES.items():
        parser.add_argument(f"--{kind}", action="store_true", help=explanation)
    parser.add_argument("--to", metavar="DIR", default=".", help="folder for NAME.shots.*")
    parser.add_argument(
        "--scores", metavar="FILE", help="write the scores of all frames, as .csv or .parquet"
    )
    parser.add_argument(
        "--pictures", metavar="DIR", help="write the middle frame of every shot as a JPEG file"
    )
    parser.add_argument(
        "--split",
        metavar="DIR",
        help="write every shot as a file with its audio: copied where that is exact, else encoded",
    )
    parser.add_argument(
        "--copy",
        action="store_true",
        help="with --split: copy from the key frame before each shot, which is fast and begins "
        "early",
    )
    parser.add_argument(
        "--timecode",
        metavar="HH:MM:SS:FF",
        help="timecode of the first frame in EDL, OTIO, FCPXML; default: the file's own, or zero",
    )
    parser.add_argument(
        "--detector",
        help=f"shot detector: {', '.join(DETECTORS)}; default: {DEFAULT_DETECTOR}",
    )
    parser.add_argument(
        "--set",
        dest="parameters",
        metavar="NAME=VALUE",
        action="append",
        help="parameter of the detector; may be repeated",
    )
    add_shared(parser, "--threads", "--strict")


def translate(options: Namespace) -> None:
    options.detector = detector_of(options.detector, options.parameters or [])


def detector_of(name: str | None, parameters: list[str]) -> DetectorChoice:
    """The detector of a name (None: the default), with parameters as NAME=VALUE.

    Raises:
        WrongUsage: if there is no such detector or parameter, or it cannot have this value.
    """
    values: dict[str, float] = {}
    for text in parameters:
        key, _, value = text.partition("=")
        try:
            values[key] = int(value) if value.lstrip("-").isdecimal() else float(value)
        except ValueError:
            raise WrongUsage(f"--set takes NAME=VALUE with a number; got {text!r}") from None
    try:
        return DetectorChoice(name or DEFAULT_DETECTOR, values)
    except ValueError as error:
        raise WrongUsage(str(error)) from None


def show(console: Console, result: dict[str, Any]) -> None:
    for video in result["videos"]:
        _show_video(console, video)
    if len(result["videos"]) > 1:
        console.print(f"{len(result['videos']):,} videos, {result['shots']:,} shots")
    for path in {video["files"].get("scores") for video in result["videos"]} - {None}:
        console.print(printable(path), markup=False)
    show_damaged(console, result)
    show_faults(console, "not written", result["not_written"])
    show_faults(console, "unreadable", result["unreadable"])
    _show_passed_over(console, result["passed_over"])


def _show_passed_over(console: Console, counts: dict[str, int]) -> None:
    if counts:
        console.print(counted_by_suffix(counts), markup=False)


def _show_video(console: Console, video: dict[str, Any]) -> None:
    size = f"{video['width']}x{video['height']}"
    console.print(
        f"{printable(video['path'])}: {video['frames']:,} frames, {size}, "
        f"{video['frames_per_second']:.5g} per second",
        markup=False,
    )
    for other in video["streams_left_out"]:
        size = f"{other['width']}x{other['height']}"
        console.print(
            f"stream {video['stream']} was read; stream {other['index']}, a video of {size}, is "
            "left out",
            markup=False,
        )
    for one in video["joined"]:
        console.print(f"from frame {one['first']:,}: {printable(one['path'])}", markup=False)
    files = video["files"]
    methods = {one["shot"]: _method(one) for one in files.get("shots", [])}
    numbers = ("shot", "first frame", "end frame", "start", "end", "length (s)")
    table = narrow(numbers=numbers)
    for column in table.columns[3:5]:
        column.no_wrap = True
    for name in ("begins with", *(["written"] if methods else [])):
        table.add_column(name)
    for shot in video["shots"]:
        table.add_row(*_cells(shot), *([methods[shot["shot"]]] if shot["shot"] in methods else []))
    console.print(table)
    for path in (files[kind] for kind in FILES if kind in files):
        console.print(printable(path), markup=False)
    for paths in (files.get("pictures", []), [one["path"] for one in files.get("shots", [])]):
        if paths:
            more = f" to {printable(Path(paths[-1]).name)}" if len(paths) > 1 else ""
            console.print(f"{printable(paths[0])}{more}", markup=False)
    _show_reasons(console, files.get("shots", []))
    console.print()


def _method(file: dict[str, Any]) -> str:
    """How the file of a shot was made, or how many frames too many a copy has."""
    parts = [f"{file[side]} {side}" for side in ("early", "late") if file[side]]
    return ", ".join(parts or [file["how"]])


def _show_reasons(console: Console, files: list[dict[str, Any]]) -> None:
    """Why shots were not copied, how many frames too many copies have, and lost audio."""
    reasons = Counter(re.sub(r"\d+", "N", file["why"]) for file in files if file["why"])
    for reason, number in reasons.most_common():
        example = next(one["why"] for one in files if re.sub(r"\d+", "N", one["why"]) == reason)
        shown = example if number == 1 else reason
        console.print(f"{number} encoded, not copied: {shown}", markup=False)
    early = [file["early"] for file in files if file["early"]]
    if early:
        console.print(
            f"{len(early)} of {len(files)} files begin early, at the key frame before the shot: "
            f"by {sum(early) / len(early):.0f} frames on average, {max(early)} at most"
        )
    for words in sorted({one for file in files for one in file["audio"] if " " in one}):
        console.print(f"audio is {words}")


def _cells(shot: dict[str, Any]) -> list[str]:
    frames, confidence = shot["transition_frames"], shot["confidence"]
    sure = f", {confidence:.0%}" if frames and confidence is not None else ""
    return [
        str(shot["shot"]),
        str(shot["start"]),
        str(shot["end"]),
        written_time(shot["start_s"]),
        written_time(shot["end_s"]),
        f"{shot['end_s'] - shot['start_s']:.3f}",
        shot["transition"] + (f", {frames}" if frames else "") + sure,
    ]
