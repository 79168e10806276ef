"""Who sees what of a report, and how well private places are hidden."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from layers.http import Request, in_city_time
from layers.queries import city_bounds
from reports import disclosure
from reports.quarters import LEAST_TOLD
from reports.web.maps import map_context


@require_safe
@in_city_time
def privacy(request: Request) -> HttpResponse:
    """Say in plain words what everybody sees of each class, with the figures of the last audit."""
    masks = disclosure.masks()
    layer = request.GET.get("layer", "")
    layers = [level.layer for level in masks.levels] if masks else []
    context = map_context(request, city_bounds()) | {
        "classes": disclosure.classes(),
        "masks": masks,
        "layer": layer if layer in layers else next(iter(layers), ""),
        "quarters": disclosure.quarters(),
        "least_told": LEAST_TOLD,
    }
    return render(request, "reports/privacy.html", context)
