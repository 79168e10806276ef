"""The history of a report: one hash chain each, with its personal text beside it.

An entry's digest covers its fields, the digest of its salted text and the digest of the entry
before it. Erasing the text leaves the chain whole; changing anything else breaks it.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.models import HistoryEntry, HistoryText

START = bytes(32)
SALT_BYTES = 16


@dataclass(frozen=True)
class Entry:
    """One entry, ready to be stored."""

    report_id: int
    number: int
    at: datetime
    event: str
    state: str
    note: str
    salt: bytes
    text_digest: bytes
    digest: bytes
    actor_id: int | None = None
    crew_id: int | None = None


def _digest(
    previous: bytes,
    text_digest: bytes,
    fields: tuple[int, int, datetime, str, str, int | None, int | None],
) -> bytes:
    report_id, number, at, event, state, actor_id, crew_id = fields
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    content = json.dumps([report_id, number, moment, event, state, actor_id, crew_id])
    return hashlib.sha256(previous + text_digest + content.encode()).digest()


def text_digest_of(salt: bytes, note: str) -> bytes:
    """Return the salted digest of an entry's text."""
    return hashlib.sha256(salt + note.encode()).digest()


def next_entry(
    previous: bytes,
    report_id: int,
    number: int,
    *,
    at: datetime,
    event: str,
    state: str,
    note: str = "",
    actor_id: int | None = None,
    crew_id: int | None = None,
) -> Entry:
    """Make the entry that follows the one with the digest `previous`."""
    salt = secrets.token_bytes(SALT_BYTES)
    hidden = text_digest_of(salt, note)
    fields = (report_id, number, at, event, state, actor_id, crew_id)
    digest = _digest(previous, hidden, fields)
    return Entry(report_id, number, at, event, state, note, salt, hidden, digest, actor_id, crew_id)


def append(entry: Entry) -> None:
    """Store one entry and, when it has any, its text."""
    row = HistoryEntry.objects.create(
        report_id=entry.report_id,
        number=entry.number,
        at=entry.at,
        event=entry.event,
        state=entry.state,
        actor_id=entry.actor_id,
        crew_id=entry.crew_id,
        text_digest=entry.text_digest,
        digest=entry.digest,
    )
    if entry.note:
        HistoryText.objects.create(entry=row, salt=entry.salt, note=entry.note)


def first_broken(entries: Iterable[HistoryEntry]) -> int | None:
    """Check a report's chain in order; return the number of the first entry that does not fit."""
    previous = START
    for expected, entry in enumerate(entries, start=1):
        fields = (
            entry.report_id,
            entry.number,
            entry.at,
            entry.event,
            entry.state,
            entry.actor_id,
            entry.crew_id,
        )
        digest = _digest(previous, bytes(entry.text_digest), fields)
        text = getattr(entry, "text", None)
        text_fits = text is None or text_digest_of(bytes(text.salt), text.note) == bytes(
            entry.text_digest
        )
        if entry.number != expected or digest != bytes(entry.digest) or not text_fits:
            return expected
        previous = digest
    return None
