"""One report, as everybody may see it, and what anybody may say of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from layers import throttle
from layers.errors import Conflict, InvalidInput
from layers.http import Request, in_city_time
from reports import identifiers, queries, voices
from reports.web.devices import device_of, remember
from reports.web.maps import map_context

ME_TOO_TRIES = 20
ME_TOO_WINDOW_S = 3600


@require_safe
@in_city_time
def public_report(request: Request, public_id: str) -> HttpResponse:
    """Show what everybody may see of one report; classes P2 and P3 have no such page."""
    row = queries.public_report(public_id)
    if row.public_id and row.public_id != public_id:
        return redirect("public_report", row.public_id, permanent=True)
    context = map_context(request, queries.shown_bounds(row)) | {
        "row": row,
        "point": None if row.lon is None else (row.lon, row.lat),
        "timeline": queries.public_timeline(row),
    }
    return render(request, "reports/public.html", context)


@require_safe
@in_city_time
def similar(request: Request) -> HttpResponse:
    """List open reports of a kind near a place, as a piece of a page; nothing for other classes."""
    try:
        lon, lat = (float(request.GET.get(name, "")) for name in ("lon", "lat"))
    except ValueError:
        message = _("Give the place as lon and lat in degrees.")
        raise InvalidInput(message, field="lon") from None
    found = queries.similar(request.GET.get("category", ""), lon, lat)
    return render(request, "reports/similar.html", {"similar": found})


@require_POST
def me_too(request: Request, public_id: str) -> HttpResponse:
    """Count the browser among those that a report affects, or (`undo`) no longer."""
    throttle.enter(request, "me-too", tries=ME_TOO_TRIES, seconds=ME_TOO_WINDOW_S)
    device = device_of(request) or identifiers.new_device()
    try:
        if "undo" in request.POST:
            voices.take_me_too_back(public_id, device)
            messages.success(request, _("Taken back. You are not counted any more."))
        else:
            voices.say_me_too(public_id, device)
            messages.success(request, _("Thank you. You are counted."))
    except Conflict as error:
        messages.info(request, error.message)
    address = reverse("public_report", args=[identifiers.normalise(public_id)])
    response = redirect(f"{address}#voices")
    remember(response, device)
    return response
