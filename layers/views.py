"""Tiles and their description; places by name, and the name of a place."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from math import nan

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from layers import gazetteer, registry, throttle, tiles
from layers.access import ANONYMOUS
from layers.errors import InvalidInput
from layers.http import Request
from layers.registry import Layer

TILE_TYPE = "application/vnd.mapbox-vector-tile"
PUBLIC_SECONDS = 30
PLACE_TRIES = 300
PLACE_WINDOW_S = 60
PLACE_SECONDS = 60


def _cache_control(layer: Layer) -> str:
    """Keep what everybody may see for a moment, and what few may see nowhere."""
    if layer.audience is None:
        return f"public, max-age={PUBLIC_SECONDS}"
    return "private, no-store"


@require_safe
def tile(request: Request, slug: str, z: int, x: int, y: int) -> HttpResponse:
    """Return one tile of a layer; the query string filters it."""
    layer = registry.resolve(slug, request.viewer)
    viewer = ANONYMOUS if layer.audience is None else request.viewer
    content = tiles.tile(layer, viewer, (z, x, y), request.GET.dict())
    etag = quote_etag(hashlib.blake2b(content, digest_size=16).hexdigest())
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type=TILE_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = _cache_control(layer)
    return response


@require_safe
def tile_json(request: Request, slug: str) -> JsonResponse:
    """Return the TileJSON document of a layer; the query string goes into the tiles' address."""
    layer = registry.resolve(slug, request.viewer)
    address = reverse("tile", args=[slug, 0, 0, 0]).replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt")
    query = request.META["QUERY_STRING"]
    site = request.build_absolute_uri("/").rstrip("/")
    url = f"{site}{address}" + (f"?{query}" if query else "")
    response = JsonResponse(tiles.tile_json(layer, url))
    response["Cache-Control"] = _cache_control(layer)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
def places(request: Request) -> JsonResponse:
    """Return the places that ``q`` may mean, those around ``near`` (lon,lat) first."""
    throttle.enter(request, "places", tries=PLACE_TRIES, seconds=PLACE_WINDOW_S)
    lon, _comma, lat = request.GET.get("near", "").partition(",")
    near = _point(lon, lat, "near") if lon else None
    found = gazetteer.find(request.GET.get("q", ""), near)
    return _kept_by_reader({"places": [asdict(place) for place in found]})


@require_safe
def place_at(request: Request) -> JsonResponse:
    """Return what the point ``lon``, ``lat`` is called and what lies around it."""
    throttle.enter(request, "places", tries=PLACE_TRIES, seconds=PLACE_WINDOW_S)
    point = _point(request.GET.get("lon", ""), request.GET.get("lat", ""), "point")
    return _kept_by_reader(asdict(gazetteer.at(*point)))


def _point(lon: str, lat: str, field: str) -> gazetteer.Point:
    """Read longitude and latitude (EPSG:4326) within the map's reach."""
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        x = y = nan
    if not gazetteer.is_on_map(x, y):
        message = _(
            "%(field)s is “%(lon)s, %(lat)s”; give longitude (-180 to 180), then latitude "
            "(-85.06 to 85.06)."
        )
        raise InvalidInput(message % {"field": field, "lon": lon, "lat": lat}, field=field)
    return x, y


def _kept_by_reader(body: Mapping[str, object]) -> JsonResponse:
    """Answer; only the reader's own browser may keep it: the address tells where somebody looks."""
    response = JsonResponse(body)
    response["Cache-Control"] = f"private, max-age={PLACE_SECONDS}"
    return response
