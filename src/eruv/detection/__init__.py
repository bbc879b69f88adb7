"""Shot detection and segments: the paper's "shot editing" (III-A)."""
