"""One row of a source as a report, or the reason why it is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.importing.mapping import Places, ReportMapping, Times
from reports.models import SubmissionKey
from reports.submission import CLOCK_TOLERANCE, DESCRIPTION_LIMIT, NewReport
from reports.workflow import ENDED

CHANNEL = "import"
KEY_LIMIT = SubmissionKey._meta.get_field("key").max_length or 0  # noqa: SLF001 - a public interface

Row = Mapping[str, str]


class Unfit(Exception):
    """Why a row is no report; rows with the same reason are counted together."""


@dataclass(frozen=True)
class AreaKeys:
    """Keys of areas by the names that rows give them."""

    by_name: Mapping[str, tuple[int, ...]]

    def of(self, name: str) -> tuple[int, ...]:
        """Return the areas of a name; none where it is unknown or empty."""
        return self.by_name.get(name, ())


def as_report(row: Row | None, mapping: ReportMapping, areas: AreaKeys, now: datetime) -> NewReport:
    """Return a row of a mapped category as a report.

    Raises
    ------
    Unfit
        For the first thing that is wrong with the row.
    """
    if row is None:
        raise Unfit("it has more or fewer cells than the header")
    key = _key(row[mapping.key])
    opened = local_time(row[mapping.times.opened], mapping.times)
    if opened is None:
        raise Unfit(f"{mapping.times.opened} is empty")
    closed = local_time(row[mapping.times.closed], mapping.times) if mapping.times.closed else None
    state = mapping.states.get(row[mapping.state_column])
    if state is None:
        raise Unfit(f"{mapping.state_column} {row[mapping.state_column]!r} is not in the mapping")
    if opened > now + CLOCK_TOLERANCE:
        raise Unfit("it was opened in the future")
    if closed and closed < opened:
        raise Unfit("it was closed before it was opened")
    if closed and state not in ENDED:
        raise Unfit("it has a closing time, but its state is not an end")
    point = place_of(row, mapping.places)
    return NewReport(
        category=mapping.categories[row[mapping.category_column]],
        point=point,
        description=_description(row, mapping),
        channel=CHANNEL,
        reported_at=opened,
        state=state,
        closed_at=closed,
        source=mapping.source,
        source_key=key,
        precision=mapping.precision,
        source_areas=areas.of(row[mapping.areas.column]) if mapping.areas and not point else (),
    )


def _key(text: str) -> str:
    if not text:
        raise Unfit("its key is empty")
    if len(text) > KEY_LIMIT or "\0" in text:
        raise Unfit(f"its key is no text of at most {KEY_LIMIT} characters")
    return text


def _description(row: Row, mapping: ReportMapping) -> str:
    text = row[mapping.description] if mapping.description else ""
    if len(text) > DESCRIPTION_LIMIT or "\0" in text:
        raise Unfit(f"its description is no text of at most {DESCRIPTION_LIMIT} characters")
    return text


def local_time(text: str, times: Times) -> datetime | None:
    """Return a local time of the source with its zone; None for an empty one.

    Raises
    ------
    Unfit
        When it does not fit the format, or falls into a clock change that the mapping rejects.
    """
    if not text:
        return None
    try:
        naive = datetime.strptime(text, times.format)  # noqa: DTZ007 - the zone follows
    except ValueError:
        raise Unfit(f"a time is not written as {times.format}") from None
    first = naive.replace(tzinfo=times.zone)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    exists = first.astimezone(UTC).astimezone(times.zone).replace(tzinfo=None) == naive
    if (times.ambiguous if exists else times.impossible) == "reject":
        kind = "comes twice" if exists else "never was"
        raise Unfit(f"a time falls into the hour that {kind} in the clock change")
    # An hour that never was, read by the offset before the change, lands one hour later.
    chosen = second if exists and times.ambiguous == "second" else first
    return chosen.astimezone(UTC)


def place_of(row: Row, places: Places) -> tuple[float, float] | None:
    """Return longitude and latitude, or None for a row that its source did not locate.

    Raises
    ------
    Unfit
        When the coordinates are not numbers on the map.
    """
    if any(row[column] in nulls for column, nulls in places.null_values.items()):
        return None
    lon_text, lat_text = row[places.longitude], row[places.latitude]
    if not lon_text and not lat_text:
        return None
    try:
        lon, lat = float(lon_text), float(lat_text)
    except ValueError:
        raise Unfit("its coordinates are not numbers") from None
    if (lon, lat) in places.default_points:
        return None
    if not (-180 <= lon <= 180 and -85.06 <= lat <= 85.06):
        raise Unfit("its coordinates are no longitude and latitude")
    return lon, lat
