"""The read side of reports: the only code that knows who may see which row."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.db.models import Extent
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Now
from django.db.models.lookups import IsNull, LessThanOrEqual
from django.utils.translation import gettext as _
from psycopg import sql

from layers.access import Duty, Viewer, acting_as
from layers.errors import NotFound
from layers.models import Area
from layers.queries import Bounds, city, city_bounds
from reports import identifiers
from reports.filters import ReportFilter
from reports.masking import rule_of, time_unit_of
from reports.models import (
    Category,
    Crew,
    ExactLocation,
    HistoryEntry,
    Membership,
    Report,
    ReportArea,
    Sensitivity,
    ShownReport,
    Zone,
)
from reports.workflow import Event

PAGE_SIZE = 50


# ---- who ----


def duties_of(user_id: int) -> tuple[Duty, ...]:
    """Return what a user's memberships in crews and desks let them work on."""
    memberships = (
        Membership.objects.filter(user_id=user_id, user__is_active=True)
        .annotate(
            areas=ArraySubquery(
                Zone.areas.through.objects.filter(zone_id=OuterRef("crew__zone_id")).values("area")
            ),
            categories=ArraySubquery(
                Crew.categories.through.objects.filter(crew_id=OuterRef("crew_id")).values(
                    "category"
                )
            ),
        )
        .order_by("crew_id")
        .values_list("crew_id", "crew__clearance", "crew__zone_id", "areas", "categories")
    )
    return tuple(
        Duty(
            areas=None if zone is None else frozenset(areas),
            categories=frozenset(categories),
            clearance=clearance,
            crew=crew,
        )
        for crew, clearance, zone, areas, categories in memberships
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
    promised_at: datetime | None
    me_too: int

    @property
    def number(self) -> str:
        """The public identifier as people read it; empty where there is none."""
        return identifiers.in_halves(self.public_id) if self.public_id else ""

    @property
    def place(self) -> str:
        """Street and ward, as far as they are public."""
        return ", ".join(part for part in (self.place_name, self.ward) if part)


NAME = """CASE WHEN t.public_id IS NULL
    THEN encode(sha256({salt} || convert_to(t.key, 'UTF8')), 'hex') ELSE t.key END"""
"""As `name_of` has it."""
PUBLIC_ROWS = """
SELECT t.key, t.public_id, t.family, category.code, t.title, t.state, t.phase, t.sensitivity,
       t.description, t.place_name, coalesce(ward.name, ''), ST_X(t.point), ST_Y(t.point),
       t.shown_at, t.closed_at, t.promised_at, t.me_too
FROM reports_shown AS t
JOIN reports_category AS category ON category.id = t.category_id
LEFT JOIN layers_area AS ward ON ward.id = t.ward_id
WHERE {condition}
ORDER BY t.shown_at DESC, {name} DESC
LIMIT {limit}
"""


def _fetch(statement: sql.Composable) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def public_rows(condition: sql.Composable, *, limit: int, salt: bytes = b"") -> list[PublicRow]:
    """Return at most `limit` reports that meet a condition over the alias ``t``, newest first."""
    name = sql.SQL(NAME).format(salt=salt)
    statement = sql.SQL(PUBLIC_ROWS).format(condition=condition, limit=limit, name=name)
    return [PublicRow(*row) for row in _fetch(statement)]


@dataclass(frozen=True)
class Place:
    """A place in the list: behind the row of this time and name; without a name, before all."""

    shown_at: datetime
    name: str


def name_of(row: PublicRow, salt: bytes) -> str:
    """Return by what a row stands among those of its time."""
    if row.public_id:
        return row.key
    return hashlib.sha256(salt + row.key.encode()).hexdigest()


def public_reports(
    wanted: ReportFilter, salt: bytes, *, after: Place | None = None, limit: int = PAGE_SIZE
) -> list[PublicRow]:
    """Return reports as everybody may see them, newest first.

    Reports without a public number stand among those of their time as the `salt` has it: with
    another one in another order, so that no place in the list can be followed. `after` is where
    the page before ended: paging stays right while new reports come in.
    """
    condition = wanted.condition()
    if after and after.name:
        condition += sql.SQL(" AND (t.shown_at, {name}) < ({shown_at}, {after})").format(
            name=sql.SQL(NAME).format(salt=salt), shown_at=after.shown_at, after=after.name
        )
    elif after:
        condition += sql.SQL(" AND t.shown_at <= {}").format(after.shown_at)
    return public_rows(condition, limit=limit, salt=salt)


def count_public(wanted: ReportFilter) -> int:
    """Return how many reports pass the filter."""
    statement = sql.SQL("SELECT count(*) FROM reports_shown AS t WHERE {}").format(
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
    condition = sql.SQL("t.public_id = {}").format(identifiers.normalise(public_id))
    for row in public_rows(condition, limit=1):
        return row
    message = _("There is no public report “%(number)s”. Check the number on your receipt.")
    raise NotFound(message % {"number": public_id})


def shown_bounds(row: PublicRow) -> Bounds:
    """Return the bounds of the area that a report is shown in, or the city's."""
    area = Area.objects.filter(shownreport__key=row.key)
    return area.aggregate(extent=Extent("geometry"))["extent"] or city_bounds()


def ward_bounds(name: str) -> Bounds:
    """Return the bounds of a ward by its name, or the city's where it is not known."""
    wards = Area.objects.filter(kind=city().ward_kind_id, name=name)
    return wards.aggregate(extent=Extent("geometry"))["extent"] or city_bounds()


@dataclass(frozen=True)
class Happening:
    """One entry of a report's history, as its reader may see it: no names of staff."""

    event: str
    state: str
    at: datetime
    note: str
    crew: str


def _happening(
    entry: HistoryEntry, *, shows_text: bool = True, shows_crew: bool = True
) -> Happening:
    text = getattr(entry, "text", None)
    by_crew = entry.event == Event.TRANSITION
    return Happening(
        event=entry.event,
        state=entry.state,
        at=entry.at,
        note=text.note if text and shows_text else "",
        crew=entry.crew.name if by_crew and entry.crew and shows_crew else "",
    )


def public_timeline(row: PublicRow) -> list[Happening]:
    """Return a report's history as everybody may see it, newest first.

    Notes show where the class shows text, crews where it shows the place: a crew's zone and the
    ward together would be a smaller area than the ward. Times are to be said as the class asks.
    """
    rule = rule_of(row.sensitivity)
    shows_text = rule is not None and rule.shows_text
    shows_crew = rule is not None and rule.shows_exact_point
    shown = ShownReport.objects.values_list("report_id", flat=True).get(key=row.key)
    entries = timeline(shown).filter(_is_told(row.sensitivity)).reverse()
    return [_happening(e, shows_text=shows_text, shows_crew=shows_crew) for e in entries]


def _is_told(sensitivity: int) -> Q:
    """Return the condition that a history entry's batch has begun."""
    batch = Func(
        Value(time_unit_of(sensitivity)),
        F("at"),
        Value(city().time_zone),
        function="reports_next_batch",
        output_field=DateTimeField(null=True),
    )
    return Q(IsNull(batch, True)) | Q(LessThanOrEqual(batch, Now()))


def is_shown(report_id: int) -> bool:
    """Tell whether everybody may see something of a report by now."""
    return ShownReport.objects.filter(report=report_id).exists()


def me_too_of(report_id: int) -> int:
    """Return how many more an openly shown report affects; none for other classes."""
    shown = ShownReport.objects.filter(report=report_id)
    return shown.values_list("me_too", flat=True).first() or 0


def own_timeline(report_id: int) -> list[Happening]:
    """Return a report's history as its reporter reads it, newest first."""
    return [_happening(e) for e in timeline(report_id).reverse()]


def timeline(report_id: int) -> QuerySet[HistoryEntry]:
    """Return a report's steps, oldest first, with their texts and crews."""
    return _with_texts(HistoryEntry.steps.filter(report_id=report_id))


def whole_history(report_id: int) -> QuerySet[HistoryEntry]:
    """Return all that happened to a report, for those who work on it; oldest first."""
    return _with_texts(HistoryEntry.objects.filter(report_id=report_id))


def _with_texts(entries: QuerySet[HistoryEntry]) -> QuerySet[HistoryEntry]:
    return entries.select_related("text", "crew").order_by("number")


def categories() -> list[Category]:
    """Return what can be reported, in the order of the form."""
    return list(Category.objects.filter(is_active=True).order_by("order", "title"))


FREQUENT = """
SELECT category.code
FROM (
    SELECT category_id FROM reports_shown ORDER BY shown_at DESC, key DESC LIMIT %(recent)s
) AS recent
JOIN reports_category AS category ON category.id = recent.category_id
WHERE category.is_active AND category.sensitivity <= %(sensitivity)s
GROUP BY category.code, category."order"
ORDER BY count(*) DESC, category."order"
LIMIT %(limit)s
"""


def frequent_categories(limit: int = 8) -> list[str]:
    """Return the codes of the open and personal kinds that came most often of late."""
    values = {"recent": 500, "sensitivity": Sensitivity.PERSONAL, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(FREQUENT, values)
        return [code for (code,) in cursor.fetchall()]


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
        message = _("No report has this receipt. Check that the whole address was copied.")
        raise NotFound(message)
    with acting_as(viewer.holding(report.pk)):
        exact = ExactLocation.objects.filter(report=report).first()
    lon, lat = exact.point.coords if exact else (None, None)
    return OwnReport(report, lon, lat)
