"""The commands that cut raw videos: `eruv shots` and `eruv ingest`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jsonargparse import ArgumentParser, Namespace

import eruv
from eruv.utils.errors import WrongUsage

if TYPE_CHECKING:
    from eruv.detection.detectors import DetectorChoice

Result = dict[str, Any]


def add_videos(parser: ArgumentParser) -> None:
    """Which videos."""
    parser.add_argument("videos", nargs="+", help="video files, and folders with videos")


def _add_detector(parser: ArgumentParser, default: str) -> None:
    parser.add_argument("--detector", help=f"how shots are found; default: {default}")


def _detector(name: str | None, parameters: list[str]) -> "DetectorChoice":
    """The detector of a name (None: the default), with parameters as NAME=VALUE.

    Raises:
        WrongUsage: if there is no such detector or parameter, or it cannot have this value.
    """
    from eruv.detection.detectors import DEFAULT_DETECTOR, DetectorChoice

    values: dict[str, float] = {}
    for text in parameters:
        key, _, value = text.partition("=")
        try:
            values[key] = int(value) if value.lstrip("-").isdecimal() else float(value)
        except ValueError:
            raise WrongUsage(f"--set takes NAME=VALUE with a number; got {text!r}") from None
    try:
        return DetectorChoice(DEFAULT_DETECTOR if name is None else name, values)
    except ValueError as error:
        raise WrongUsage(str(error)) from None


def add_workers(parser: ArgumentParser) -> None:
    """How many processes, and whether faulty files fail the command."""
    parser.add_argument("--workers", type=int, help="parallel processes; default: one a core")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 3 if files are quarantined or damaged"
    )


def shots_arguments(parser: ArgumentParser) -> None:
    """Options of `eruv shots`."""
    from eruv.detection.detectors import DEFAULT_DETECTOR, DETECTORS

    add_videos(parser)
    _add_detector(parser, f"{DEFAULT_DETECTOR}; there are {', '.join(DETECTORS)}")
    parser.add_argument(
        "--set",
        dest="parameters",
        metavar="NAME=VALUE",
        action="append",
        help="a parameter of the detector; may be repeated",
    )
    parser.add_argument("--csv", action="store_true", help="write NAME.shots.csv")
    parser.add_argument("--edl", action="store_true", help="write NAME.shots.edl (CMX3600)")
    parser.add_argument("--html", action="store_true", help="write a contact sheet")
    parser.add_argument("--to", metavar="DIR", default=".", help="folder for csv, edl and html")
    parser.add_argument(
        "--split",
        metavar="DIR",
        help="write every shot as a file, without sound: copied where that is exact, else encoded",
    )
    parser.add_argument("--threads", type=int, default=0, help="default: one a core")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 3 if files are unreadable or damaged"
    )


def shots(options: Namespace) -> Result:
    """Find shots, and write what is asked for.

    Raises:
        WrongUsage: for a detector or parameter that there is not.
    """
    return eruv.shots(
        options.videos,
        detector=_detector(options.detector, options.parameters or []),
        to=options.to,
        csv=options.csv,
        edl=options.edl,
        html=options.html,
        split=options.split,
        threads=options.threads,
    )


def ingest_arguments(parser: ArgumentParser) -> None:
    """Options of `eruv ingest`."""
    add_videos(parser)
    parser.add_argument("--to", required=True, help="folder of the library")
    _add_detector(parser, "that of the library")
    add_workers(parser)


def ingest(options: Namespace) -> Result:
    """Add videos to a library.

    Raises:
        WrongUsage: for a detector that there is not.
    """
    from eruv.library.video_pass import EditingSettings

    settings = None
    if options.detector is not None:
        settings = EditingSettings(detector=_detector(options.detector, []))
    return asdict(
        eruv.ingest(options.videos, options.to, workers=options.workers, settings=settings)
    )
