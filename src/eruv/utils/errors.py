"""Errors that a user can act on."""


class EruvError(Exception):
    """Says what was wrong, what was got, what is allowed and what to do next."""


class Interrupted(EruvError):
    """Work was asked to stop; its state is saved and the same command goes on."""


class WrongUsage(Exception):
    """The words of a command line cannot be understood."""
