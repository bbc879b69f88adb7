"""`eruv search`."""

from typing import Any

from rich.console import Console
from rich.text import Text

from eruv.cli.options import Parser, add_shared
from eruv.cli.output import narrow, show_files
from eruv.utils.paths import printable


def arguments(parser: Parser) -> None:
    parser.add_argument("library", metavar="LIBRARY", help="folder with vectors from eruv embed")
    parser.add_argument(
        "query",
        metavar="QUERY",
        nargs="?",
        help="FILE@12.5-15.0, FILE@1:02 (two seconds), or FILE, which may be a picture",
    )
    parser.add_argument(
        "--text", metavar="WORDS", help="search by words, if the encoder understands them"
    )
    parser.add_argument("--run", metavar="RUN", help="encoder; default: the one that embedded last")
    parser.add_argument("-k", type=int, default=20, help="maximum number of moments")
    parser.add_argument(
        "--other_videos", action="store_true", help="leave out the query's own video"
    )
    parser.add_argument(
        "--other_shots", action="store_true", help="leave out the query's own shots"
    )
    parser.add_argument("--paths", metavar="PATTERN", help="only videos whose path matches PATTERN")
    parser.add_argument("--from_s", type=float, help="only moments from this second of a video")
    parser.add_argument("--to_s", type=float, help="only moments up to this second of a video")
    parser.add_argument("--min_s", type=float, help="minimum length of a moment in seconds")
    parser.add_argument("--max_s", type=float, help="maximum length of a moment in seconds")
    parser.add_argument("--duplicates", action="store_true", help="list near-duplicates separately")
    parser.add_argument("--csv", metavar="FILE", help="write the moments as a table")
    parser.add_argument("--edl", metavar="FILE", help="write the moments as an edit decision list")
    parser.add_argument(
        "--otio", metavar="FILE", help="write the moments as an OpenTimelineIO timeline"
    )
    parser.add_argument("--sheet", metavar="FILE", help="write a page with pictures of the moments")
    parser.add_argument("--split", metavar="DIR", help="write each moment as a video file")
    add_shared(parser, "--device")


def show(console: Console, result: dict[str, Any]) -> None:
    table = narrow("", "file", numbers=("from s", "to s", "shot", "similarity", "same footage"))
    for rank, one in enumerate(result["moments"], 1):
        more = len(one["duplicates"])
        name = printable(one["path"]) + (f" (and {more} near-duplicates)" if more else "")
        times = (f"{one['start_s']:.1f}", f"{one['end_s']:.1f}")
        same = "yes" if one["same_footage"] else ""
        table.add_row(
            str(rank), Text(name), *times, str(one["shot"] + 1), f"{one['similarity']:.3f}", same
        )
    console.print(table)
    console.print(f"the {len(result['moments'])} best of {result['windows']:,} windows")
    for path in result["files"].values():
        console.print(f"written: {printable(path)}", markup=False)
    if result["split"]:
        whole = sum(one["path"] is not None for one in result["split"])
        console.print(f"cut out: {whole} of {len(result['split'])} moments")
    lines = [f"{one['rank']}: {one['why']}" for one in result["split"] if one["path"] is None]
    show_files(console, "not cut out", lines)
