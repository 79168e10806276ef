"""The segments of a JPEG, without decoding it (ITU-T T.81, annex B)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reports.decoding.refusal import Refusal

START = b"\xff\xd8\xff"
SCAN = 0xDA
END = 0xD9
JFIF = 0xE0
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
# Tables, frames, restart intervals and scans: what a picture needs and no word beside it.
BARE = frozenset({SCAN, END, 0xC0, 0xC2, 0xC4, 0xDB, 0xDD})
JFIF_LENGTH = 16
# Within a scan, ff is followed by 0 (stuffing), by a restart marker, or by fill.
AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


@dataclass(frozen=True)
class Segment:
    """One segment: its marker's code, and where its content stands in the file."""

    marker: int
    start: int
    end: int


def segments(data: bytes) -> Iterator[Segment]:
    """Yield the segments after the start marker, up to the end marker.

    A scan's content is its header alone; the pixels follow it.

    Raises
    ------
    Refusal
        ``truncated`` when the file ends before the picture.
    """
    position = 2
    while True:
        position = data.find(b"\xff", position)
        while 0 <= position < len(data) and data[position] == 0xFF:
            position += 1
        if not 0 <= position < len(data):
            raise Refusal("truncated")
        marker = data[position]
        position += 1
        if marker in WITHOUT_LENGTH or marker == 0:
            continue
        if marker == END:
            yield Segment(marker, position, position)
            return
        length = int.from_bytes(data[position : position + 2])
        end = position + max(length, 2)
        if end > len(data):
            raise Refusal("truncated")
        yield Segment(marker, position + 2, end)
        position = _end_of_scan(data, end) if marker == SCAN else end


def _end_of_scan(data: bytes, start: int) -> int:
    found = AFTER_SCAN.search(data, start)
    if found is None:
        raise Refusal("truncated")
    return found.start()


def is_bare(data: bytes) -> bool:
    """Tell whether a JPEG is a picture and nothing else: no metadata, no byte after its end."""
    if not data.startswith(START):
        return False
    try:
        found = list(segments(data))
    except Refusal:
        return False
    return found[-1].end == len(data) and all(_is_bare(data, segment) for segment in found)


def _is_bare(data: bytes, segment: Segment) -> bool:
    if segment.marker == JFIF:
        # Version, density and a thumbnail of no pixels.
        content = data[segment.start : segment.end]
        return content.startswith(b"JFIF\0") and len(content) == JFIF_LENGTH - 2
    return segment.marker in BARE
