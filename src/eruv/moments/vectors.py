"""Vectors that are compared: of unit length, and of a query no two that are nearly equal."""

import numpy as np

from eruv.evaluation.feature_file import Features

# Cosine from which on one vector of a query ranks as two would; each is a search.
NEARLY_EQUAL = 0.998
# Of cosines by an index, which stores a byte a number.
INDEX_ROUNDING = 0.01


def unit(vectors_NF: Features) -> Features:
    """The same vectors with length 1."""
    lengths = np.linalg.norm(vectors_NF, axis=-1, keepdims=True)
    return np.asarray(vectors_NF / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def without_near_duplicates(vectors_QF: Features) -> list[Features]:
    """Vectors of unit length without those that are nearly equal to one before.

    They find what is nearest, not all that is so near: a window of cosine 0.972 with one that is
    left out may have 0.958 with the one that is kept.
    """
    kept: list[Features] = []
    for vector in vectors_QF:
        if all(vector @ one < NEARLY_EQUAL for one in kept):
            kept.append(vector)
    return kept
