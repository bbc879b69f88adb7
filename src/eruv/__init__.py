"""eruv: from a folder of raw, unlabelled videos to a trained video encoder.

Every command is a function of the same name: `eruv ingest` is `eruv.ingest`, and so on. Messages
and progress go to stderr through the logger "eruv":
`logging.getLogger("eruv").setLevel(logging.WARNING)` silences them.
"""

import lazy_loader

from eruv.utils.version import VERSION

# The public names stand in __init__.pyi. Each is loaded on first use: ingest needs neither torch
# nor the seconds that importing it takes.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = VERSION
