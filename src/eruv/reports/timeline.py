"""The shots of each video on a line of time, with key frames.

Comes in: a library. Goes out: rows for the page.
"""

from collections.abc import Collection
from typing import Any

from eruv.library import Library, printable
from eruv.media.proxy import ProxyReader
from eruv.reports.pictures import jpeg_uri

SHOWN_VIDEOS = 24
KEY_FRAMES = 8
KEY_FRAME_SIZE = (72, 96)

Row = dict[str, Any]


def timeline_rows(library: Library, held_out: Collection[str]) -> list[Row]:
    """The videos with most shots, each with its shots as shares of its length.

    Args:
        library: with the proxies of the key frames.
        held_out: ids of the videos that were held out.
    """
    paths = library.paths()
    known = [video for video in library.videos() if video["video_id"] in paths]
    known.sort(key=lambda video: (-len(video["shots"]), video["video_id"]))
    usable = _usable_shots(library)
    return [
        {
            "name": printable(paths[video["video_id"]][0]).rsplit("/", 1)[-1],
            "seconds": video["end_s"] - video["start_s"],
            "held_out": video["video_id"] in held_out,
            "shots": _shot_shares(video, usable.get(video["video_id"], set())),
            "key_frames": _key_frames(library, video),
        }
        for video in known[:SHOWN_VIDEOS]
    ]


def _usable_shots(library: Library) -> dict[str, set[int]]:
    """Numbers of the shots of each video that gave a segment."""
    table = library.segments()
    usable: dict[str, set[int]] = {}
    for video_id, shot in zip(
        table["video_id"].to_pylist(), table["shot"].to_pylist(), strict=True
    ):
        usable.setdefault(video_id, set()).add(shot)
    return usable


def _shot_shares(video: Row, usable: set[int]) -> list[Row]:
    total = video["num_frames"]
    ranges = zip(video["shots"], video["shots_s"], strict=True)
    return [
        {
            "left": 100 * start / total,
            "width": 100 * (end - start) / total,
            "usable": number in usable,
            "title": f"shot {number + 1}: frames {start} to {end - 1}, "
            f"{start_s:.2f} to {end_s:.2f} s",
        }
        for number, ((start, end), (start_s, end_s)) in enumerate(ranges)
    ]


def _key_frames(library: Library, video: Row) -> list[Row]:
    """Middle frames of some shots, evenly chosen."""
    shots = video["shots"]
    step = max(1, -(-len(shots) // KEY_FRAMES))
    reader = ProxyReader(library.proxy_path(video["video_id"]), library.settings.proxy)
    try:
        return [
            {
                "image": jpeg_uri(reader.read([(start + end) // 2], KEY_FRAME_SIZE)[0]),
                "shot": number * step + 1,
            }
            for number, (start, end) in enumerate(shots[::step])
        ]
    finally:
        reader.close()
