"""The read side of crews and desks: what they work on, with exact places; every read is logged."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from django.contrib.gis.db.models import Extent
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from layers.access import Viewer, acting_as
from layers.errors import NotFound
from layers.models import Area
from layers.queries import Bounds, city_bounds
from reports import identifiers
from reports.models import Contact, Crew, ExactLocation, ExactRead, Report
from reports.queries import within_duties
from reports.workflow import Phase


@dataclass(frozen=True)
class Incident:
    """A report as the crew that works on it sees it."""

    report: Report
    lon: float | None
    lat: float | None
    contact: Contact | None = None


def _log_read(viewer: Viewer, purpose: str, keys: Iterable[int]) -> None:
    """Write down that exact places or contacts were read; nothing read, nothing written."""
    if reports := sorted(keys):
        ExactRead.objects.create(
            user_id=viewer.user_id, address=viewer.address, purpose=purpose, reports=reports
        )


def _with_places(reports: list[Report], viewer: Viewer, purpose: str) -> list[Incident]:
    """Add exact places under the viewer's duties, and write down that they were read."""
    keys = [report.pk for report in reports]
    with acting_as(viewer):
        exact = {e.report_id: e.point for e in ExactLocation.objects.filter(report_id__in=keys)}
        _log_read(viewer, purpose, exact)
    return [Incident(r, *(exact[r.pk].coords if r.pk in exact else (None, None))) for r in reports]


def _in_queue(viewer: Viewer, phases: Iterable[str]) -> QuerySet[Report]:
    return Report.objects.filter(within_duties(viewer), phase__in=list(phases))


def queue_of(
    viewer: Viewer,
    phases: Iterable[str],
    *,
    after: str = "",
    last_changed_first: bool = False,
    limit: int = 100,
) -> list[Incident]:
    """Return what the viewer's crews have to do, oldest first, or what changed last first.

    What is to be done again, because somebody says that it is not fixed, stands before all else.
    `after` is the public identifier of the last report of the page before; a report that the
    viewer may not see begins no page. Reads of exact places are logged.
    """
    queue = _in_queue(viewer, phases)
    moment = "changed_at" if last_changed_first else "reported_at"
    if after:
        sign = "lt" if last_changed_first else "gt"
        last = _in_queue(viewer, Phase.values).filter(public_id=identifiers.normalise(after))
        for at, key, reopened_at in last.values_list(moment, "pk", "reopened_at"):
            later = Q(**{f"{moment}__{sign}": at}) | Q(**{moment: at, f"pk__{sign}": key})
            queue = queue.filter(_after_reopened(reopened_at, later))
    order = [f"-{moment}", "-pk"] if last_changed_first else [moment, "pk"]
    first = F("reopened_at").asc(nulls_last=True)
    rows = queue.select_related("category", "crew", "public").order_by(first, *order)[:limit]
    return _with_places(list(rows), viewer, "list")


def _after_reopened(reopened_at: datetime | None, later: Q) -> Q:
    """Return the condition of what follows a report in a queue that puts reopened ones first."""
    if reopened_at is None:
        return Q(reopened_at=None) & later
    among_them = Q(reopened_at__gt=reopened_at) | (Q(reopened_at=reopened_at) & later)
    return Q(reopened_at=None) | among_them


def count(viewer: Viewer, *queues: Iterable[str]) -> list[int]:
    """Return how many reports stand in each of the viewer's queues, given by their phases."""
    wanted = [list(phases) for phases in queues]
    counted = _in_queue(viewer, chain.from_iterable(wanted)).aggregate(
        **{f"n{i}": Count("pk", filter=Q(phase__in=phases)) for i, phases in enumerate(wanted)}
    )
    return [counted[f"n{i}"] for i in range(len(wanted))]


def of_public_id(public_id: str, viewer: Viewer) -> Incident:
    """Return one report of the viewer's duties, with its exact place and its reporter.

    Both reads are logged.

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
        message = _("There is no report “%(number)s” among those that you work on.")
        raise NotFound(message % {"number": public_id})
    with acting_as(viewer):
        (found,) = _with_places([report], viewer, "page")
        contact = Contact.objects.filter(report=report).first()
        _log_read(viewer, "contact", [report.pk] if contact else [])
    return replace(found, contact=contact)


def crews_of(viewer: Viewer) -> list[Crew]:
    """Return the crews and desks that the viewer works in."""
    return list(Crew.objects.filter(pk__in=[d.crew for d in viewer.duties]).order_by("name"))


def bounds_of_duties(viewer: Viewer) -> Bounds:
    """Return the bounds of the zones that a viewer works in; the city's for one without a zone."""
    keys = [duty.areas for duty in viewer.duties]
    if None in keys:
        return city_bounds()
    areas = Area.objects.filter(pk__in=chain.from_iterable(k for k in keys if k is not None))
    return areas.aggregate(extent=Extent("geometry"))["extent"] or city_bounds()
