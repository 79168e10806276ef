"""Runs the decoder as a process of its own, and believes nothing that it says."""

import json
import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore

from reports.decoding import jpeg
from reports.decoding.refusal import Refusal

PROJECT = Path(__file__).resolve().parents[2]
# Isolated, but for the folder that the decoder's own modules are found in.
COMMAND = (sys.executable, "-sE", "-m", "reports.decoding")
WALL_CLOCK_S = 30.0
AT_ONCE = 2
"""Decoders of one web process; each may take as much memory as `limits` says."""
WAIT_S = 20.0

log = logging.getLogger(__name__)
slots = BoundedSemaphore(AT_ONCE)


class BusyError(Exception):
    """Others' photos keep all decoders busy."""


@dataclass(frozen=True)
class Developed:
    """A photo without metadata, and what its camera knew of place and time.

    `large` and `small` are JPEGs; `width` and `height` are of the large one, in pixels. `place`
    is longitude and latitude (EPSG:4326), `taken` ISO 8601.
    """

    large: bytes
    small: bytes
    width: int
    height: int
    place: tuple[float, float] | None
    taken: str | None


def decode(data: bytes) -> Developed:
    """Decode a file in a process that may do little and lives for this one file.

    Raises
    ------
    Refusal
        When it is no photo that we take; says why.
    BusyError
        When no decoder was free for `WAIT_S` seconds.
    """
    if not slots.acquire(timeout=WAIT_S):
        raise BusyError
    try:
        answer = _run(data)
    finally:
        slots.release()
    return _parsed(answer)


def _run(data: bytes) -> bytes:
    """Return what the decoder wrote; both sides stay in memory, never on a disk."""
    with (
        os.fdopen(os.memfd_create("upload"), "r+b") as given,
        os.fdopen(os.memfd_create("answer"), "r+b") as written,
    ):
        given.write(data)
        given.seek(0)
        with subprocess.Popen(  # noqa: S603 - a constant command
            COMMAND,
            stdin=given,
            stdout=written,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env={},
            start_new_session=True,
        ) as child:
            _await(child)
        written.seek(0)
        return written.read()


def _await(child: subprocess.Popen[bytes]) -> None:
    try:
        code = child.wait(WALL_CLOCK_S)
    except BaseException as reason:
        # It is not reaped yet, so its group is its own still.
        os.killpg(child.pid, signal.SIGKILL)
        if isinstance(reason, subprocess.TimeoutExpired):
            raise Refusal("too_costly") from None
        raise
    # It is killed where it passes over its own time, or where the machine has no memory left.
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise Refusal("too_costly")
    if code != 0:
        log.warning("The decoder of photos ended with %s.", code)
        raise Refusal("damaged")


def _parsed(answer: bytes) -> Developed:
    """Read the answer of a program that may have been taken over by what it decoded."""
    try:
        head, pictures = answer.split(b"\n", 1)
        said = json.loads(head)
        if "refused" in said:
            raise Refusal(said["refused"], **said["facts"])
        large, small = pictures[: said["large"]], pictures[said["large"] :]
        place = said["place"] and (float(said["place"][0]), float(said["place"][1]))
        taken = said["taken"] and datetime.fromisoformat(said["taken"]).isoformat()
        developed = Developed(large, small, int(said["width"]), int(said["height"]), place, taken)
    except (IndexError, KeyError, TypeError, ValueError):
        log.warning("The decoder of photos gave no answer that can be read.")
        raise Refusal("damaged") from None
    if not (jpeg.is_bare(large) and jpeg.is_bare(small)):
        log.warning("The decoder of photos gave something else than two plain pictures.")
        raise Refusal("damaged")
    return developed
