"""Film families of written pages: slides, title cards, recordings of a screen."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from shot_families import Director, _cut_to
from shot_mixing import BLACK, GREY, Picture, dissolve, flat, height_of
from shot_reel import Effect, Reel, Take

WORDS = [
    *("time", "shot", "scene", "light", "river", "north", "music", "seven", "paper", "garden"),
    *("winter", "engine", "market", "window", "history", "balance", "science", "results"),
    *("overview", "thank", "you", "welcome", "chapter", "agenda", "method", "summary"),
]


def _words(director: Director, count: int) -> str:
    return " ".join(director.rng.choice(WORDS, count).tolist())


def _written(picture: Picture, text: str, place: tuple[int, int], size: int, luma: int) -> Picture:
    """A picture with text, whose grey is `luma`."""
    rows, width = height_of(picture), picture.shape[1]
    mask = Image.new("L", (width, rows))
    ImageDraw.Draw(mask).multiline_text(
        place, text, fill=255, font=ImageFont.load_default(size), spacing=size // 2
    )
    share = np.asarray(mask, np.float32) / 255
    written = picture.copy()
    written[:rows] = np.rint(picture[:rows] * (1 - share) + luma * share).astype(np.uint8)
    inked = np.tile(share[::2, ::2] > 0.5, (2, 1)).reshape(-1, width)
    written[rows:][inked] = GREY
    return written


def _page(director: Director, background: Picture, bright: bool, lines: int) -> Picture:
    """A background with a title and lines of text."""
    rng, height = director.rng, director.height
    luma = int(rng.integers(170, 236)) if not bright else int(rng.integers(16, 70))
    left = int(rng.uniform(0.04, 0.4) * director.width)
    page = _written(
        background,
        _words(director, int(rng.integers(1, 4))),
        (left, int(rng.uniform(0.05, 0.2) * height)),
        int(rng.uniform(0.09, 0.15) * height),
        luma,
    )
    body = "\n".join(_words(director, int(rng.integers(2, 5))) for _ in range(lines))
    place = (left, int(rng.uniform(0.3, 0.4) * height))
    return _written(page, body, place, int(rng.uniform(0.06, 0.09) * height), luma)


def _background(director: Director) -> tuple[Picture, bool]:
    """A plain or shaded picture, or a dim photograph, and whether it is bright."""
    rng = director.rng
    picture = director.take(director.source()).picture(0)
    rows, way = height_of(picture), rng.random()
    if way < 0.4:
        low, high = sorted(rng.uniform(0, 1, 2) * 60 + (16 if rng.random() < 0.5 else 165))
        shaded = flat(picture, BLACK)
        shaded[:rows] = np.linspace(low, high, rows)[:, None].astype(np.uint8)
        shaded[rows:] = int(rng.integers(90, 166))
        return shaded, bool(low > 100)
    if way < 0.6:
        return flat(picture, BLACK), False
    return dissolve(flat(picture, BLACK), picture, float(rng.uniform(0.2, 0.6))), False


def _still(director: Director, picture: Picture) -> Take:
    """A take that shows one picture."""
    take = director.take(director.source())
    return replace(take, effect=lambda _, number: picture)


def slides(director: Director) -> Reel:
    """Slides with text on one background, cut or dissolved; some are title cards on black."""
    background, bright = _background(director)
    is_black = bool(background[: height_of(background)].max() <= BLACK)

    def page() -> Take:
        lines = int(director.rng.integers(0, 5))
        return _still(director, _page(director, background, bright, lines))

    def change(reel: Reel, old: Take) -> Take:
        new, way = page(), director.rng.random()
        if way < 0.7:
            return _cut_to(reel, new)
        frames = max(2, director.seconds(0.2, 1.2))
        if way < 0.85 or bright:
            reel.mix(old, new, frames, dissolve)
            return new
        empty = _still(director, background)
        kind = "fade through black" if is_black else "dissolve"
        reel.mix(old, empty, frames, dissolve, kind)
        reel.play(empty, max(2, director.seconds(0.1, 0.5)))
        reel.mix(empty, new, frames, dissolve, kind)
        return new

    reel, take = Reel(), page()
    reel.play(take, director.seconds(0.8, 4.0))
    while reel.num_frames < director.num_frames:
        take = change(reel, take)
        reel.play(take, director.seconds(0.8, 4.0))
    return reel


def screens(director: Director) -> Reel:
    """Recordings of a screen: text is typed, scrolled, a pointer moves; other windows are cuts."""

    def window() -> Take:
        background, bright = _background(director)
        text = "\n".join(_words(director, 4) for _ in range(6))
        luma = 40 if bright else 210
        size = int(director.rng.uniform(0.05, 0.08) * director.height)
        place = (int(0.08 * director.width), int(0.1 * director.height))
        speed = float(director.rng.uniform(4, 20)) / director.fps  # letters a frame
        pointer = _pointer(director)
        made: dict[int, Picture] = {}

        def effect(_: Picture, number: int) -> Picture:
            count = int(number * speed)
            if count not in made:
                made.clear()
                made[count] = _written(background, text[:count], place, size, luma)
            return pointer(made[count], number)

        return replace(director.take(director.source()), effect=effect)

    reel, take = Reel(), window()
    reel.play(take, director.seconds(1.0, 6.0))
    while reel.num_frames < director.num_frames:
        take = _cut_to(reel, window())
        reel.play(take, director.seconds(1.0, 6.0))
    return reel


def _pointer(director: Director) -> Effect:
    """A small arrow that rests, and now and then goes somewhere else."""
    rng = director.rng
    stops = [(0, rng.uniform(0.1, 0.9, 2))]
    while stops[-1][0] < director.num_frames:
        rest = stops[-1][0] + director.seconds(0.2, 2.0)
        stops += [(rest, stops[-1][1]), (rest + director.seconds(0.1, 0.6), rng.uniform(0, 0.9, 2))]
    times = [time for time, _ in stops]
    side = director.height // 20

    def effect(picture: Picture, number: int) -> Picture:
        y, x = (np.interp(number, times, [place[axis] for _, place in stops]) for axis in (0, 1))
        top, left = int(y * director.height), int(x * director.width)
        pointed = picture.copy()
        pointed[top : min(top + side, director.height), left : left + side] = 235
        return pointed

    return effect
