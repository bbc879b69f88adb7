"""The report: what a run learned, from what, on one page."""
