"""`eruv explore`."""

from typing import Any

from rich.console import Console
from rich.text import Text

from eruv.cli.options import Parser
from eruv.cli.output import narrow
from eruv.utils.console import clock
from eruv.utils.paths import printable


def arguments(parser: Parser) -> None:
    parser.add_argument("library", metavar="LIBRARY", help="folder with vectors from eruv embed")
    parser.add_argument("--run", metavar="RUN", help="encoder; default: the one that embedded last")
    parser.add_argument(
        "--clusters", type=int, help="number of clusters; default: chosen by silhouette"
    )
    parser.add_argument(
        "--method", default="pca", help="method for the map: pca, or umap (an extra)"
    )
    parser.add_argument(
        "--most", type=int, default=10_000, help="maximum number of sampled windows"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample and the clusters")
    parser.add_argument("--html", metavar="FILE", help="write a page with a map and pictures")


def show(console: Console, result: dict[str, Any]) -> None:
    drawn = " (sampled)" if result["looked_at"] < result["windows"] else ""
    console.print(
        f"{result['looked_at']:,}{drawn} of {result['windows']:,} windows, "
        f"{len(result['clusters'])} clusters"
    )
    table = narrow("", "most typical moment", numbers=("windows", "share", "videos"))
    for one in result["clusters"]:
        usual = one["moments"][0]
        name = Text(f"{printable(usual['path'])} at {clock(usual['start_s'])}")
        numbers = f"{one['windows']:,}", f"{one['share']:.0%}", f"{one['videos']:,}"
        table.add_row(str(one["number"] + 1), name, *numbers)
    console.print(table)
    titles = ("outliers", "outliers"), ("still", "without motion"), ("black", "black")
    for key, title in titles:
        moments = [f"{printable(one['path'])} at {clock(one['start_s'])}" for one in result[key]]
        if moments:
            console.print(f"{title}: {', '.join(moments[:3])}", markup=False)
    if result["duplicates"]:
        sizes = ", ".join(str(len(group)) for group in result["duplicates"])
        console.print(f"groups of near-duplicate shots, by size: {sizes}")
    if result["html"]:
        console.print(f"page: {printable(result['html'])}", markup=False)
