"""Tiles and their description."""

import hashlib

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.http import require_safe

from layers import registry, tiles
from layers.access import ANONYMOUS
from layers.http import Request
from layers.registry import Layer

TILE_TYPE = "application/vnd.mapbox-vector-tile"
PUBLIC_SECONDS = 30


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
    return response
