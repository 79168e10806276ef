"""The map of all reports and, in step with it, their list, what is chosen and what came when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import cos, radians
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from layers import gazetteer, registry
from layers.access import ANONYMOUS
from layers.errors import InvalidInput, NotFound
from layers.http import Request, in_city_time
from layers.queries import Bounds, city_bounds
from layers.registry import Layer
from reports import paging, periods, queries
from reports.filters import ReportFilter
from reports.queries import PublicRow
from reports.web import filters
from reports.web.maps import map_context

METRES_A_DEGREE = 111_320
NEAR_M = 300
MOST_PLACES = 5
BASE_MAP = frozenset({"railways"})
"""Data sets that the base map draws by itself."""
Point = gazetteer.Point
PLACE_ICONS: Mapping[str, str] = {
    "street": "signpost",
    "crossing": "waypoints",
    "area": "map",
    "report": "hash",
}


# ---- the address ----


def _near(values: dict[str, str]) -> Point | None:
    """Read the place that somebody asked about: longitude and latitude in EPSG:4326."""
    if not (text := values.get("near", "")):
        return None
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        lon, lat = 0.0, 91.0
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        message = _("near is “%(value)s”; give longitude,latitude in degrees.")
        raise InvalidInput(message % {"value": text}, field="near")
    return lon, lat


def _around(point: Point) -> Bounds:
    """Return the box that reaches 300 m from a place to each side."""
    lon, lat = point
    north = NEAR_M / METRES_A_DEGREE
    east = north / cos(radians(lat))
    return lon - east, lat - north, lon + east, lat + north


def _wanted(values: dict[str, str], near: Point | None) -> ReportFilter:
    wanted = ReportFilter.parse(values)
    return replace(wanted, bbox=_around(near)) if near and not wanted.bbox else wanted


# ---- words ----


def _count_in_words(count: int, wanted: ReportFilter) -> str:
    number = number_format(count, use_l10n=True, force_grouping=True)
    if wanted.bbox:
        words = ngettext("%(n)s report in view", "%(n)s reports in view", count)
    else:
        words = ngettext("%(n)s report", "%(n)s reports", count)
    return words % {"n": number}


def _nothing_in_words(wanted: ReportFilter, period: str) -> str:
    """Say that nothing was found, for which words and for which time."""
    about = _("“%(text)s”") % {"text": wanted.text} if wanted.text else ""
    when = period[:1].lower() + period[1:] if wanted.since or wanted.until else ""
    what = ", ".join(part for part in (about, when) if part)
    return _("No reports here: %(what)s") % {"what": what} if what else _("No reports here")


# ---- places ----


@dataclass(frozen=True)
class PlaceLink:
    """A place as a link: its own page, or the map around it."""

    label: str
    detail: str
    icon: str
    url: str
    lon_lat: str


def _centre(bounds: Bounds | None) -> Point | None:
    if bounds is None:
        return None
    west, south, east, north = bounds
    return (west + east) / 2, (south + north) / 2


def _link(query: QueryDict, place: gazetteer.Place) -> PlaceLink:
    lon_lat = f"{place.lon:.5f},{place.lat:.5f}"
    around = filters.address_with(query, q="", bbox="", selected="", near=lon_lat)
    return PlaceLink(
        label=place.label,
        detail=place.detail,
        icon=PLACE_ICONS.get(place.kind, "map-pin"),
        url=place.url or f"?{around}",
        lon_lat="" if place.url else lon_lat,
    )


def _places(query: QueryDict, wanted: ReportFilter) -> list[PlaceLink]:
    """Return the places that the search may mean, beside the reports that bear its words."""
    if not wanted.text or "after" in query:
        return []
    found = gazetteer.find(wanted.text, _centre(wanted.bbox), limit=MOST_PLACES)
    return [_link(query, place) for place in found]


def _nearby(query: QueryDict, spot: gazetteer.Whereabouts) -> list[PlaceLink]:
    return [
        _link(query, gazetteer.Place("street", street.name, street.lon, street.lat))
        for street in spot.nearby
    ]


# ---- parts of the page ----


def _chosen(public_id: str) -> PublicRow | None:
    """Return the report that the address chooses; one that is gone is simply not chosen."""
    try:
        return queries.public_report(public_id) if public_id else None
    except NotFound:
        return None


def _list(query: QueryDict, values: dict[str, str], wanted: ReportFilter) -> dict[str, Any]:
    page = paging.public_page(wanted, values.get("after", ""))
    choices = filters.presets(query, wanted)
    period = filters.period_in_words(wanted, choices)
    histogram = periods.histogram(wanted)
    return {
        "wanted": wanted,
        "places": _places(query, wanted),
        "page": page,
        "next": paging.next_address(query, page),
        "count": _count_in_words(queries.count_public(wanted), wanted),
        "newest": paging.first_address(query) if values.get("after") else None,
        "nothing": _nothing_in_words(wanted, period),
        "presets": choices,
        "period": period,
        "histogram": filters.draw(histogram, wanted) if histogram else None,
    }


def _choice(query: QueryDict, values: dict[str, str], near: Point | None) -> dict[str, Any]:
    chosen = _chosen(values.get("selected", ""))
    spot = gazetteer.at(*near) if near and not chosen else None
    return {
        "chosen": chosen,
        "near": near,
        "spot": spot,
        "nearby": _nearby(query, spot) if spot else [],
        "unchosen": filters.address_with(query, selected="", near=""),
    }


def _findings() -> list[Layer]:
    """Return what everybody may lay over the map."""
    return [layer for layer in registry.findings(ANONYMOUS) if layer.slug not in BASE_MAP]


def _finding(slug: str) -> Layer | None:
    """Return the published layer that the address lays over the map."""
    return registry.resolve(slug, ANONYMOUS) if slug and slug not in BASE_MAP else None


def _page(
    request: Request, values: dict[str, str], wanted: ReportFilter, chosen: PublicRow | None
) -> dict[str, Any]:
    bounds = wanted.bbox
    if bounds is None and chosen and chosen.lon is not None and chosen.lat is not None:
        bounds = _around((chosen.lon, chosen.lat))
    return map_context(request, bounds or city_bounds()) | {
        "kinds": filters.kinds(wanted),
        "phases": filters.phases(wanted),
        "findings": _findings(),
        "finding": _finding(values.get("layer", "")),
        "all_filters_off": filters.address_with(QueryDict(), bbox=values.get("bbox", "")),
    }


@require_safe
@in_city_time
def home(request: Request) -> HttpResponse:
    """Show the map of all reports and, in step with it, their list.

    The header ``X-Fragment`` asks for a part alone: ``list``, or ``chosen``, the report or the
    place that the address chooses.
    """
    values = paging.values_of(request.GET)
    near = _near(values)
    wanted = _wanted(values, near)
    match request.headers.get("X-Fragment"):
        case "list":
            context = _list(request.GET, values, wanted)
            response = render(request, "reports/home_list.html", context | {"is_part": True})
        case "chosen":
            context = _choice(request.GET, values, near)
            response = render(request, "reports/home_chosen.html", context)
        case _:
            context = _list(request.GET, values, wanted) | _choice(request.GET, values, near)
            context |= _page(request, values, wanted, context["chosen"])
            response = render(request, "reports/home.html", context)
    # A part has the page's address: a browser must not show one for the other.
    patch_vary_headers(response, ["X-Fragment"])
    return response
