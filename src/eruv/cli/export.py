"""`eruv export`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser
from eruv.utils.paths import printable


def arguments(parser: Parser) -> None:
    parser.add_argument("source", metavar="RUN|LIBRARY", help="an encoder's run, or a library")
    parser.add_argument("--to", metavar="DIR", help="folder for the files; default: the run's own")
    formats = {
        "--torch": "write encoder.pt2, which needs only torch",
        "--onnx": "write encoder.onnx",
        "--parquet": "write videos, shots, segments and moments as a Hugging Face data set",
        "--webdataset": "write tar shards of the segments as small films",
        "--fiftyone": "write shots, segments and moments as temporal detections",
        "--label_studio": "write shots as predictions to correct",
    }
    for name, words in formats.items():
        parser.add_argument(name, action="store_true", help=words)


def show(console: Console, result: dict[str, Any]) -> None:
    for file in result["files"]:
        said = (
            f"{file['rows']:,} rows"
            if file["difference"] is None
            else f"features differ from the encoder's by {file['difference']:.0e} of the largest"
        )
        console.print(f"{printable(file['path'])}: {said}", markup=False)
