"""The rows of features that the learned detector judges: one for each new picture."""

from collections.abc import Sequence

from eruv.detection.detectors.base import Plane
from eruv.detection.detectors.features import Floats, FrameFeatures
from eruv.detection.detectors.new_pictures import NewPictures
from eruv.detection.detectors.transition_kinds import KindPictures


class PictureRows:
    """Features of new pictures, and of held ones once more.

    Attributes:
        pictures: which frames the rows are of.
        kind_pictures: thumbnails of the latest rows.
    """

    def __init__(self) -> None:
        self.features, self.pictures = FrameFeatures(), NewPictures()
        self.kind_pictures = KindPictures()
        self.last: list[Plane] = []  # new picture

    def add(self, planes: Sequence[Plane], time_s: float | None) -> list[Floats]:
        """Add the next frame; returns the rows (F,) that are now complete: none or several."""
        times, is_new = self.pictures.rows_for(planes, time_s)
        rows = self._hold(times)
        if is_new:
            self.last = [plane.copy() for plane in planes]
            self.kind_pictures.add(self.last)
            rows += self.features.add(self.last)
        return rows

    def finish(self) -> list[Floats]:
        """The rows of the last pictures."""
        return self._hold(self.pictures.finish()) + self.features.finish()

    def _hold(self, times: int) -> list[Floats]:
        self.kind_pictures.add_again(times)
        return [row for _ in range(times) for row in self.features.add(self.last)]
