"""A file becomes frames: reading sources, writing and reading proxies."""
