"""The mails about a report: each is rendered as text and HTML in its reader's language and sent.

Mail travels in the open: only an openly shown report is named in it; of others it says the number
and brings the link.
"""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from layers.access import ANONYMOUS, acting_as
from layers.queries import city
from reports import identifiers
from reports.models import Follower, HistoryEntry, Sensitivity, SubmissionKey

SECRET_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


def send_confirmation(follower_id: int) -> None:
    """Ask whether the address really wants mail about this report."""
    if (follower := _follower(follower_id)) and follower.confirmed_at is None:
        _send(follower, "confirm", f"confirm-{follower.key}")


def send_receipt(follower_id: int) -> None:
    """Send the link that opens one's own report."""
    if follower := _follower(follower_id):
        _send(follower, "receipt", f"receipt-{follower.key}")


def send_news(report_id: int, number: int) -> int:
    """Tell all who follow a report of one history entry; return to how many.

    A newer entry has its own news: what was taken back meanwhile is not told.
    """
    entries = HistoryEntry.steps.filter(report_id=report_id).select_related("text")
    newest = entries.order_by("-number").first()
    if newest is None or newest.number != number:
        return 0
    confirmed = Follower.objects.filter(report_id=report_id, confirmed_at__isnull=False)
    keys = list(confirmed.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        if follower := _follower(key):
            _send(follower, "news", f"news-{follower.key}-{number}", entry=newest)
    return len(keys)


def _follower(follower_id: int) -> Follower | None:
    """Return a follower with report and address; None when they have left meanwhile."""
    report_id = Follower.objects.filter(pk=follower_id).values_list("report_id", flat=True).first()
    if report_id is None:
        return None
    with acting_as(ANONYMOUS.holding(report_id)):
        return (
            Follower.objects.filter(pk=follower_id)
            .select_related("address", "report__category", "report__crew__department")
            .first()
        )


def _own_page(report_id: int) -> str | None:
    """Return the path of the reporter's own page, which follows from the client's UUID."""
    claim = SubmissionKey.objects.filter(scope="client", report_id=report_id).first()
    if claim is None:
        return None
    return reverse("receipt", args=[identifiers.new_receipt(uuid.UUID(claim.key))])


def _page(follower: Follower) -> str:
    own = _own_page(follower.report_id) if follower.is_reporter else None
    return own or reverse("public_report", args=[follower.report.public_id])


def _send(
    follower: Follower, name: str, message_id: str, *, entry: HistoryEntry | None = None
) -> None:
    site = settings.ADDRESS
    token = identifiers.follow_token(follower.key)
    stop = site.url + reverse("follow_stop", args=[token])
    is_open = follower.report.sensitivity == Sensitivity.OPEN
    text = getattr(entry, "text", None)
    context: dict[str, Any] = {
        "city": city(),
        "report": follower.report,
        "is_open": is_open,
        "is_reporter": follower.is_reporter,
        "number": identifiers.in_halves(follower.report.public_id),
        "page": site.url + _page(follower),
        "confirm": site.url + reverse("follow", args=[token]),
        "stop": stop,
        "entry": entry,
        "note": text.note if text and is_open else "",
    }
    with translation.override(follower.language), timezone.override(ZoneInfo(city().time_zone)):
        subject = " ".join(render_to_string(f"reports/mail/{name}.subject.txt", context).split())
        body = render_to_string(f"reports/mail/{name}.txt", context)
        html = render_to_string(f"reports/mail/{name}.html", context)
    message = EmailMultiAlternatives(
        subject,
        body,
        to=[follower.address.email],
        headers=SECRET_HEADERS
        | {
            # A mail that is sent twice, because a worker died in between, is one to its reader.
            "Message-ID": f"<{message_id}@{site.host}>",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach_alternative(html, "text/html")
    message.send()
