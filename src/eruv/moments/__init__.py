"""Search: the moments of a library as vectors, and the nearest ones of a query."""
