"""Film families after what people's files hold: soft cuts, long dissolves, repeats, slides."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from shot_families import Director, Family, _cut_to, _similar
from shot_mixing import BLACK, Picture, combed, dissolve, flat, push, zoom
from shot_pages import screens, slides
from shot_reel import PAN_SCALE, Reel, Take, pan_effect
from shot_training_families import _moving
from shot_turns import TURNS, turn

SECONDS = (0.2, 3.0)  # of dissolves


def _any(director: Director, other_than: Take | None = None, moving: float = 0.5) -> Take:
    """A take of another camera; some by a camera that moves."""
    take = director.take(director.source(other_than.source if other_than else None))
    return _moving(director, take) if director.rng.random() < moving else take


def _running(
    director: Director, change: Callable[[Reel, Take], Take], seconds: tuple[float, float]
) -> Reel:
    """As `_run`, with shots of other lengths."""
    reel, take = Reel(), _any(director)
    reel.play(take, max(2, director.seconds(*seconds)))
    while reel.num_frames < director.num_frames:
        take = change(reel, take)
        reel.play(take, max(2, director.seconds(*seconds)))
    return reel


def soft(director: Director) -> Reel:
    """One to four frames at a cut are blended, or show one field of either shot."""

    def change(reel: Reel, old: Take) -> Take:
        new = _any(director, old)
        if director.rng.random() < 0.2:
            return _cut_to(reel, new)
        mixer = combed if director.rng.random() < 0.3 else dissolve
        reel.mix(old, new, int(director.rng.integers(1, 5)), mixer)
        return new

    return _running(director, change, (0.4, 3.0))


def long_dissolves(director: Director) -> Reel:
    """Dissolves, fades through black and cuts; a dissolve lasts 0.2 to 3 seconds."""

    def change(reel: Reel, old: Take) -> Take:
        new = _any(director, old)
        if director.rng.random() < 0.15:
            return _cut_to(reel, new)
        low, high = np.log(SECONDS)
        frames = round(float(np.exp(director.rng.uniform(low, high))) * director.fps)
        reel.mix(old, new, max(3, frames), dissolve)
        return new

    return _running(director, change, (0.8, 3.0))


def repeats(director: Director) -> Reel:
    """A film of fewer pictures a second, each shown two to five times, or 24 in 60 by 3:2."""
    times = int(director.rng.integers(1, 6))
    rate = 2.5 if times == 1 else times
    slow = replace(
        director, fps=director.fps / rate, num_frames=max(40, int(director.num_frames / rate))
    )

    def change(reel: Reel, old: Take) -> Take:
        way = slow.rng.random()
        if way < 0.15:
            return _similar(slow, reel, old)
        new = _any(slow, old, 0.8)
        if way < 0.7:
            return _cut_to(reel, new)
        reel.mix(old, new, max(3, slow.seconds(0.4, 1.5)), dissolve)
        return new

    reel = _running(slow, change, (0.8, 5.0))
    return reel.held([2, 3] if times == 1 else [times])


def photographs(director: Director) -> Reel:
    """A slide show of photographs, each one frame of a film of few frames a second."""
    per_shot = 1 if director.fps <= 2 else director.seconds(0.5, 2.0)
    reel, take = Reel(), replace(director.take(director.source()), fps=1e9)
    reel.play(take, per_shot)
    while reel.num_frames < director.num_frames:
        take = _cut_to(reel, replace(director.take(director.source(take.source)), fps=1e9))
        reel.play(take, per_shot)
    return reel


def montage(director: Director) -> Reel:
    """Shots of two to a dozen frames, now and then a longer one."""
    reel, take = Reel(), _any(director)
    reel.play(take, director.shot_frames())
    while reel.num_frames < director.num_frames:
        if director.rng.random() < 0.3:
            lengths = [director.seconds(0.5, 2.0)]
        else:
            least = max(2, round(director.fps / 15))
            count = int(director.rng.integers(3, 9))
            lengths = director.rng.integers(least, 5 * least, count).tolist()
        for length in lengths:
            take = _cut_to(reel, _any(director, take, 0.3))
            reel.play(take, length)
    return reel


def pushes(director: Director) -> Reel:
    """The new picture pushes the old one out, at an even speed or softly."""

    def change(reel: Reel, old: Take) -> Take:
        new = _any(director, old, 0.3)
        if director.rng.random() < 0.2:
            return _cut_to(reel, new)
        side = int(director.rng.integers(4))
        gentle = director.rng.random() < 0.5

        def mixer(a: Picture, b: Picture, share: float) -> Picture:
            return push(a, b, share * share * (3 - 2 * share) if gentle else share, side)

        reel.mix(old, new, max(4, director.seconds(0.25, 1.5)), mixer, "push")
        return new

    return _running(director, change, (0.8, 3.0))


def _strobe(director: Director, take: Take) -> Take:
    """Every second or third picture is black or white, for a while."""
    rng = director.rng
    dark: set[int] = set()
    frame = director.seconds(0.2, 2.0)
    while frame < director.num_frames + 8 * director.fps:
        period = int(rng.integers(2, 5))
        last = frame + director.seconds(0.3, 3.0)
        dark |= {n + i for n in range(frame, last, period) for i in range(period // 2)}
        frame = last + director.seconds(0.5, 3.0)
    luma = BLACK if rng.random() < 0.7 else 235
    before = take.effect

    def effect(picture: Picture, number: int) -> Picture:
        seen = picture if before is None else before(picture, number)
        return flat(seen, luma) if number in dark else seen

    return replace(take, effect=effect)


def strobes(director: Director) -> Reel:
    """A strobe in one shot."""
    reel = Reel()
    reel.play(_strobe(director, _any(director)), director.num_frames)
    return reel


def compressed(director: Director) -> Reel:
    """Shots of cameras that mostly stay, so coarsely encoded that every key frame is seen."""

    def change(reel: Reel, old: Take) -> Take:
        new = _any(director, old, 0.3)
        if director.rng.random() < 0.6:
            return _cut_to(reel, new)
        reel.mix(old, new, max(3, director.seconds(0.2, 1.5)), dissolve)
        return new

    return _running(director, change, (2.0, 8.0))


def zooms(director: Director) -> Reel:
    """Stills that are zoomed into right behind a cut, fast or slowly, as in animation."""

    def take_of(old: Take | None) -> Take:
        still = replace(director.take(director.source(old.source if old else None)), fps=1e9)
        frames, least = director.seconds(0.15, 3.0), float(director.rng.uniform(0.35, 0.9))
        y, x = director.rng.uniform(0, 1, 2)
        inwards = director.rng.random() < 0.6

        def effect(picture: Picture, number: int) -> Picture:
            share = min(1.0, number / frames)
            factor = 1 - (1 - least) * (share if inwards else 1 - share)
            height, width = int(director.height * factor), int(director.width * factor)
            top, left = int((director.height - height) * y), int((director.width - width) * x)
            return zoom(picture, top, left, height, width)

        if director.rng.random() < 0.3:
            path = [(float(director.rng.uniform()), float(director.rng.uniform())) for _ in "ab"]
            pan = pan_effect(director.height, director.width, frames, path)
            return replace(still, effect=pan, scale=PAN_SCALE)
        return replace(still, effect=effect)

    reel, take = Reel(), take_of(None)
    reel.play(take, director.shot_frames())
    while reel.num_frames < director.num_frames:
        take = _cut_to(reel, take_of(take))
        reel.play(take, director.seconds(0.4, 3.0))
    return reel


def turns(director: Director) -> Reel:
    """Transitions that editors have beside the usual: whips, zooms, spins, pixels, blurs."""

    def change(reel: Reel, old: Take) -> Take:
        new = _any(director, old, 0.3)
        if director.rng.random() < 0.2:
            return _cut_to(reel, new)
        kind = TURNS[director.rng.integers(len(TURNS))]
        frames = max(5, director.seconds(0.25, 1.2))
        reel.mix(old, new, frames, lambda a, b, share: turn(a, b, share, kind), "other")
        return new

    return _running(director, change, (0.8, 3.0))


REAL_FAMILIES: dict[str, Family] = {
    "soft": soft,
    "long-dissolves": long_dissolves,
    "repeats": repeats,
    "slides": slides,
    "photographs": photographs,
    "montage": montage,
    "pushes": pushes,
    "strobes": strobes,
    "screens": screens,
    "zooms": zooms,
    "compressed": compressed,
    "turns": turns,
}
# Frames a second of the films of each family.
REAL_RATES: dict[str, Sequence[int]] = {
    "soft": (12, 24, 25, 30, 50, 60),
    "long-dissolves": (12, 25, 30, 60, 120, 240),
    "repeats": (25, 30, 60),
    "slides": (5, 25, 30, 60),
    "photographs": (1, 2, 25),
    "montage": (24, 25, 30, 60),
    "pushes": (25, 30, 60),
    "strobes": (25, 30),
    "screens": (5, 15, 30),
    "zooms": (12, 25, 60),
    "compressed": (12, 25, 30),
    "turns": (25, 30, 60),
}
