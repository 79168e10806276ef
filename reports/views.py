"""The citizen's pages: the map with its list, the form, a report's page, the reporter's own."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from layers import gazetteer, registry, throttle
from layers.access import ANONYMOUS
from layers.errors import Conflict, InvalidInput
from layers.http import Request, in_city_time
from layers.queries import Bounds, city_bounds
from layers.registry import Layer
from reports import paging, queries
from reports.forms import ReportForm
from reports.intake import submit
from reports.masking import rule_of
from reports.models import Sensitivity
from reports.queries import ReportFilter
from reports.workflow import UNFINISHED, Phase

SEND_WINDOW_S = 600
RECEIPT_TRIES = 60
RECEIPT_WINDOW_S = 300
OPEN = ",".join(UNFINISHED)
STARTING_FIELDS = ("family", "category", "lat", "lon")
PERIODS_DAYS = (7, 30, 365)


def _map_context(request: Request, bounds: Bounds) -> dict[str, Any]:
    return {"bounds": bounds, "layers": [layer.slug for layer in registry.visible(request.viewer)]}


# ---- the map and its list ----


def _periods(since: date | None) -> list[tuple[str, str]]:
    """Return the choices of a first day: its ISO date and its words; empty is any time."""
    today = timezone.localdate()
    choices = {"": _("Any time")}
    for days in PERIODS_DAYS:
        words = ngettext("Last day", "Last %(days)s days", days) % {"days": days}
        choices[(today - timedelta(days=days)).isoformat()] = words
    if since and since.isoformat() not in choices:
        choices[since.isoformat()] = _("Since %(date)s") % {"date": date_format(since, "j F Y")}
    return list(choices.items())


def _count_in_words(count: int, wanted: ReportFilter) -> str:
    number = number_format(count, use_l10n=True, force_grouping=True)
    if wanted.bbox:
        words = ngettext("%(n)s report in view", "%(n)s reports in view", count)
    else:
        words = ngettext("%(n)s report", "%(n)s reports", count)
    return words % {"n": number}


def _nothing_in_words(period: str) -> str:
    """Say that nothing was found, and for which time."""
    if not period:
        return _("No reports here")
    return _("No reports here: %(period)s") % {"period": period.lower()}


def _finding(slug: str) -> Layer | None:
    """Return the published layer that the address lays over the map."""
    return registry.resolve(slug, ANONYMOUS) if slug else None


@require_safe
@in_city_time
def home(request: Request) -> HttpResponse:
    """Show the map of all reports and, in step with it, their list; a header asks for that."""
    values = paging.values_of(request.GET)
    wanted = ReportFilter.parse(values)
    page = paging.public_page(wanted, values.get("after", ""))
    periods = _periods(wanted.since)
    since = wanted.since.isoformat() if wanted.since else ""
    context = {
        "page": page,
        "next": paging.next_address(request.GET, page),
        "count": _count_in_words(queries.count_public(wanted), wanted),
        "newest": paging.first_address(request.GET) if values.get("after") else None,
        "nothing": _nothing_in_words(dict(periods)[since] if since else ""),
    }
    if request.headers.get("X-Fragment") == "list":
        response = render(request, "reports/home_list.html", context)
    else:
        context |= _map_context(request, wanted.bbox or city_bounds()) | {
            "wanted": wanted,
            "phases": [("", _("All")), (OPEN, _("Open")), (Phase.DONE.value, _("Done"))],
            "phase": values.get("phase", ""),
            "periods": periods,
            "since": since,
            "findings": registry.findings(ANONYMOUS),
            "finding": _finding(values.get("layer", "")),
        }
        response = render(request, "reports/home.html", context)
    # The list alone has the page's address: a browser must not show one for the other.
    patch_vary_headers(response, ["X-Fragment"])
    return response


# ---- a new report ----


@require_http_methods(["GET", "HEAD", "POST"])
@in_city_time
def report(request: Request) -> HttpResponse:
    """Show or take the form of a new report; Find looks a place up and keeps what was typed."""
    categories = queries.categories()
    if request.method != "POST":
        # Never its key: whoever made a link with a known key could repeat the report and so
        # come by its receipt.
        start = {name: request.GET.get(name, "") for name in STARTING_FIELDS}
        start["client_uuid"] = str(uuid.uuid4())
        return _show_form(request, ReportForm(initial=start, categories=categories))
    if "find" in request.POST:
        typed = ReportForm(initial=request.POST.dict(), categories=categories)
        return _show_form(request, typed, is_search=True)
    form = ReportForm(request.POST, categories=categories)
    if form.is_valid():
        throttle.enter(request, "report", tries=settings.REPORT_TRIES, seconds=SEND_WINDOW_S)
        try:
            answer = submit(form.new_report(), request.viewer)
        except InvalidInput as error:
            form.show(error)
        except Conflict as error:
            form.show(error)
            form.renew()
        else:
            return redirect(reverse("receipt", args=[answer.receipt]) + "?sent=1")
    return _show_form(request, form, status=InvalidInput.status)


def _show_form(
    request: Request, form: ReportForm, *, is_search: bool = False, status: int = 200
) -> HttpResponse:
    found = gazetteer.find(form["search"].value() or "")
    values = {f"{place.lon},{place.lat}": place.label for place in found}
    chosen = form["place"].value()
    if is_search and len(values) == 1:
        (chosen,) = values
    context = _map_context(request, city_bounds()) | {
        "form": form,
        "is_search": is_search,
        "places": list(values.items()),
        "chosen": chosen,
        "sensitivities": Sensitivity.values,
    }
    return render(request, "reports/report.html", context, status=status)


# ---- one report ----


@require_safe
@in_city_time
def public_report(request: Request, public_id: str) -> HttpResponse:
    """Show what everybody may see of one report; classes P2 and P3 have no such page."""
    row = queries.public_report(public_id)
    if row.public_id and row.public_id != public_id:
        return redirect("public_report", row.public_id, permanent=True)
    context = _map_context(request, queries.shown_bounds(row)) | {
        "row": row,
        "point": None if row.lon is None else (row.lon, row.lat),
        "timeline": queries.public_timeline(row),
    }
    return render(request, "reports/public.html", context)


@require_safe
@in_city_time
def receipt(request: Request, receipt: str) -> HttpResponse:
    """Show the reporter's own page: the exact place, the state, the history."""
    throttle.enter(request, "receipt", tries=RECEIPT_TRIES, seconds=RECEIPT_WINDOW_S)
    own = queries.own_report(receipt, request.viewer)
    rule = rule_of(own.report.sensitivity)
    context = _map_context(request, city_bounds()) | {
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
