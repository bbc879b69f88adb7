"""When a data set counts as the published one."""

# A few files that cannot be read do not make it another data set.
MOST_MISSING = 0.01


def is_complete(count: int, published: int) -> bool:
    """Whether a set has its published number of videos, to 1 %."""
    return 0 <= published - count <= MOST_MISSING * published
