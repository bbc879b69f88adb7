"""Errors that a user can act on."""


class EruvError(Exception):
    """Says what is wrong, what is allowed and what to do next."""


class Interrupted(EruvError):
    """Stopped by the user; the state is saved, and the same command continues.

    Args:
        message: what was interrupted, and how to go on.
        result: what was done before, as the command returns it; None if it returns nothing then.
    """

    def __init__(self, message: str, result: object = None) -> None:
        super().__init__(message)
        self.result = result


class WrongUsage(Exception):
    """A command line that cannot be parsed."""
