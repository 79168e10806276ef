"""One report, as everybody may see it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from layers.http import Request, in_city_time
from reports import queries
from reports.web.maps import map_context


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
