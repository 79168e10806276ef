"""Why a file is not taken; the site says it in words."""

from typing import Literal

Reason = Literal[
    "empty",
    "wrong_format",
    "too_many_pixels",
    "truncated",
    "second_file",
    "damaged",
    "too_costly",
]


class Refusal(Exception):
    """A file that is not taken, with what its message names: a format, a width and a height."""

    def __init__(self, reason: Reason, **facts: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts
