"""How far a run is, for programs and for the page that waits for it."""

from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from layers.http import Request
from planning import queries, runs
from planning.guard import for_planners


@for_planners
@require_safe
def run(request: Request, run_id: int) -> JsonResponse:
    """Return the state of a run; `url` is where its end is shown, null until then."""
    found = queries.run_of(run_id, request.viewer)
    left = queries.seconds_left(found)
    return JsonResponse(
        {
            "id": found.pk,
            "state": found.state,
            "progress": found.progress,
            "step": gettext(found.step) if found.step else "",
            "seconds_left": None if left is None else round(left),
            "url": None if found.state in runs.UNDER_WAY else reverse("run", args=[found.pk]),
        }
    )
