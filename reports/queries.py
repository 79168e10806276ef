"""The read side of reports: the only code that knows who may see which row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from psycopg import sql

from layers.access import Duty, Viewer, acting_as
from layers.errors import InvalidInput, NotFound
from layers.queries import city
from reports import identifiers
from reports.models import (
    Category,
    ExactLocation,
    ExactRead,
    Family,
    HistoryEntry,
    Membership,
    Report,
    ReportArea,
)
from reports.workflow import Phase

PAGE_SIZE = 50


# ---- who ----


def duties_of(user_id: int) -> tuple[Duty, ...]:
    """Return what a user's memberships in crews and desks let them work on."""
    memberships = (
        Membership.objects.filter(user_id=user_id, user__is_active=True)
        .select_related("crew__zone")
        .prefetch_related("crew__categories", "crew__zone__areas")
        .order_by("crew_id")
    )
    return tuple(
        Duty(
            areas=frozenset(a.pk for a in m.crew.zone.areas.all()) if m.crew.zone else None,
            categories=frozenset(c.pk for c in m.crew.categories.all()),
            clearance=m.crew.clearance,
            crew=m.crew_id,
        )
        for m in memberships
    )


def within_duties(viewer: Viewer) -> Q:
    """Return the condition on `Report` that some duty of the viewer covers it.

    By keys of zone areas and categories: a policy on the exact point would lose its index.
    """
    reach = Q(pk__in=[])
    for duty in viewer.duties:
        covered = Q(sensitivity__lte=duty.clearance)
        if duty.categories is not None:
            covered &= Q(category_id__in=duty.categories)
        if duty.areas is not None:
            inside = ReportArea.objects.filter(report_id=OuterRef("pk"), area_id__in=duty.areas)
            covered &= Q(Exists(inside))
        reach |= covered
    return reach


# ---- the public ----


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
        ``since`` and ``until`` (ISO dates, both included), ``bbox`` (west,south,east,north in
        EPSG:4326), ``q`` text or a report's number.

        Raises
        ------
        InvalidInput
            For a value that is not understood; names it and what is allowed.
        """
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
        zone = ZoneInfo(city().time_zone)
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
            start = datetime(self.since.year, self.since.month, self.since.day, tzinfo=zone)
            parts.append(sql.SQL("t.shown_at >= {}").format(start))
        if self.until:
            parts.append(
                sql.SQL("t.shown_at < ({}::date + 1)::timestamp AT TIME ZONE {}").format(
                    self.until, city().time_zone
                )
            )
        if self.bbox:
            parts.append(
                sql.SQL("t.point && ST_MakeEnvelope({}, {}, {}, {}, 4326)").format(*self.bbox)
            )
        if self.text:
            parts.append(
                sql.SQL("(t.public_id = {} OR t.title ILIKE {} OR t.place_name ILIKE {})").format(
                    identifiers.normalise(self.text), *[_like(self.text)] * 2
                )
            )
        return sql.SQL(" AND ").join(parts)


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def _choices(values: Mapping[str, str], name: str, allowed: Iterable[str]) -> tuple[str, ...]:
    chosen = tuple(part for part in values.get(name, "").split(",") if part)
    for part in chosen:
        if part not in allowed:
            message = f"{name} is {part!r}; choose among {', '.join(allowed)}."
            raise InvalidInput(message, field=name)
    return chosen


def _date(values: Mapping[str, str], name: str) -> date | None:
    if not (text := values.get(name, "")):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{name} is {text!r}; give a date such as 2026-03-31."
        raise InvalidInput(message, field=name) from None


def _bbox(values: Mapping[str, str]) -> tuple[float, float, float, float] | None:
    if not (text := values.get("bbox", "")):
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west, south, east, north = 1.0, 1.0, 0.0, 0.0
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        message = f"bbox is {text!r}; give west,south,east,north in degrees."
        raise InvalidInput(message, field="bbox")
    return west, south, east, north


@dataclass(frozen=True)
class PublicRow:
    """One report as everybody may see it."""

    key: str
    public_id: str | None
    family: str
    category: str
    title: str
    state: str
    phase: str
    sensitivity: int
    description: str
    place_name: str
    ward: str
    lon: float | None
    lat: float | None
    shown_at: datetime
    closed_at: datetime | None

    @property
    def number(self) -> str:
        """The public identifier as people read it; empty where there is none."""
        return identifiers.in_halves(self.public_id) if self.public_id else ""

    @property
    def place(self) -> str:
        """Street and ward, as far as they are public."""
        return ", ".join(part for part in (self.place_name, self.ward) if part)


PUBLIC_ROWS = """
SELECT t.key, t.public_id, t.family, category.code, t.title, t.state, t.phase, t.sensitivity,
       t.description, t.place_name, coalesce(ward.name, ''), ST_X(t.point), ST_Y(t.point),
       t.shown_at, t.closed_at
