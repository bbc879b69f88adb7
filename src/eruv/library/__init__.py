"""A folder of videos becomes a library: shots, segments and proxies in a LanceDB catalogue."""
