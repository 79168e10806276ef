"""Rasters as files, of which programs read the parts that they need by range requests."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from layers.errors import NotFound
from layers.http import Request
from layers.models import Raster
from layers.rasters.storing import path_of
from layers.registry import AUDIENCES

COG_TYPE = "image/tiff; application=geotiff; profile=cloud-optimized"
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PIECE_BYTES = 256 * 1024
PUBLIC_SECONDS = 300


@require_safe
def raster(request: Request, slug: str) -> HttpResponseBase:
    """Serve the Cloud-Optimised GeoTIFF of a raster, whole or one range of its bytes (RFC 9110)."""
    row = Raster.objects.filter(slug=slug).first()
    audience = AUDIENCES[row.audience] if row else None
    if row is None or not (audience is None or request.viewer.has(*audience)):
        raise NotFound(_("There is no raster called “%(slug)s”.") % {"slug": slug})
    path = path_of(row)
    if not path.is_file():
        message = _("The file of “%(title)s” is not on this server. Import it again.")
        raise NotFound(message % {"title": row.title})
    etag = quote_etag(path.stem)
    response = get_conditional_response(request, etag=etag) or _answer(request, path, etag)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Content-Disposition"] = f'inline; filename="{row.slug}.tif"'
    response["Cache-Control"] = (
        f"public, max-age={PUBLIC_SECONDS}" if audience is None else "private, no-store"
    )
    return response


def _answer(request: Request, path: Path, etag: str) -> HttpResponseBase:
    size = path.stat().st_size
    asked = request.headers.get("Range", "")
    condition = request.headers.get("If-Range", etag)
    found = ONE_RANGE.fullmatch(asked.replace(" ", ""))
    if request.method != "GET" or condition != etag or found is None or found[0] == "bytes=-":
        return _part(path, 0, size, 200)
    first, last = found.groups()
    # Without a beginning, the number is how many of the last bytes are wanted.
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if start >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if end <= start:
        return _part(path, 0, size, 200)
    response = _part(path, start, end, 206)
    response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _part(path: Path, start: int, end: int, status: int) -> HttpResponseBase:
    response = StreamingHttpResponse(_bytes(path, start, end), status=status, content_type=COG_TYPE)
    response["Content-Length"] = str(end - start)
    return response


def _bytes(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (piece := file.read(min(PIECE_BYTES, end - start))):
            start += len(piece)
            yield piece
