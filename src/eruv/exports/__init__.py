"""Encoders and libraries as files that other tools open."""
