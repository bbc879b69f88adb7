"""The rate that frame times have, as distinct from the rates that a file states."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

DEFAULT_RATE = Fraction(25)
SLOWEST_RATE, FASTEST_RATE = 1, 1000  # believed before any frame is seen
CLOCK_RATE = 1000  # of Matroska and FLV
NTSC = Fraction(1000, 1001)
SAME_RATE = 2e-4  # 23.98 is meant as 24000/1001; 24 is five times as far from it
LEAST_KEPT = 0.9  # share of a constant rate's frames that a recorder which drops some keeps
ROUNDED = 1.5  # ticks by which times that are rounded to ticks lie apart from a constant rate
NO_TIMES = 0x80  # AVFMT_NOTIMESTAMPS: raw streams


def stated_rates(stream: av.VideoStream) -> list[Fraction]:
    """All rates that container and codec state, the most reliable first."""
    context = stream.codec_context
    rates = [stream.average_rate, stream.guessed_rate, stream.base_rate, context.framerate]
    if stream.container.format.flags & NO_TIMES:
        # A raw stream has its rate in its headers; the container's is a setting of FFmpeg.
        rates = [context.framerate, stream.guessed_rate, stream.average_rate]
    elif not stream.average_rate and stream.guessed_rate == CLOCK_RATE:
        rates = [context.framerate]  # the steps of the clock, not of the film
    elif stream.guessed_rate and stream.average_rate == 2 * stream.guessed_rate:
        rates = rates[1:]  # fields, or a header that doubles
    return [rate for rate in rates if rate and 0 < rate <= FASTEST_RATE]


def opening_rate(stream: av.VideoStream) -> Fraction:
    """Frames per second, as good as it can be known before any frame is seen.

    Rates below 1 or above 1000 are ignored; 25 if nothing is left.
    """
    return next((rate for rate in stated_rates(stream) if rate >= SLOWEST_RATE), DEFAULT_RATE)


def measured_rate(
    times_s: NDArray[np.float64],
    after_gaps: set[int],
    stated: Sequence[Fraction],
    tick_s: float,
    last_shown_s: float | None = None,
) -> Fraction:
    """Frames per second of these times.

    A rate that fits all times is taken, if there is one: as stated, half of it (fields, or a header
    that doubles), four fifths (soft telecine), or a usual one near the average. Those of NTSC are
    multiples of 1000/1001. If no constant rate fits, the average is taken.

    Args:
        times_s: of all frames, in order (num_frames,).
        after_gaps: numbers of frames before which something is missing.
        stated: see `stated_rates`.
        tick_s: to which the times are rounded.
        last_shown_s: how long the last frame is shown, if that is known.
    """
    steps = np.diff(times_s)
    kept = np.ones(len(steps), bool)
    kept[[frame - 1 for frame in after_gaps if 0 < frame <= len(steps)]] = False
    steps = steps[kept]
    if not len(steps) or steps.sum() <= 0:
        return next(iter(stated), DEFAULT_RATE)
    count, span_s = len(steps), float(steps.sum())
    average = count / span_s
    if last_shown_s:
        average = (count + 1) / (span_s + last_shown_s)
    candidates = list(_candidates(stated, count / span_s, average))
    usual_s = float(np.median(steps))
    rounded_s = 2 * (ROUNDED * tick_s if tick_s < usual_s / 2 else 1e-4 * usual_s)
    times = _Times(np.concatenate(([0.0], np.cumsum(steps))), usual_s, rounded_s)
    fits = [times.is_in_fields, times.is_constant_with_drops, times.is_within_a_frame]
    if np.ptp(steps) <= rounded_s:
        fits = [times.is_constant]
    found = (rate for fits_rate in fits for rate in candidates if fits_rate(float(rate)))
    # Of a clock that leaps by hours the next fraction would be 0.
    rounded = Fraction(average).limit_denominator(10_000) or Fraction(1, round(1 / average))
    return next(found, rounded)


@dataclass(frozen=True)
class _Times:
    """Times of frames without gaps, from 0, and tests of how they fit a rate."""

    times_s: NDArray[np.float64]
    usual_s: float  # from one frame to the next
    rounded_s: float  # how far rounded times lie apart at most

    def is_constant(self, rate: float) -> bool:
        """Whether it is constant, but for rounding."""
        return self._deviation_s(rate) < self.rounded_s

    def is_within_a_frame(self, rate: float) -> bool:
        """Whether no frame is a whole frame early or late."""
        return self._deviation_s(rate) < 1 / rate

    def is_in_fields(self, rate: float) -> bool:
        """Whether frames also last whole fields: two per frame, or five for two."""
        return self.is_within_a_frame(rate) and (
            self._on_grid(2 * rate) or self._on_grid(2.5 * rate)
        )

    def is_constant_with_drops(self, rate: float) -> bool:
        """Whether it is constant, but for a few frames that the recorder dropped."""
        most = len(self.times_s) - 1 >= LEAST_KEPT * rate * self.times_s[-1]
        return most and abs(self.usual_s - 1 / rate) < self.rounded_s and self._on_grid(rate)

    def _deviation_s(self, rate: float) -> float:
        return float(np.ptp(self.times_s - np.arange(len(self.times_s)) / rate))

    def _on_grid(self, rate: float) -> bool:
        counted = self.times_s * rate
        return float(np.ptp(counted - np.rint(counted))) < self.rounded_s * rate


def _candidates(stated: Sequence[Fraction], *averages: float) -> Iterator[Fraction]:
    usual = [rate for rate in map(_usual, stated) if rate]
    yield from usual
    yield from (rate / 2 for rate in usual)
    yield from (rate * 4 / 5 for rate in usual)
    for average in averages:
        for rate in (Fraction(round(average)), round(average / NTSC) * NTSC):
            if rate > 0:
                yield rate
    yield from stated


def _usual(rate: Fraction) -> Fraction | None:
    """The rate that is meant, if it is a whole number or one times 1000/1001."""
    for meant in (Fraction(round(rate)), round(rate / NTSC) * NTSC):
        if meant > 0 and abs(rate - meant) <= SAME_RATE * meant:
            return meant
    return None
