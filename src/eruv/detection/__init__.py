"""Frames become segments: the paper's "shot editing" (III-A)."""
