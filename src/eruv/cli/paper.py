"""Arguments and call of `eruv paper`."""

from pathlib import Path
from typing import Any

from jsonargparse import ArgumentParser, Namespace

import eruv

Result = dict[str, Any]


def paper_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    from eruv.reproduction.asked import NAMES
    from eruv.reproduction.command import EVERYTHING

    parser.add_argument("what", nargs="+", help=f"{', '.join(NAMES)}; or {EVERYTHING}")
    parser.add_argument("--to", required=True, help="folder for data, runs and pages")
    parser.add_argument("--small", action="store_true", help="built-in films: two hours a seed")
    parser.add_argument("--smoke", action="store_true", help="every code path within minutes")
    parser.add_argument("--untrimmed", help="untrimmed videos; in the paper THUMOS14 validation")
    parser.add_argument("--ucf101", help="folder of UCF101")
    parser.add_argument("--ucf101-splits", help="folder of its split files")
    parser.add_argument("--hmdb51", help="folder of HMDB51, unpacked")
    parser.add_argument("--hmdb51-splits", help="folder of its split files")
    parser.add_argument("--labelled", help="a folder per class, or a CSV table, as HMDB51")
    parser.add_argument("--seeds", default="0", help="of C3D, as 0,1,2; others take the first")
    parser.add_argument(
        "--relations", action="append", help="a further row of Table II, as C_S,P_S; repeatable"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--device", type=str, default="auto", help="auto, cpu or cuda")


def paper(options: Namespace) -> Result:
    """Call `eruv.reproduce`.

    Raises:
        EruvError: for values that the command does not take.
    """
    from eruv.reproduction.given import Given, relations_given
    from eruv.utils.errors import EruvError

    if options.small and options.smoke:
        raise EruvError("--small and --smoke are two scales: leave one out.")
    words = options.seeds.split(",")
    if not all(word.isdecimal() for word in words):
        raise EruvError(f"--seeds are numbers, as in 0,1,2; got {options.seeds}.")
    paths = ("untrimmed", "ucf101", "ucf101_splits", "hmdb51", "hmdb51_splits", "labelled")
    given = Given(
        scale="smoke" if options.smoke else "small" if options.small else "paper",
        seeds=tuple(map(int, words)),
        relations=relations_given(options.relations or []),
        **{name: Path(options[name]) for name in paths if options[name]},
    )
    return eruv.reproduce(
        options.what, options.to, given, dry_run=options.dry_run, device=options.device
    )
