"""The search page: browse a library, play its moments, and find more like them."""
