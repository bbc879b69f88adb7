"""Arguments and calls of `eruv retrieve` and `eruv attention`."""

from pathlib import Path
from typing import Any

from jsonargparse import ArgumentParser, Namespace

import eruv
from eruv.cli.dataset import add_dataset, dataset_choice

Result = dict[str, Any]


def retrieve_arguments(parser: ArgumentParser) -> None:
    """Options of `eruv retrieve`."""
    add_dataset(parser)
    parser.add_argument("--run", required=True, help="folder of the encoder")
    parser.add_argument(
        "--level", choices=("video", "clip"), default="video", help="what a query is"
    )
    parser.add_argument("--to", metavar="DIR", help="default: in the run's folder, by data set")
    parser.add_argument(
        "--library", metavar="DIR", help="for the proxies of the videos; may serve several runs"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the queries shown at random")
    parser.add_argument("--workers", type=int, help="of the ingest; default: one a core")
    _add_device(parser)


def retrieve(options: Namespace) -> Result:
    """Ingest what is not in the library yet, then `eruv.retrieve`."""
    from eruv.datasets.labelled_library import label_library
    from eruv.datasets.opening import open_dataset
    from eruv.reports.retrieval import refuse_small_crop
    from eruv.training.encoder_folder import load

    # Before the ingest, which may take hours.
    refuse_small_crop(load(options.run), Path(options.run))
    beside = Path(options.to) if options.to else Path(options.run) / "retrieval"
    library = Path(options.library) if options.library else beside / "library"
    videos = label_library(open_dataset(dataset_choice(options)), library, options.workers)
    return eruv.retrieve(
        videos,
        options.run,
        options.to,
        level=options.level,
        seed=options.seed,
        device=options.device,
    )


def attention_arguments(parser: ArgumentParser) -> None:
    """Options of `eruv attention`."""
    parser.add_argument("runs", nargs="+", help="folders of encoders, to stand side by side")
    parser.add_argument("video", help="any video file; it comes last")
    parser.add_argument("--to", metavar="DIR", default=".", help="folder for the files")
    parser.add_argument("--start", type=float, default=0.0, help="second to begin with")
    parser.add_argument("--end", type=float, help="second to end before; default: the last")
    parser.add_argument("--no-film", action="store_true", help="only the figure, no mp4")
    parser.add_argument("--threads", type=int, default=0, help="decoding; default: one a core")
    _add_device(parser)


def attention(options: Namespace) -> Result:
    """`eruv.attention`."""
    return eruv.attention(
        options.runs,
        options.video,
        options.to,
        start_s=options.start,
        end_s=options.end,
        film=not options.no_film,
        threads=options.threads,
        device=options.device,
    )


def _add_device(parser: ArgumentParser) -> None:
    parser.add_argument("--device", type=str, default="auto", help="auto, cpu or cuda")
