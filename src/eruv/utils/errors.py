"""Errors that a user can act on."""


class EruvError(Exception):
    """Says what is wrong, what is allowed and what to do next."""


class Interrupted(EruvError):
    """Stopped by the user; the state is saved, and the same command continues."""


class WrongUsage(Exception):
    """A command line that cannot be parsed."""
