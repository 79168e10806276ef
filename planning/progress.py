"""How a kernel reports its progress and learns that it was cancelled."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and what is being done; it may raise to cancel.

A kernel lets the exception through and returns nothing.
"""


def no_progress(share: float, what: str) -> None:
    """Ignore the report: the default where nobody watches."""
