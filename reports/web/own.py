"""One report, for the holder of its receipt."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from layers import throttle
from layers.http import Request, in_city_time
from layers.queries import city_bounds
from reports import queries
from reports.masking import rule_of
from reports.web.maps import map_context

RECEIPT_TRIES = 60
RECEIPT_WINDOW_S = 300


@require_safe
@in_city_time
def receipt(request: Request, receipt: str) -> HttpResponse:
    """Show the reporter's own page: the exact place, the state, the history."""
    throttle.enter(request, "receipt", tries=RECEIPT_TRIES, seconds=RECEIPT_WINDOW_S)
    own = queries.own_report(receipt, request.viewer)
    rule = rule_of(own.report.sensitivity)
    context = map_context(request, city_bounds()) | {
        "own": own,
        "report": own.report,
        "point": None if own.lon is None else (own.lon, own.lat),
        "timeline": queries.own_timeline(own.report.pk),
        "is_new": "sent" in request.GET,
        "has_public_page": rule is not None and rule.has_public_id,
        "address": request.build_absolute_uri(reverse("receipt", args=[receipt])),
        "address_is_secret": True,
    }
    response = render(request, "reports/receipt.html", context)
    # The address is the key: it must not travel, be found or be kept by others.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response
