"""The version of this package."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("eruv")
except PackageNotFoundError:  # run from its sources
    VERSION = "0+unknown"
