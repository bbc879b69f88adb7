"""Film families that only the training of the learned detector sees: cameras and things move."""

from dataclasses import replace

import numpy as np

from shot_families import (
    Director,
    Family,
    _cut_to,
    _fade,
    _hard,
    _run,
)
from shot_mixing import BLACK, WHITE, WIPES, Picture, dissolve, flat, height_of, relit, wipe
from shot_reel import PAN_SCALE, Mixer, Reel, Take, pan_effect


def _moving(director: Director, take: Take) -> Take:
    """The same take by a camera that wanders, swings or shakes."""
    rng = director.rng
    path = [(float(rng.uniform()), float(rng.uniform())) for _ in range(rng.integers(2, 6))]
    frames = max(1, round(float(np.exp(rng.uniform(np.log(0.2), np.log(5.0)))) * director.fps))
    effect = pan_effect(director.height, director.width, frames, path)
    return replace(take, effect=effect, scale=PAN_SCALE)


def _passer(director: Director, take: Take) -> Take:
    """Things cross the picture now and then, from hands to lorries, at any speed.

    They are patches of another clip, and the picture behind them stays what it was.
    """
    rng = director.rng
    other = director.take(director.source(take.source))
    rows = np.arange(director.height, dtype=np.float32)[:, None]
    columns = np.arange(director.width, dtype=np.float32)[None, :]
    crossings: dict[int, tuple[float, float, float, float, int]] = {}
    frame = director.seconds(0.1, 1.5)
    while frame < director.num_frames + 8 * director.fps:
        count = max(2, round(float(np.exp(rng.uniform(np.log(0.2), np.log(2.0)))) * director.fps))
        tall = float(rng.uniform(0.2, 1.8)) * director.height
        wide = float(np.exp(rng.uniform(np.log(0.1), np.log(2.5)))) * director.width
        power = int(rng.choice([2, 8]))  # an ellipse, or nearly a box
        y = rng.uniform(0.2, 1.1) * director.height
        for n, x in enumerate(_crossing(director, wide, count)):
            crossings[frame + n] = (float(y), x, tall / 2, wide / 2, power)
        frame = max(crossings) + 1 + director.seconds(0.1, 2.0)
    before = take.effect

    def effect(picture: Picture, number: int) -> Picture:
        seen = picture if before is None else before(picture, number)
        if number not in crossings:
            return seen
        y, x, tall, wide, power = crossings[number]
        inside = ((rows - y) / tall) ** power + ((columns - x) / wide) ** power < 1
        passing = other.picture(number)
        mixed, height = seen.copy(), height_of(seen)
        np.copyto(mixed[:height], passing[:height], where=inside)
        small = np.tile(inside[::2, ::2], (2, 1)).reshape(-1, seen.shape[1])
        np.copyto(mixed[height:], passing[height:], where=small)
        return mixed

    return replace(take, effect=effect)


def _crossing(director: Director, wide: float, count: int) -> list[float]:
    """Where the middle of a thing is, frame by frame: some pass, some stop, some turn back."""
    rng = director.rng
    ends = (-wide / 2, director.width + wide / 2)
    start, end = ends if rng.random() < 0.5 else ends[::-1]
    if rng.random() < 0.5:
        return np.linspace(start, end, count).tolist()
    stop = float(rng.uniform(0.2, 0.8)) * director.width
    arriving = np.linspace(start, stop, max(2, count // 2))
    leaving = np.linspace(stop, start if rng.random() < 0.5 else end, max(2, count // 2))
    staying = np.full(director.seconds(0.0, 1.5), stop)
    return [*arriving.tolist(), *staying.tolist(), *leaving.tolist()]


def _lit(director: Director, take: Take) -> Take:
    """Flashes up to full white, flicker, and lamps."""
    rng = director.rng
    moments: dict[int, tuple[float, float]] = {}
    frame, gain = director.seconds(0.1, 1.0), 1.0
    while frame < director.num_frames + 8 * director.fps:
        if rng.random() < 0.6:
            share = float(rng.uniform(0.3, 1.0))
            for n in range(int(rng.integers(1, 5))):
                moments[frame + n] = (gain, share)
        else:
            gain = float(rng.uniform(0.4, 1.0))
        step = director.seconds(0.1, 1.5)
        for n in range(step):
            moments.setdefault(frame + n, (gain, 0.0))
        frame += step
    before = take.effect
    luma = WHITE if rng.random() < 0.8 else BLACK

    def effect(picture: Picture, number: int) -> Picture:
        seen = picture if before is None else before(picture, number)
        gain, share = moments.get(number, (1.0, 0.0))
        seen = relit(seen, gain, 1.0) if gain < 1 else seen
        return dissolve(seen, flat(seen, luma), share) if share else seen

    return replace(take, effect=effect)


def _any_take(director: Director, passers: float, lights: float, stills: float) -> Take:
    take = director.take(director.source())
    if stills and director.rng.random() < stills:
        take = replace(take, fps=1e9)  # time stands still: slides, title cards
    elif director.rng.random() < 0.7:
        take = _moving(director, take)
    if director.rng.random() < passers:
        take = _passer(director, take)
    return _lit(director, take) if director.rng.random() < lights else take


def _change(
    director: Director, reel: Reel, old: Take, passers: float, lights: float, stills: float
) -> Take:
    rng = director.rng
    new = _any_take(director, passers, lights, stills)
    if new.source.camera == old.source.camera:
        return _hard(director, reel, old)
    way = rng.random()
    if way < 0.5:
        return _cut_to(reel, new)
    if way < 0.75:
        reel.mix(old, new, director.gradual_frames(), dissolve)
        return new
    if way < 0.9:
        kind = WIPES[rng.integers(len(WIPES))]
        mixer: Mixer = lambda a, b, share: wipe(a, b, share, kind)  # noqa: E731
        reel.mix(old, new, director.gradual_frames(), mixer, "wipe")
        return new
    return _fade(director, reel, old, BLACK if rng.random() < 0.5 else WHITE)


def _restless(passers: float, lights: float, stills: float = 0.0) -> Family:
    return lambda director: _run(
        director, lambda reel, old: _change(director, reel, old, passers, lights, stills)
    )


TRAINING_FAMILIES: dict[str, Family] = {
    "moving": _restless(0.0, 0.0),
    "passers": _restless(0.8, 0.0),
    "restless": _restless(0.4, 0.5),
    "stills": _restless(0.1, 0.2, 0.9),
}
