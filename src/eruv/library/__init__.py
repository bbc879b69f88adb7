"""A folder of videos becomes a library: shots, segments and proxies in a LanceDB catalogue."""

import os

# Read once, when LanceDB is imported: building a large index would print hundreds of warnings.
os.environ.setdefault("LANCEDB_LOG", "error")
