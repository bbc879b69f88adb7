"""Numbers as text: shares, counts, durations."""

NONE = "–"


def percent(share: float | None, digits: int = 1) -> str:
    """A share in [0, 1] as a percentage."""
    return NONE if share is None else f"{100 * share:.{digits}f} %"


def count(number: float | None) -> str:
    """A whole number with thousands separators."""
    return NONE if number is None else f"{number:,.0f}"


def compact(number: float) -> str:
    """A short number for an axis: 0.02, 1.5, 250, 20k, 1.5M."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if abs(number) >= size:
            return f"{number / size:.4g}{unit}"
    return f"{number:.4g}"


def duration(seconds: float) -> str:
    """Seconds as 22.7 s, 4:05 min or 1:02:03."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d} min"


def hours(seconds: float) -> str:
    """Seconds as hours, minutes or seconds, whichever fits."""
    if seconds >= 3600:
        return f"{seconds / 3600:,.1f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.1f} s"


def plural(number: int, noun: str) -> str:
    """1 video, 2 videos, 3 classes."""
    ending = "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}{ending}"
