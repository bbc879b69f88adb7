"""How the shots of a film are found: the detector, the part of the film, the shortest shot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.detection.detect import ShotList, find_shots
from eruv.detection.detectors import DetectorChoice
from eruv.detection.joined import open_film
from eruv.detection.part import WHOLE, FilmPart
from eruv.detection.short_shots import drop_short, merge_short
from eruv.media.damage import UnreadableVideo
from eruv.media.discovery import UnreadableFile


@dataclass(frozen=True)
class ShotSearch:
    """How the shots of a film are found.

    Attributes:
        detector: that finds cuts.
        part: of the film to analyse.
        min_length: of a shot, in seconds.
        drop_short: whether shorter ones are left out instead of being joined to a neighbour.
    """

    detector: DetectorChoice
    part: FilmPart = WHOLE
    min_length: float = 0.0
    drop_short: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.min_length < float("inf"):
            raise ValueError(f"min_length must be at least 0 seconds; got {self.min_length}")

    def shots_of(
        self,
        files: Sequence[Path],
        threads: int = 0,
        on_frames: Callable[[int], None] = lambda count: None,
        on_unreadable: Callable[[UnreadableFile], None] = lambda file: None,
    ) -> ShotList:
        """The shots of a film of one file, or of several joined.

        Args:
            files: of the film.
            threads: decoding threads; 0 takes one per core.
            on_frames: called now and then with the number of frames so far.
            on_unreadable: called with each of several files that gives no video.

        Raises:
            UnreadableVideo: if it gives no video, or a library fails on it.
        """
        try:
            with open_film(files, threads, on_unreadable) as source:
                shots = find_shots(source, self.detector, on_frames, part=self.part)
        except UnreadableVideo:
            raise
        except Exception as error:
            # One file on which a library fails must not end a run over many.
            kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
            raise UnreadableVideo(f"{kind}{error}", "unknown") from error
        if not self.min_length:
            return shots
        shorten = drop_short if self.drop_short else merge_short
        return shorten(shots, self.min_length)
