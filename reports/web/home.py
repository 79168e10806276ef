"""The map of all reports and, in step with it, their list."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from layers import registry
from layers.access import ANONYMOUS
from layers.http import Request, in_city_time
from layers.queries import city_bounds
from layers.registry import Layer
from reports import paging, queries
from reports.queries import ReportFilter
from reports.web.maps import map_context
from reports.workflow import UNFINISHED, Phase

OPEN = ",".join(UNFINISHED)
PERIODS_DAYS = (7, 30, 365)


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
        context |= map_context(request, wanted.bbox or city_bounds()) | {
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
