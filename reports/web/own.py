"""One report, for the holder of its receipt."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from layers import throttle
from layers.errors import Conflict, InvalidInput
from layers.http import Request, in_city_time
from layers.queries import city_bounds
from reports import gallery, queries, questions, tracking, voices, wording
from reports.masking import rule_of
from reports.models import Report
from reports.web import verdicts
from reports.web.maps import map_context
from reports.workflow import upcoming

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
        "receipt": receipt,
        "report": own.report,
        "point": None if own.lon is None else (own.lon, own.lat),
        "photos": gallery.of_own(own.report.pk),
        "timeline": queries.own_timeline(own.report.pk),
        "upcoming": upcoming(own.report.state),
        "joined_with": tracking.joined_with(own.report),
        "outlook": _outlook(own.report),
        "department": tracking.department_of(own.report.pk),
        "answers": questions.in_words(own.report.category.questions, own.report.answers),
        "me_too": queries.me_too_of(own.report.pk),
        "voices": tracking.voices_of(own.report, "", is_reporter=True),
        "verdict_url": reverse("own_verdict", args=[receipt]),
        "is_new": "sent" in request.GET,
        "has_public_page": rule is not None and rule.has_public_id,
        "is_shown": queries.is_shown(own.report.pk),
        "address": request.build_absolute_uri(reverse("receipt", args=[receipt])),
        "address_is_secret": True,
    }
    response = render(request, "reports/receipt.html", context)
    # The address is the key: it must not travel, be found or be kept by others.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


def _outlook(report: Report) -> wording.Outlook | None:
    return wording.outlook(
        report.state,
        reported_at=report.reported_at,
        closed_at=report.closed_at,
        promised_at=report.promised_at,
        unit="minute",
        now=timezone.now(),
    )


@csrf_exempt  # its browser sends no origin; the address itself proves who asks
@require_POST
def verdict(request: Request, receipt: str) -> HttpResponse:
    """Take what the reporter says of a closing; or (`undo`) take it back."""
    throttle.enter(request, "receipt", tries=RECEIPT_TRIES, seconds=RECEIPT_WINDOW_S)
    verdicts.hold_back(request)
    try:
        if "undo" in request.POST:
            voices.take_own_verdict_back(receipt)
            messages.success(request, str(verdicts.TAKEN_BACK))
        else:
            answer, closing, note = verdicts.parse(request)
            verdicts.reply(request, voices.judge_own(receipt, answer, closing, note))
    except (Conflict, InvalidInput) as error:
        messages.error(request, error.message)
    return redirect("receipt", receipt)
