"""The film families: each shows one thing that shot detectors get right or wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shot_mixing import (
    BLACK,
    WHITE,
    WIPES,
    Picture,
    dissolve,
    flat,
    height_of,
    relit,
    through,
    wipe,
    zoom,
)
from shot_reel import PAN_SCALE, Effect, Mixer, Reel, Take, pan_effect
from shot_sources import PictureStore, Source

SHOT_SECONDS = (0.4, 4.0)
GRADUAL_FRAMES = (6, 40)
# Two pictures of a cut between similar shots differ by at least this much luma on average: a
# cut that nobody can see is not asked for.
VISIBLE_LUMA = 6.0


@dataclass
class Director:
    """Draws what a film shows.

    Attributes:
        rng: of the film.
        sources: to choose from.
        store: their pictures.
        height, width, fps, num_frames: of the film.
    """

    rng: np.random.Generator
    sources: Sequence[Source]
    store: PictureStore
    height: int
    width: int
    fps: float
    num_frames: int

    def source(self, other_than: Source | None = None, heads: bool = False) -> Source:
        """Any source, not by the camera of another one."""
        fitting = [
            one
            for one in self.sources
            if (not heads or one.head) and (other_than is None or one.camera != other_than.camera)
        ]
        # Every camera is as likely: some took many clips, others one.
        cameras = sorted({one.camera for one in fitting})
        camera = cameras[self.rng.integers(len(cameras))]
        clips = [one for one in fitting if one.camera == camera]
        return clips[self.rng.integers(len(clips))]

    def take(self, source: Source, effect: Effect | None = None, scale: float = 1.0) -> Take:
        """A take that starts anywhere in a source."""
        start_s = float(self.rng.uniform(0, 2))
        return Take(self.store, source, self.height, self.width, self.fps, start_s, scale, effect)

    def shot_frames(self) -> int:
        """How long a shot lasts, apart from its transitions."""
        return max(3, round(float(self.rng.uniform(*SHOT_SECONDS)) * self.fps))

    def gradual_frames(self) -> int:
        """How long a transition lasts; short ones are as likely as long ones."""
        low, high = np.log(GRADUAL_FRAMES[0]), np.log(GRADUAL_FRAMES[1] + 1)
        return int(np.exp(self.rng.uniform(low, high)))

    def seconds(self, low: float, high: float) -> int:
        """A number of frames."""
        return max(1, round(float(self.rng.uniform(low, high)) * self.fps))


def _run(director: Director, change: Callable[[Reel, Take], Take]) -> Reel:
    """Shots and changes between them until the film is long enough; it ends with a shot."""
    reel = Reel()
    take = director.take(director.source())
    reel.play(take, director.shot_frames())
    while reel.num_frames < director.num_frames:
        take = change(reel, take)
        reel.play(take, director.shot_frames())
    return reel


def _cut_to(reel: Reel, take: Take) -> Take:
    reel.cut()
    return take


def _mix(
    director: Director, reel: Reel, old: Take, mixer: Mixer, kind: str, least: int = 0
) -> Take:
    new = director.take(director.source(old.source))
    reel.mix(old, new, max(least, director.gradual_frames()), mixer, kind)
    return new


def _hard(director: Director, reel: Reel, old: Take) -> Take:
    return _cut_to(reel, director.take(director.source(old.source)))


def _dissolve(director: Director, reel: Reel, old: Take) -> Take:
    return _mix(director, reel, old, dissolve, "dissolve")


def _fade(director: Director, reel: Reel, old: Take, luma: int) -> Take:
    hold = float(director.rng.uniform(0.0, 0.4))
    kind = "fade through black" if luma == BLACK else "fade through white"
    return _mix(director, reel, old, lambda a, b, share: through(a, b, share, luma, hold), kind, 8)


def _wipe(director: Director, reel: Reel, old: Take) -> Take:
    kind = WIPES[director.rng.integers(len(WIPES))]
    return _mix(director, reel, old, lambda a, b, share: wipe(a, b, share, kind), "wipe")


def _difference(old: Take, new: Take) -> float:
    """Mean absolute luma difference across the cut."""
    a, b = old.picture(old.used - 1), new.picture(0)
    rows = height_of(a)
    return float(np.abs(a[:rows].astype(np.int16) - b[:rows]).mean())


def _punched_in(director: Director, old: Take) -> Take:
    """The same clip goes on, closer."""
    factor = float(director.rng.uniform(1.25, 1.8))
    height, width = int(director.height / factor), int(director.width / factor)
    top = int(director.rng.uniform(0, director.height - height))
    left = int(director.rng.uniform(0, director.width - width))
    effect: Effect = lambda picture, _: zoom(picture, top, left, height, width)  # noqa: E731
    return replace(old, effect=effect, start_s=old.start_s + old.used / old.fps, used=0)


def _same_camera(director: Director, old: Take) -> Take:
    """The same camera at another time."""
    clips = [one for one in director.sources if one.camera == old.source.camera]
    return director.take(clips[director.rng.integers(len(clips))])


def _similar(director: Director, reel: Reel, old: Take) -> Take:
    for _ in range(4):
        kind = _same_camera if director.rng.random() < 0.6 else _punched_in
        plain = replace(old, effect=None) if old.scale == 1.0 else director.take(old.source)
        new = kind(director, plain)
        if _difference(old, new) >= VISIBLE_LUMA:
            return _cut_to(reel, new)
    return _hard(director, reel, old)


def _flash_effect(director: Director) -> Effect:
    """Flashes of one to four frames, some close together."""
    starts: dict[int, float] = {}
    frame = director.seconds(0.3, 1.5)
    while frame < director.num_frames + 8 * director.fps:
        length = int(director.rng.integers(1, 5))
        peak = float(director.rng.uniform(0.4, 0.98))
        for n in range(length):
            starts[frame + n] = peak * (1 - n / length * float(director.rng.uniform(0, 0.8)))
        frame += length + director.seconds(
            *((0.1, 0.3) if director.rng.random() < 0.3 else (0.6, 2.5))
        )

    def effect(picture: Picture, number: int) -> Picture:
        share = starts.get(number)
        return picture if share is None else dissolve(picture, flat(picture, WHITE), share)

    return effect


def _light_effect(director: Director) -> Effect:
    """A lamp goes on and off; every change takes one to three frames."""
    levels: dict[int, tuple[float, float]] = {}
    now, frame = (1.0, 1.0), 0
    while frame < director.num_frames + 8 * director.fps:
        for _ in range(director.seconds(0.5, 2.5)):
            levels[frame] = now
            frame += 1
        dark = now == (1.0, 1.0)
        rng = director.rng
        dimmed = (float(rng.uniform(0.3, 0.75)), float(rng.uniform(0.8, 1.6)))
        after = dimmed if dark else (1.0, 1.0)
        steps = int(rng.integers(1, 4))
        for n in range(1, steps):
            levels[frame] = (
                now[0] + (after[0] - now[0]) * n / steps,
                now[1] + (after[1] - now[1]) * n / steps,
            )
            frame += 1
        now = after

    def effect(picture: Picture, number: int) -> Picture:
        return relit(picture, *levels.get(number, (1.0, 1.0)))

    return effect


def _panned(director: Director, source: Source) -> Take:
    """A hand that swings the camera: 0.15 to 0.8 seconds from place to place."""
    path = [
        (float(director.rng.uniform(0, 1)), float(x)) for x in (0, 1, director.rng.uniform(0, 1))
    ]
    frames = director.seconds(0.15, 0.8)
    effect = pan_effect(director.height, director.width, frames, path)
    return director.take(source, effect, PAN_SCALE)


def _head(director: Director, source: Source) -> Take:
    """A person who speaks, before a camera that shakes and creeps closer and back."""
    rng = director.rng
    period = director.seconds(0.8, 3.0)
    depth, shake = float(rng.uniform(0.03, 0.22)), float(rng.uniform(0.0, 0.02))
    wobble = rng.normal(0, shake, (4096, 2))

    def effect(picture: Picture, number: int) -> Picture:
        factor = 1 - 0.06 - depth * (0.5 - 0.5 * np.cos(2 * np.pi * number / period))
        height, width = int(director.height * factor), int(director.width * factor)
        y, x = np.clip(0.5 + wobble[number % len(wobble)] / (1 - factor), 0, 1)
        top, left = int((director.height - height) * y), int((director.width - width) * x)
        return zoom(picture, top, left, height, width)

    return director.take(source, effect)


def _only(director: Director, take: Take) -> Reel:
    """A film of one take."""
    reel = Reel()
    reel.play(take, director.num_frames)
    return reel


def _mixed(director: Director, reel: Reel, old: Take) -> Take:
    changes: list[Callable[[], Take]] = [
        lambda: _hard(director, reel, old),
        lambda: _dissolve(director, reel, old),
        lambda: _fade(director, reel, old, BLACK),
        lambda: _fade(director, reel, old, WHITE),
        lambda: _wipe(director, reel, old),
        lambda: _similar(director, reel, old),
        lambda: _cut_to(reel, _panned(director, director.source(old.source))),
        lambda: _cut_to(reel, director.take(director.source(old.source), _flash_effect(director))),
        lambda: _cut_to(reel, director.take(director.source(old.source), _light_effect(director))),
    ]
    weights = np.array([4, 2, 1, 1, 1, 2, 1, 1, 1], float)
    return changes[director.rng.choice(len(changes), p=weights / weights.sum())]()


Family = Callable[[Director], Reel]


def _changing(change: Callable[[Director, Reel, Take], Take]) -> Family:
    return lambda director: _run(director, lambda reel, old: change(director, reel, old))


FAMILIES: dict[str, Family] = {
    "cuts": _changing(_hard),
    "similar": _changing(_similar),
    "dissolves": _changing(_dissolve),
    "black-fades": _changing(lambda director, reel, old: _fade(director, reel, old, BLACK)),
    "white-fades": _changing(lambda director, reel, old: _fade(director, reel, old, WHITE)),
    "wipes": _changing(_wipe),
    "flashes": lambda d: _only(d, d.take(d.source(), _flash_effect(d))),
    "pans": lambda d: _only(d, _panned(d, d.source())),
    "heads": lambda d: _only(d, _head(d, d.source(heads=True))),
    "lights": lambda d: _only(d, d.take(d.source(), _light_effect(d))),
    "mixed": _changing(_mixed),
}
WITHOUT_CUTS = ("flashes", "pans", "heads", "lights")
