"""What was found in a file that its owner should know: counted, worded once, shown everywhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """What may be found; programs and pages tell findings apart by it."""

    ENCODING = "encoding"
    NO_CRS = "no_crs"
    WRONG_CRS = "wrong_crs"
    OFF_EARTH = "off_earth"
    BAD_COORDINATE = "bad_coordinate"
    SWAPPED = "swapped"
    NO_GEOMETRY = "no_geometry"
    OTHER_TYPE = "other_type"
    MIXED = "mixed"
    INVALID = "invalid"
    USELESS = "useless"
    Z_OR_M = "z_or_m"
    DUPLICATE = "duplicate"
    FAR_AWAY = "far_away"
    COLUMN_RENAMED = "column_renamed"
    COLUMN_DROPPED = "column_dropped"
    NESTED = "nested"
    BIG_NUMBER = "big_number"
    LONG_TEXT = "long_text"
    CONTROL_CHARACTER = "control_character"
    INDEX_RESTORED = "index_restored"
    SIBLING_MISSING = "sibling_missing"
    NO_CODE = "no_code"
    OTHER_LAYERS = "other_layers"


@dataclass(frozen=True)
class Finding:
    """Something that was found `count` times, said in one sentence."""

    code: Code
    count: int
    message: str


@dataclass
class Findings:
    """Counts what is found while rows stream by, and words it at the end."""

    counts: dict[Code, int] = field(default_factory=dict)
    messages: dict[Code, str] = field(default_factory=dict)

    def add(self, code: Code, count: int, message: str) -> None:
        """Count `count` more of a kind; `message` may say the total as ``{count}``."""
        if count:
            self.counts[code] = self.counts.get(code, 0) + count
            self.messages.setdefault(code, message)

    def __iter__(self) -> Iterator[Finding]:
        """Yield what was found, in the order in which it came up."""
        for code, message in self.messages.items():
            count = self.counts[code]
            yield Finding(code, count, message.replace("{count}", f"{count:,}"))
