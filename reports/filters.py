"""What a list or a map of reports is narrowed to, as it stands in an address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from psycopg import sql

from layers.errors import InvalidInput
from layers.queries import Bounds, city
from reports import identifiers, kinds
from reports.masking import time_unit_of
from reports.models import Category, Family, Sensitivity
from reports.workflow import Phase

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ReportFilter:
    """What a list or a map of reports is narrowed to; everything empty means all."""

    families: tuple[str, ...] = ()
    category: str = ""
    phases: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    bbox: tuple[float, float, float, float] | None = None
    text: str = ""

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "ReportFilter":
        """Read the filter from a query string.

        ``cat`` families, ``category`` a category's code, ``phase`` phases (comma-separated),
        ``since`` and ``until`` (ISO dates, both included; of a report that is told by the month,
        its month counts), ``bbox`` (west,south,east,north in EPSG:4326), ``q`` what a kind is
        called in the reader's language, a part of a place's name, or a report's number.

        Raises
        ------
        InvalidInput
            For a value that is not understood; names it and what is allowed.
        """
        values = {name: value.replace("\0", "") for name, value in values.items()}
        return cls(
            families=_choices(values, "cat", Family.values),
            category=values.get("category", ""),
            phases=_choices(values, "phase", Phase.values),
            since=_date(values, "since"),
            until=_date(values, "until"),
            bbox=_bbox(values),
            text=values.get("q", "").strip()[:100],
        )

    def condition(self) -> sql.Composable:
        """Return the SQL condition over the public projection's alias ``t``."""
        parts: list[sql.Composable] = [sql.SQL("TRUE")]
        if self.families:
            parts.append(sql.SQL("t.family = ANY({})").format(list(self.families)))
        if self.category:
            parts.append(
                sql.SQL("t.category_id = (SELECT id FROM reports_category WHERE code = {})").format(
                    self.category
                )
            )
        if self.phases:
            parts.append(sql.SQL("t.phase = ANY({})").format(list(self.phases)))
        if self.since:
            parts.append(_since(self.since))
        if self.until:
            parts.append(sql.SQL("t.shown_at < {}").format(_start_of(self.until + A_DAY)))
        if self.bbox:
            parts.append(sql.SQL(IN_BOX).format(box=_envelope(self.bbox)))
        if self.text:
            parts.append(
                sql.SQL(
                    "(t.public_id = {} OR t.category_id = ANY({}::bigint[])"
                    " OR t.place_name ILIKE {})"
                ).format(
                    identifiers.normalise(self.text),
                    kinds.called(Category.objects.all(), self.text),
                    _like(self.text),
                )
            )
        return sql.SQL(" AND ").join(parts)


# A report that is shown by its area is in view where its area is.
IN_BOX = """
(t.point && {box} OR (t.point IS NULL AND t.ward_id IN (
    SELECT id FROM layers_area WHERE ST_Intersects(geometry, {box}))))
"""


# A time that is told by the month is its first moment: the month that holds a first day belongs
# to the period, because what is in it may have come after that day.
SINCE = """
(t.shown_at >= {month} AND (t.shown_at >= {day} OR t.sensitivity = ANY({by_month}::int[])))
"""


def _since(day: date) -> sql.Composable:
    by_month = [s for s in Sensitivity.values if time_unit_of(s) == "month"]
    return sql.SQL(SINCE).format(
        month=_start_of(day.replace(day=1)), day=_start_of(day), by_month=by_month
    )


def _envelope(bounds: Bounds) -> sql.Composable:
    return sql.SQL("ST_MakeEnvelope({}, {}, {}, {}, 4326)").format(*bounds)


def _start_of(day: date) -> datetime:
    """Return when a day begins in the city."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(city().time_zone))


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def _choices(values: Mapping[str, str], name: str, allowed: Iterable[str]) -> tuple[str, ...]:
    chosen = tuple(part for part in values.get(name, "").split(",") if part)
    for part in chosen:
        if part not in allowed:
            message = _("%(name)s is “%(value)s”; choose among %(allowed)s.")
            values = {"name": name, "value": part, "allowed": ", ".join(allowed)}
            raise InvalidInput(message % values, field=name)
    return chosen


def _date(values: Mapping[str, str], name: str) -> date | None:
    if not (text := values.get(name, "")):
        return None
    try:
        day = date.fromisoformat(text)
        # The end of a day is the beginning of the next, which the calendar's last day has not.
        return (day + A_DAY) - A_DAY
    except (ValueError, OverflowError):
        message = _("%(name)s is “%(value)s”; give a date such as 2026-03-31.")
        raise InvalidInput(message % {"name": name, "value": text}, field=name) from None


def _bbox(values: Mapping[str, str]) -> tuple[float, float, float, float] | None:
    if not (text := values.get("bbox", "")):
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west, south, east, north = 1.0, 1.0, 0.0, 0.0
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        message = _("bbox is “%(value)s”; give west,south,east,north in degrees.")
        raise InvalidInput(message % {"value": text}, field="bbox")
    return west, south, east, north
