"""Labelled data sets: files on disk become labelled videos, split as published."""
