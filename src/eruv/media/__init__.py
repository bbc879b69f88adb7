"""Video files and frames: find files, decode sources, write and read proxies."""
