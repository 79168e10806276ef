"""What the codes, times and places of an Open311 server mean here: a request becomes a report."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from layers.sync.spool import Record
from reports.models import Precision, SubmissionKey
from reports.submission import CLOCK_TOLERANCE, DESCRIPTION_LIMIT, NewReport
from reports.workflow import ENDED, State

CHANNEL = "open311"
KEY_LIMIT = SubmissionKey._meta.get_field("key").max_length or 0  # noqa: SLF001 - a public interface
Point = tuple[float, float]
NOWHERE: Point = (0.0, 0.0)
"""Off the coast of Africa: what servers write that know no place."""
SPACE_BEFORE_ZONE = re.compile(r"\s+(?=[+-]\d\d:?\d\d$|Z$)")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Unfit(Exception):
    """Why a request is no report; those with the same reason are counted together."""


@dataclass(frozen=True)
class Mapping311:
    """The mapping of one server."""

    source: str
    """With a request's id, tells it apart from run to run."""
    precision: Precision
    zone: tzinfo
    """Of times that say none."""
    categories: Mapping[str, str]
    states: Mapping[str, State]
    default_points: frozenset[Point]


DEFAULT_STATES = {"open": State.ACCEPTED, "closed": State.DONE}


def key_of(record: Record) -> str:
    """Return a request's id; empty where it has none."""
    value = record.get("service_request_id")
    return "" if value is None else str(value).strip()


def as_report(record: Record, mapping: Mapping311, now: datetime) -> NewReport:
    """Return a request of a mapped category as a report.

    Raises
    ------
    Unfit
        For the first thing that is wrong with it.
    """
    key = key_of(record)
    if not key:
        raise Unfit("it has no id yet")
    if len(key) > KEY_LIMIT or "\0" in key:
        raise Unfit(f"its id is no text of at most {KEY_LIMIT} characters")
    status = _text(record, "status").lower()
    state = mapping.states.get(status)
    if state is None:
        raise Unfit(f"its status {status!r} is not in the mapping")
    opened = moment(_text(record, "requested_datetime"), mapping.zone)
    if opened is None:
        raise Unfit("requested_datetime is empty")
    if opened > now + CLOCK_TOLERANCE:
        raise Unfit("it was requested in the future")
    closed = None
    if state in ENDED:
        closed = moment(_text(record, "updated_datetime"), mapping.zone)
    if closed and closed < opened:
        raise Unfit("it was closed before it was requested")
    return NewReport(
        category=mapping.categories[code_of(record)],
        point=point_of(record, mapping.default_points),
        description=_shortened(CONTROL.sub("", _text(record, "description"))),
        channel=CHANNEL,
        reported_at=opened,
        state=state,
        closed_at=closed,
        promised_at=_promised(record, opened, mapping.zone),
        source=mapping.source,
        source_key=key,
        precision=mapping.precision,
    )


def _promised(record: Record, opened: datetime, zone: tzinfo) -> datetime | None:
    """Return by when a request should be done; a time before it was made is none."""
    expected = moment(_text(record, "expected_datetime"), zone)
    return expected if expected and expected >= opened else None


def code_of(record: Record) -> str:
    """Return the code of a request's service; empty where it has none."""
    return _text(record, "service_code")


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    return "" if value is None else str(value).strip()


def _shortened(text: str) -> str:
    """Return a text at the length that is kept here; the standard allows twice that."""
    return text if len(text) <= DESCRIPTION_LIMIT else f"{text[: DESCRIPTION_LIMIT - 1]}…"


def moment(text: str, zone: tzinfo) -> datetime | None:
    """Return a time; one without a zone is read in `zone`, an hour that comes twice as the first.

    Raises
    ------
    Unfit
        When it is no date and time.

    >>> moment("2018-07-30 00:01:00 -0400", UTC)
    datetime.datetime(2018, 7, 30, 4, 1, tzinfo=datetime.timezone.utc)
    """
    if not text:
        return None
    try:
        read = datetime.fromisoformat(SPACE_BEFORE_ZONE.sub("", text))
        # What the city shows and compares are seconds.
        aware = (read if read.tzinfo else read.replace(tzinfo=zone)).replace(microsecond=0)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unfit("a time is no date and time") from None


def point_of(record: Record, default_points: frozenset[Point]) -> Point | None:
    """Return longitude and latitude, or None for a request that was not located.

    Raises
    ------
    Unfit
        When the coordinates are not numbers on the map.
    """
    lon_text, lat_text = _text(record, "long"), _text(record, "lat")
    if not lon_text or not lat_text:
        return None
    try:
        lon, lat = float(lon_text), float(lat_text)
    except ValueError:
        raise Unfit("its coordinates are not numbers") from None
    if (lon, lat) in default_points or (lon, lat) == NOWHERE:
        return None
    if not (-180 <= lon <= 180 and -85.06 <= lat <= 85.06):
        raise Unfit("its coordinates are no longitude and latitude")
    return lon, lat
