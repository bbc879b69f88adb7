"""Labelled data sets: what lies on disk, split as published, becomes labelled videos."""
