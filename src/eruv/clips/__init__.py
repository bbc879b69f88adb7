"""Clip specs become pixels."""