FROM reports_publicreport AS t
JOIN reports_category AS category ON category.id = t.category_id
LEFT JOIN layers_area AS ward ON ward.id = t.ward_id
WHERE {condition} AND {after}
ORDER BY t.shown_at DESC, t.key DESC
LIMIT {limit}
"""


def _fetch(statement: sql.Composable) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def public_reports(
    wanted: ReportFilter, *, after: tuple[datetime, str] | None = None, limit: int = PAGE_SIZE
) -> list[PublicRow]:
    """Return reports as everybody may see them, newest first.

    `after` is the (shown_at, key) of the last row of the page before: paging stays right while
    new reports come in.
    """
    keyset = sql.SQL("(t.shown_at, t.key) < ({}, {})").format(*after) if after else sql.SQL("TRUE")
    statement = sql.SQL(PUBLIC_ROWS).format(condition=wanted.condition(), after=keyset, limit=limit)
    return [PublicRow(*row) for row in _fetch(statement)]


def count_public(wanted: ReportFilter) -> int:
    """Return how many reports pass the filter."""
    statement = sql.SQL("SELECT count(*) FROM reports_publicreport AS t WHERE {}").format(
        wanted.condition()
    )
    return int(_fetch(statement)[0][0])


def public_report(public_id: str) -> PublicRow:
    """Return one report by its public identifier.

    Raises
    ------
    NotFound
        When there is none that has a public page (classes P2 and P3 have none).
    """
    statement = sql.SQL(PUBLIC_ROWS).format(
        condition=sql.SQL("t.public_id = {}").format(identifiers.normalise(public_id)),
        after=sql.SQL("TRUE"),
        limit=1,
    )
    for row in _fetch(statement):
        return PublicRow(*row)
    message = f"There is no public report {public_id!r}. Check the number on your receipt."
    raise NotFound(message)


def timeline(report_id: int) -> QuerySet[HistoryEntry]:
    """Return a report's history, oldest first, with its texts and crews."""
    return (
        HistoryEntry.objects.filter(report_id=report_id)
        .select_related("text", "crew")
        .order_by("number")
    )


def report_of_public_id(public_id: str) -> int:
    """Return the key of a report that has a public page."""
    public_report(public_id)
    return Report.objects.values_list("id", flat=True).get(
        public_id=identifiers.normalise(public_id)
    )


def categories() -> list[Category]:
    """Return what can be reported, in the order of the form."""
    return list(Category.objects.filter(is_active=True).order_by("order", "title"))


# ---- the reporter ----


@dataclass(frozen=True)
class OwnReport:
    """A report as the holder of its receipt sees it."""

    report: Report
    lon: float | None
    lat: float | None


def own_report(receipt: str, viewer: Viewer) -> OwnReport:
    """Return the report that a receipt opens, with its exact place.

    Raises
    ------
    NotFound
        When no report has this receipt.
    """
    digest = identifiers.receipt_digest(receipt)
    report = Report.objects.select_related("category", "crew").filter(receipt_digest=digest).first()
    if report is None:
        message = "No report has this receipt. Check that the whole address was copied."
        raise NotFound(message)
    with acting_as(viewer.holding(report.pk)):
        exact = ExactLocation.objects.filter(report=report).first()
    lon, lat = exact.point.coords if exact else (None, None)
    return OwnReport(report, lon, lat)


# ---- crews and desks ----


@dataclass(frozen=True)
class Incident:
    """A report as the crew that works on it sees it."""

    report: Report
    lon: float | None
    lat: float | None


def _with_places(reports: list[Report], viewer: Viewer, purpose: str) -> list[Incident]:
    """Add exact places under the viewer's duties, and write down that they were read."""
    keys = [report.pk for report in reports]
    with acting_as(viewer):
        exact = {e.report_id: e.point for e in ExactLocation.objects.filter(report_id__in=keys)}
        if exact:
            ExactRead.objects.create(
                user_id=viewer.user_id,
                address=viewer.address,
                purpose=purpose,
                reports=sorted(exact),
            )
    return [Incident(r, *(exact[r.pk].coords if r.pk in exact else (None, None))) for r in reports]


def incidents(viewer: Viewer, phases: Iterable[str], limit: int = 100) -> list[Incident]:
    """Return what the viewer's crews have to do, oldest first.

    Reads of exact places are logged.
    """
    rows = (
        Report.objects.filter(within_duties(viewer), phase__in=list(phases))
        .select_related("category", "crew")
        .order_by("reported_at", "pk")[:limit]
    )
    return _with_places(list(rows), viewer, "list")


def count_incidents(viewer: Viewer, phases: Iterable[str]) -> int:
    """Return how many reports wait in the viewer's queue."""
    return Report.objects.filter(within_duties(viewer), phase__in=list(phases)).count()


def incident(public_id: str, viewer: Viewer) -> Incident:
    """Return one report of the viewer's duties, with its exact place; the read is logged.

    Raises
    ------
    NotFound
        When there is none in the viewer's reach, whether or not it exists.
    """
    report = (
        Report.objects.filter(within_duties(viewer), public_id=identifiers.normalise(public_id))
        .select_related("category", "crew")
        .first()
    )
    if report is None:
        message = f"There is no report {public_id!r} among those that you work on."
        raise NotFound(message)
    return _with_places([report], viewer, "page")[0]
