"""How many reports came when: a histogram over all the time that there are reports of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from django.db import connection
from django.utils import timezone
from psycopg import sql

from reports.filters import ReportFilter
from reports.masking import RULES

Unit = Literal["week", "month", "quarter", "year"]
# From the finest on; about how many days each has.
UNITS: Mapping[Unit, float] = {"week": 7, "month": 30.4, "quarter": 91.3, "year": 365.25}
MONTHS: Mapping[Unit, int] = {"month": 1, "quarter": 3, "year": 12}
MOST_BARS = 60


@dataclass(frozen=True)
class Bar:
    """How many reports came in the days from `start` to before `end`."""

    start: date
    end: date
    count: int

    @property
    def last_day(self) -> date:
        """The last day that the bar counts."""
        return self.end - timedelta(days=1)


@dataclass(frozen=True)
class Histogram:
    """Bars of one unit side by side, oldest first; there is at least one.

    `leaves_out` tells that reports whose time everybody may know no finer than by the month are
    in none of the bars, because they are finer than that.
    """

    unit: Unit
    bars: tuple[Bar, ...]
    leaves_out: bool

    @property
    def most(self) -> Bar:
        """The highest bar."""
        return max(self.bars, key=lambda bar: bar.count)


def unit_for(first: date, last: date) -> Unit:
    """Return the finest unit in which the days from first to last are at most sixty bars.

    >>> unit_for(date(2026, 1, 1), date(2026, 6, 30)), unit_for(date(2021, 1, 1), date(2026, 6, 30))
    ('week', 'quarter')
    """
    days = (last - first).days + 1
    fitting = (unit for unit, length in UNITS.items() if days / length <= MOST_BARS - 1)
    return next(fitting, "year")


def start_of(day: date, unit: Unit) -> date:
    """Return the first day of the week (from Monday), month, quarter or year of a day.

    >>> start_of(date(2026, 5, 20), "week"), start_of(date(2026, 5, 20), "quarter")
    (datetime.date(2026, 5, 18), datetime.date(2026, 4, 1))
    """
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return date(day.year, day.month - (day.month - 1) % MONTHS[unit], 1)


def start_after(start: date, unit: Unit) -> date:
    """Return the first day of the unit that follows the one which begins on `start`.

    >>> start_after(date(2026, 12, 1), "month")
    datetime.date(2027, 1, 1)
    """
    if unit == "week":
        return start + timedelta(days=7)
    month = start.month - 1 + MONTHS[unit]
    return date(start.year + month // 12, month % 12 + 1, 1)


def _first_day() -> date | None:
    """Return the day of the oldest report that everybody may see."""
    statement = "SELECT shown_at FROM reports_shown AS t ORDER BY t.shown_at, t.key DESC LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row: tuple[datetime] | None = cursor.fetchone()
    return timezone.localdate(row[0]) if row else None


COUNTS = """
SELECT date_trunc({unit}, t.shown_at AT TIME ZONE {zone})::date, count(*)
FROM reports_shown AS t
WHERE {condition} AND t.sensitivity <> ALL({coarse}::int[])
GROUP BY 1
"""


def _counts(wanted: ReportFilter, unit: Unit, coarse: list[int]) -> dict[date, int]:
    statement = sql.SQL(COUNTS).format(
        unit=unit,
        zone=timezone.get_current_timezone_name(),
        condition=replace(wanted, since=None, until=None).condition(),
        coarse=coarse,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())


def _coarser_than(unit: Unit) -> list[int]:
    """Return the classes whose times say less than this unit."""
    return [s for s, rule in RULES.items() if unit == "week" and rule.time_unit == "month"]


def histogram(wanted: ReportFilter) -> Histogram | None:
    """Count the reports that pass the filter, whatever its period, from the first one to today.

    In the active time zone, which is the city's. None while there are no reports at all.
    """
    first = _first_day()
    if first is None:
        return None
    today = max(timezone.localdate(), first)
    unit = unit_for(first, today)
    coarse = _coarser_than(unit)
    counts = _counts(wanted, unit, coarse)
    bars = []
    start = start_of(first, unit)
    while start <= today:
        end = start_after(start, unit)
        bars.append(Bar(start, end, counts.get(start, 0)))
        start = end
    return Histogram(unit, tuple(bars), leaves_out=bool(coarse))
