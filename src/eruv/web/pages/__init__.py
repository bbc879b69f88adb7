"""The pages, a file each: `routes(parts)` gives the addresses that it answers."""
