"""How far a run is, for programs and for the page that waits for it."""

from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from layers.http import Request
from planning import queries
from planning.guard import for_planners


@for_planners
@require_safe
def run(request: Request, run_id: int) -> JsonResponse:
    """Return the state of a run; `url` is where its end is shown, null until then."""
    found = queries.run_of(run_id, request.viewer)
    return JsonResponse(found.told(reverse("run", args=[found.pk])))
