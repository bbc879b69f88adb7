"""The segments of a library as WebDataset shards: tar files of small films with their facts."""

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import av.error
from av.container import InputContainer

from eruv.clips.reader import proxy_error
from eruv.exports.folder import ExportFolder
from eruv.library.catalogue import Library
from eruv.library.rows import SCHEMAS
from eruv.media.proxy import ProxyWriter
from eruv.media.scaling import plane_of
from eruv.utils.atomic import whole_file
from eruv.utils.console import Progress
from eruv.utils.storage.local_copy import local_copy

SHARD_BYTES = 256_000_000
NAME = "segments-{:06d}.tar"


def export_shards(
    library: Library, folder: ExportFolder, names: dict[str, str], most_bytes: int = SHARD_BYTES
) -> dict[Path, int]:
    """Write segments-000000.tar and so on: of each segment KEY.mp4 and KEY.json.

    The films are those of the proxies, encoded again, without audio. Keys are VIDEO-START.

    Args:
        library: whose segments are written, in the order in which its videos were committed.
        folder: for the shards.
        names: of the videos by id, without folders.
        most_bytes: after which a shard ends.

    Returns:
        Samples by file.

    Raises:
        EruvError: if a proxy is gone or damaged.
    """
    written: dict[Path, int] = {}
    samples = _samples(library, names)
    sample = next(samples, None)
    with Progress("writing segments", sum(library.column("videos", "num_segments"))) as progress:
        while sample is not None:
            path = folder.path(NAME.format(len(written)))
            written[path], size = 0, 0
            with whole_file(path) as partial, tarfile.open(partial, "w") as shard:
                while sample is not None and size < most_bytes:
                    key, film, facts = sample
                    _add(shard, f"{key}.mp4", film)
                    _add(shard, f"{key}.json", json.dumps(facts).encode())
                    written[path] += 1
                    size += len(film)
                    progress.update(sum(written.values()), facts["name"])
                    sample = next(samples, None)
    folder.remove_stale(NAME.replace("{:06d}", "*"))
    return written


def _samples(
    library: Library, names: dict[str, str]
) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    parts = library.segment_batches(SCHEMAS["segments"].names)
    rows = (row for part in parts for row in part.to_pylist())
    for video_id, segments in groupby(rows, key=lambda row: row["video_id"]):
        rate = library.rows_of([video_id])[video_id]["frames_per_second"]
        with closing(_Films(library, video_id, Fraction(rate).limit_denominator(1001))) as films:
            for row in segments:
                facts = row | {"name": names[video_id], "frames_per_second": rate}
                key = f"{video_id[:16]}-{row['start']:08d}"
                yield key, films.cut(row["start"], row["end"]), facts


class _Films:
    """Segments of one proxy, cut in the order of their starts."""

    def __init__(self, library: Library, video_id: str, rate: Fraction) -> None:
        self.settings, self.rate = library.settings.proxy, rate
        self.path = library.proxy_path(video_id)
        self.container: InputContainer | None = None
        self.frames = enumerate(self._decoded())

    def _decoded(self) -> Iterator[av.VideoFrame]:
        try:
            self.container = av.open(str(local_copy(self.path)))
            yield from self.container.decode(video=0)
        except (av.error.FFmpegError, IndexError, FileNotFoundError) as error:
            raise proxy_error(self.path, error) from error

    def cut(self, start: int, end: int) -> bytes:
        """The frames [start, end) as a film."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "segment.mp4"
            with ProxyWriter(path, self.settings, self.rate) as writer:
                for number, frame in self.frames:
                    if number >= start:
                        writer.write([plane_of(frame, plane) for plane in range(3)])
                    if number == end - 1:
                        break
                if writer.num_frames != end - start:
                    raise proxy_error(self.path, EOFError(f"it ends before frame {end}"))
            return path.read_bytes()

    def close(self) -> None:
        if self.container is not None:
            self.container.close()


def _add(shard: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)  # of no owner and no time: made again it is the same
    entry.size = len(content)
    shard.addfile(entry, io.BytesIO(content))
