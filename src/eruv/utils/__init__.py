"""Helpers for all packages: files, console, pages, numbers, errors."""
