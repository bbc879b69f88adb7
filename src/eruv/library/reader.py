"""Clips of the videos of a library, by id and frame numbers."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize, ClipSpec
from eruv.media.proxy import ProxySettings
from eruv.utils.errors import EruvError


class LibraryReader:
    """Reads clips by id of video, with a bounded number of proxies open; one for each process.

    Args:
        path_of: the proxy of a video, by its id.
        settings: of the proxies.
        size: scaling and crop.
    """

    def __init__(
        self, path_of: Callable[[str], Path], settings: ProxySettings, size: ClipSize
    ) -> None:
        self.path_of, self.size = path_of, size
        self.numbers: dict[str, int] = {}
        self.paths: list[Path] = []
        self.clips = ClipReader(self.paths, settings, size)

    def read(
        self, video_id: str, frames: Sequence[int], offset: tuple[int, int] | None = None
    ) -> NDArray[np.uint8]:
        """A clip, RGB, (len(frames), crop, crop, 3).

        Args:
            video_id: see `Library.video_ids`.
            frames: numbers from 0, in the order in which they are shown; repeats are allowed.
            offset: (row, column) of the crop in the scaled picture; None crops in the middle.

        Raises:
            EruvError: if the library has no such video.
            IndexError: if the video has no such frame.
            ValueError: for no frame at all, a negative number, or a crop beyond the picture.
        """
        if video_id not in self.numbers:
            path = self.path_of(video_id)
            if not path.exists():
                raise EruvError(
                    f"the library has no proxy {path}. Take an id from Library.video_ids(), or "
                    f"rebuild the proxy with eruv repair LIBRARY."
                )
            self.numbers[video_id] = len(self.paths)
            self.paths.append(path)
        row, column = offset or self.size.centre
        most = self.size.height - self.size.crop, self.size.width - self.size.crop
        if not (0 <= row <= most[0] and 0 <= column <= most[1]):
            raise ValueError(
                f"the crop's offset must be from (0, 0) to {most}; got {(row, column)}"
            )
        return self.clips.read(ClipSpec(self.numbers[video_id], tuple(frames), (row, column)))

    def close(self) -> None:
        """Close all proxies."""
        self.clips.close()
