"""Whether the network reads the proxies' codec instead of the film: relation accuracy on
held-out pairs read from proxies, and from the sources without loss.

    python benchmarks/proxy_shortcut.py RUN... [--docs docs/benchmarks]
"""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eruv.evaluation.relations import relations
from eruv.library.catalogue import Library
from eruv.pretext.segment_arrays import SegmentTable
from eruv.training.run_folder import RunFolder
from pages import DOCS, write_page
from proxies import Way, write_way

LOSSLESS = Way("lossless", "libx264", {"preset": "ultrafast", "qp": "0", "g": "16", "bf": "0"})
PAIRS = 500  # of each relation
MOST_GAP = 0.02


def lossless_library(library: Library, video_ids: Sequence[str], to: Path) -> Path:
    """A copy of a library whose proxies of some videos are without loss."""
    ignore = shutil.ignore_patterns("proxies")
    shutil.copytree(library.folder, to, ignore=ignore)
    copy, paths = Library(to), library.paths()
    for video_id in video_ids:
        write_way(paths[video_id][0], copy.proxy_path(video_id), LOSSLESS)
    return to


def accuracies(run: RunFolder, pairs: int) -> dict[str, Any]:
    """Relation accuracy of a run from proxies and from sources."""
    library = Library(run.library_folder)
    held_out = SegmentTable.load(run.held_out_data).video_ids
    with tempfile.TemporaryDirectory() as folder:
        lossless = lossless_library(library, held_out[:], Path(folder) / "library")
        found: dict[str, Any] = {}
        for name, place in (("proxies", library.folder), ("sources", lossless)):
            copy = Path(folder) / name
            shutil.copytree(run.folder, copy, ignore=shutil.ignore_patterns("relations.json"))
            found[name] = relations(copy, library=place, pairs_per_relation=pairs).to_dict()
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("runs", nargs="+", type=Path, help="folders made by eruv pretrain")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--docs", type=Path, default=DOCS)
    given = parser.parse_args(arguments)
    found = {path.name: accuracies(RunFolder(path), given.pairs) for path in given.runs}
    lines = [
        "# Relation accuracy from proxies and from sources",
        "",
        "    python benchmarks/proxy_shortcut.py RUN...",
        "",
        f"Held-out pairs, {given.pairs} of each relation, the same ones; trained on proxies. A gap "
        f"of more than {MOST_GAP:.0%} would mean that the network reads the codec.",
        "",
        "| run | relation | from proxies | from sources | gap |",
        "|---|---|---|---|---|",
    ]
    for name, both in found.items():
        rows = {"all": [both[kind]["relation_accuracy"] for kind in ("proxies", "sources")]}
        rows |= {
            relation: [both[kind]["relations"][relation] for kind in ("proxies", "sources")]
            for relation in both["proxies"]["relations"]
        }
        for relation, (proxy, source) in rows.items():
            lines.append(
                f"| {name} | {relation} | {proxy:.3f} | {source:.3f} | {proxy - source:+.3f} |"
            )
        gap = rows["all"][0] - rows["all"][1]
        verdict = "a codec shortcut" if gap > MOST_GAP else "no codec shortcut"
        lines += ["", f"{name}: {gap:+.3f} over all relations, {verdict}.", ""]
    write_page(given.docs, "proxy_shortcut", lines, found)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
