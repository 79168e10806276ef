"""A new report: the form, what it asks and what it says before it is sent."""

import uuid

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from layers import gazetteer, throttle
from layers.errors import Conflict, InvalidInput
from layers.http import Request, in_city_time
from layers.queries import city_bounds
from reports import queries
from reports.intake import submit
from reports.models import Sensitivity
from reports.web.forms import ReportForm
from reports.web.maps import map_context

SEND_WINDOW_S = 600
STARTING_FIELDS = ("family", "category", "lat", "lon")


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
    context = map_context(request, city_bounds()) | {
        "form": form,
        "is_search": is_search,
        "places": list(values.items()),
        "chosen": chosen,
        "sensitivities": Sensitivity.values,
    }
    return render(request, "reports/report.html", context, status=status)
