"""Helpers for all rooms: files, console, pages, numbers, errors."""
