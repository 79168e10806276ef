"""The read side of planning: who may see which study and which run."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from layers.access import Viewer
from layers.errors import NotAllowed, NotFound
from layers.models import Dataset
from planning.models import Run

PLANNING_ROLES = ("planner", "administrator")


def may_plan(viewer: Viewer) -> bool:
    """Tell whether the viewer may ask studies and see everybody's."""
    return viewer.has(*PLANNING_ROLES)


def require_planner(viewer: Viewer) -> None:
    """Refuse whoever may not plan.

    Raises
    ------
    NotAllowed
        When the viewer is neither planner nor administrator.
    """
    if not may_plan(viewer):
        message = gettext("Studies are for planners. Ask an administrator for the role.")
        raise NotAllowed(message)


def _visible(viewer: Viewer) -> QuerySet[Run]:
    """Planners see every run; others those whose result was published."""
    seen = Q() if may_plan(viewer) else Q(result__audience=Dataset.Audience.PUBLIC)
    return Run.objects.filter(seen).select_related("study", "result", "asked_by")


def runs(viewer: Viewer, limit: int = 20) -> list[Run]:
    """Return the runs that the viewer may see, newest first."""
    return list(_visible(viewer).order_by("-asked_at", "-pk")[:limit])


def run_of(run_id: int, viewer: Viewer) -> Run:
    """Return one run.

    Raises
    ------
    NotFound
        When there is none, or none that the viewer may see.
    """
    run = _visible(viewer).filter(pk=run_id).first()
    if run is None:
        message = gettext("There is no run %(number)s.")
        raise NotFound(message % {"number": run_id})
    return run
