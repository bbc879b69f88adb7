"""Figures of the literature, as data."""
