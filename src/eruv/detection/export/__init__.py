"""The shots of a video as files that people and other programs read."""
