"""A film in the making: shots and transitions are laid one behind the other, with the truth."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, repeat

import numpy as np

from shot_mixing import Picture, crop, dissolve, height_of
from shot_sources import PictureStore, Source

Effect = Callable[[Picture, int], Picture]
Mixer = Callable[[Picture, Picture, float], Picture]
PAN_SCALE = 1.75
BLUR_STEPS = 3


@dataclass
class Take:
    """Pictures of one source at the rate of the film, in real speed; to and fro where it is short.

    Attributes:
        store, source: where they come from.
        height, width, fps: of the film.
        start_s: where in the source it begins.
        scale: pictures are so much larger than the film; the effect must crop them.
        effect: what happens to the picture of a frame of this take.
        used: frames taken so far.
    """

    store: PictureStore
    source: Source
    height: int
    width: int
    fps: float
    start_s: float = 0.0
    scale: float = 1.0
    effect: Effect | None = None
    used: int = 0

    def picture(self, number: int) -> Picture:
        """What frame `number` of this take shows."""
        height, width = _even(self.height * self.scale), _even(self.width * self.scale)
        pictures, rate = self.store.get(self.source, height, width)
        place = int((self.start_s + number / self.fps) * rate + 1e-6)
        turns, inside = divmod(place, max(1, len(pictures) - 1))
        picture = pictures[inside if turns % 2 == 0 else len(pictures) - 1 - inside]
        return picture if self.effect is None else self.effect(picture, number)

    def skip(self, count: int) -> int:
        """Number of the next frame; `count` frames are taken."""
        first, self.used = self.used, self.used + count
        return first


def _even(number: float) -> int:
    return round(number / 4) * 4


@dataclass
class Reel:
    """Frames to be, and what is true of them.

    Attributes:
        cuts: first frames of new shots.
        graduals: half-open ranges of frames that belong to neither shot.
        num_frames: laid so far.
        kinds: of the gradual ones, in order.
    """

    cuts: list[int] = field(default_factory=list)
    graduals: list[tuple[int, int]] = field(default_factory=list)
    num_frames: int = 0
    kinds: list[str] = field(default_factory=list)
    _parts: list[Callable[[], Iterator[Picture]]] = field(default_factory=list)

    def play(self, take: Take, count: int) -> None:
        """Lay `count` frames of a take behind the last."""
        first = take.skip(count)
        self._parts.append(lambda: (take.picture(first + n) for n in range(count)))
        self.num_frames += count

    def cut(self) -> None:
        """The next frame is the first of a new shot."""
        self.cuts.append(self.num_frames)

    def mix(self, old: Take, new: Take, count: int, mixer: Mixer, kind: str = "dissolve") -> None:
        """Lay `count` frames in which one take gives way to the next; both move on."""
        from_old, from_new = old.skip(count), new.skip(count)

        def part() -> Iterator[Picture]:
            for n in range(count):
                yield mixer(
                    old.picture(from_old + n), new.picture(from_new + n), (n + 1) / (count + 1)
                )

        self._parts.append(part)
        self.graduals.append((self.num_frames, self.num_frames + count))
        self.kinds.append(kind)
        self.num_frames += count

    def held(self, counts: Sequence[int]) -> "Reel":
        """The same film with every picture shown several times, by turns as often as named."""
        times = [counts[n % len(counts)] for n in range(self.num_frames)]
        place = [0, *accumulate(times)]

        def part() -> Iterator[Picture]:
            for picture, count in zip(self.pictures(), times, strict=True):
                yield from repeat(picture, count)

        return Reel(
            [place[cut] for cut in self.cuts],
            [(place[start], place[end]) for start, end in self.graduals],
            place[-1],
            self.kinds,
            [part],
        )

    def pictures(self) -> Iterator[Picture]:
        """All frames, composed as they are asked for."""
        for part in self._parts:
            yield from part()


def pan_effect(height: int, width: int, frames: int, path: list[tuple[float, float]]) -> Effect:
    """A crop that runs over a larger picture, blurred along its way.

    Args:
        height, width: of the crop.
        frames: from one point of the path to the next; then it turns back.
        path: (y, x) of the crop, each in [0, 1] of what the larger picture allows.
    """

    @lru_cache(maxsize=256)
    def place(step: int) -> tuple[float, float]:
        leg, inside = divmod(step / BLUR_STEPS / frames, 1.0)
        (y0, x0), (y1, x1) = (path[int(leg + n) % len(path)] for n in (0, 1))
        share = inside * inside * (3 - 2 * inside)  # starts and stops softly, as a hand does
        return y0 + (y1 - y0) * share, x0 + (x1 - x0) * share

    def effect(picture: Picture, number: int) -> Picture:
        free_y, free_x = height_of(picture) - height, picture.shape[1] - width
        places = [place(number * BLUR_STEPS + n) for n in range(BLUR_STEPS)]
        corners = {(int(y * free_y) // 2 * 2, int(x * free_x) // 2 * 2) for y, x in places}
        parts = [crop(picture, y, x, height, width) for y, x in sorted(corners)]
        if len(parts) == 1:
            return parts[0]
        if len(parts) == 2:
            return dissolve(parts[0], parts[1], 0.5)
        total = sum((part.astype(np.uint16) for part in parts[1:]), parts[0].astype(np.uint16))
        return (total // np.uint16(len(parts))).astype(np.uint8)

    return effect
