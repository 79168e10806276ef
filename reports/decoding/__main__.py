"""The decoder: a file comes in by standard input, its pixels go out by standard output."""

import json
import sys
from collections.abc import Mapping
from typing import BinaryIO

from reports.decoding import limits, picture
from reports.decoding.refusal import Refusal


def main(given: BinaryIO, answer: BinaryIO) -> None:
    """Answer a line of JSON and, where the file is taken, the large and the small JPEG."""
    data = given.read()
    limits.confine()
    try:
        made = picture.develop(data)
    except Refusal as refusal:
        _write(answer, {"refused": refusal.reason, "facts": refusal.facts})
    except MemoryError:
        _write(answer, {"refused": "too_costly", "facts": {}})
    except Exception:  # noqa: BLE001 - broken files make decoders raise anything
        _write(answer, {"refused": "damaged", "facts": {}})
    else:
        said = {
            "large": len(made.large),
            "width": made.width,
            "height": made.height,
            "place": made.place,
            "taken": made.taken,
        }
        _write(answer, said, made.large, made.small)


def _write(answer: BinaryIO, said: Mapping[str, object], *pictures: bytes) -> None:
    answer.write(b"".join([json.dumps(said).encode(), b"\n", *pictures]))
    answer.flush()


main(sys.stdin.buffer, sys.stdout.buffer)
