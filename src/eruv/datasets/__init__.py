"""Labelled data sets: what lies on disk, split as published, becomes labelled stretches of video."""
