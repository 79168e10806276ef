"""One report, as everybody may see it, and what anybody may say of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from layers import throttle
from layers.errors import Conflict, InvalidInput
from layers.http import Request, in_city_time
from reports import gallery, identifiers, nearby, queries, questions, tracking, voices, wording
from reports.masking import time_unit_of
from reports.models import Sensitivity
from reports.queries import PublicRow
from reports.web import verdicts
from reports.web.devices import device_of, remember
from reports.web.maps import map_context
from reports.workflow import is_reopened, upcoming

ME_TOO_TRIES = 20
ME_TOO_WINDOW_S = 3600


@require_safe
@in_city_time
def public_report(request: Request, public_id: str) -> HttpResponse:
    """Show what everybody may see of one report; classes P2 and P3 have no such page."""
    row = queries.public_report(public_id)
    if row.public_id and row.public_id != public_id:
        return redirect("public_report", row.public_id, permanent=True)
    report, answers = tracking.of_public(row)
    is_open = row.sensitivity == Sensitivity.OPEN
    timeline = queries.public_timeline(row)
    context = map_context(request, queries.shown_bounds(row)) | {
        "row": row,
        "is_open": is_open,
        "point": None if row.lon is None else (row.lon, row.lat),
        "photos": gallery.of_public(row.key),
        "timeline": timeline,
        "upcoming": upcoming(row.state),
        "is_reopened": is_reopened((entry.event, entry.state) for entry in timeline),
        "joined_with": tracking.joined_with(report),
        "outlook": _outlook(row),
        "department": tracking.departments([row]).get(row.key, ""),
        "answers": questions.in_words(report.category.questions, answers),
        "voices": tracking.voices_of(report, device_of(request)) if is_open else None,
        "me_too_url": reverse("me_too", args=[row.public_id]),
        "verdict_url": reverse("verdict", args=[row.public_id]),
    }
    return render(request, "reports/public.html", context)


def _outlook(row: PublicRow) -> wording.Outlook | None:
    return wording.outlook(
        row.state,
        reported_at=row.shown_at,
        closed_at=row.closed_at,
        promised_at=row.promised_at,
        unit=time_unit_of(row.sensitivity),
        now=timezone.now(),
    )


@require_safe
@in_city_time
def similar(request: Request) -> HttpResponse:
    """List open reports of a kind near a place, as a piece of a page; nothing for other classes."""
    try:
        lon, lat = (float(request.GET.get(name, "")) for name in ("lon", "lat"))
    except ValueError:
        message = _("Give the place as lon and lat in degrees.")
        raise InvalidInput(message, field="lon") from None
    found = nearby.similar(request.GET.get("category", ""), lon, lat)
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
    response = redirect("public_report", identifiers.normalise(public_id))
    remember(response, device)
    return response


@require_POST
def verdict(request: Request, public_id: str) -> HttpResponse:
    """Take what somebody says of a closing: fixed, partly, not fixed; or (`undo`) take it back."""
    verdicts.hold_back(request)
    device = device_of(request) or identifiers.new_device()
    try:
        if "undo" in request.POST:
            voices.take_verdict_back(public_id, device)
            messages.success(request, str(verdicts.TAKEN_BACK))
        else:
            answer, closing, note = verdicts.parse(request)
            verdicts.reply(request, voices.judge(public_id, device, answer, closing, note))
    except (Conflict, InvalidInput) as error:
        messages.error(request, error.message)
    response = redirect("public_report", identifiers.normalise(public_id))
    remember(response, device)
    return response
