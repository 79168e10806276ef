"""Photos: sent before the report, and served by the query that decides who sees them."""

from typing import cast

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_POST, require_safe

from layers import throttle
from layers.access import ANONYMOUS
from layers.errors import NotFound
from layers.http import Request
from reports import gallery, photos, queries, uploads
from reports.gallery import Jpeg, Size

# A photo that staff hide is gone from every screen after this time.
PUBLIC_S = 300
RECEIPT_TRIES = 300
RECEIPT_WINDOW_S = 300


# ---- sent before the report ----


@require_POST
def upload(request: Request) -> HttpResponse:
    """Take one photo for a draft; answer its key, a preview, and what its camera knew."""
    accepted = uploads.receive(request, request.POST.get("draft", ""), request.FILES.get("photo"))
    status = 201 if accepted.is_new else 200
    return JsonResponse(
        uploads.told(accepted), status=status, headers={"Cache-Control": "no-store"}
    )


@require_POST
def remove(request: Request, key: str) -> HttpResponse:
    """Remove a photo from a draft."""
    photos.remove(key, uploads.draft_of(request.POST.get("draft", "")))
    return HttpResponse(status=204)


@require_safe
def unsent(_request: Request, key: str) -> HttpResponseBase:
    """Show the small photo to whoever has just sent it, and so knows its key."""
    return _private(gallery.jpeg(key, "small", gallery.sender_of(key)))


# ---- served ----


@require_safe
def large(request: Request, key: str) -> HttpResponseBase:
    """Serve a photo to whoever may see it."""
    return _serve(request, key, "large")


@require_safe
def small(request: Request, key: str) -> HttpResponseBase:
    """Serve the small copy of a photo to whoever may see it."""
    return _serve(request, key, "small")


def _serve(request: Request, key: str, size: Size) -> HttpResponseBase:
    """Ask as anybody first: what is public must not vary by who asks, or no cache could keep it."""
    try:
        jpeg = gallery.jpeg(key, size, ANONYMOUS)
    except NotFound:
        return _private(gallery.jpeg(key, size, request.viewer))
    etag = quote_etag(f"{key}-{size}")
    caching = {"Cache-Control": f"public, max-age={PUBLIC_S}", "ETag": etag}
    picture = HttpResponse(jpeg.content, content_type="image/jpeg", headers=caching)
    answer = get_conditional_response(request, etag=etag, response=picture)
    # Not modified or not: a browser replaces the headers that it has by those that come.
    return _harmless(cast("HttpResponseBase", answer))


@require_safe
def own_large(request: Request, receipt: str, key: str) -> HttpResponseBase:
    """Serve a photo to the holder of its report's receipt."""
    return _serve_own(request, receipt, key, "large")


@require_safe
def own_small(request: Request, receipt: str, key: str) -> HttpResponseBase:
    """Serve the small copy of a photo to the holder of its report's receipt."""
    return _serve_own(request, receipt, key, "small")


def _serve_own(request: Request, receipt: str, key: str, size: Size) -> HttpResponseBase:
    throttle.enter(request, "receipt_photo", tries=RECEIPT_TRIES, seconds=RECEIPT_WINDOW_S)
    own = queries.own_report(receipt, ANONYMOUS)
    return _private(gallery.jpeg(key, size, ANONYMOUS.holding(own.report.pk)))


def _private(jpeg: Jpeg) -> HttpResponseBase:
    headers = {
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    return _harmless(HttpResponse(jpeg.content, content_type="image/jpeg", headers=headers))


def _harmless(response: HttpResponseBase) -> HttpResponseBase:
    """Let no browser take a picture for anything else, nor another site show it."""
    response["Content-Disposition"] = 'inline; filename="photo.jpg"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response
