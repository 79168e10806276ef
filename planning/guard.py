"""Who may enter the planners' room: the same check before every page and address of it."""

from functools import wraps
from typing import ParamSpec

from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from layers.errors import SignInNeeded
from layers.http import Request, View
from planning.queries import require_planner

P = ParamSpec("P")


def for_planners(view: View[P]) -> View[P]:
    """Let planners in; lead strangers to the sign-in, and tell others who may.

    A run moves on by itself: no copy of it may stay in a cache.
    """

    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.viewer.user_id is None:
            raise SignInNeeded(_("Sign in to ask questions of the city's data."))
        require_planner(request.viewer)
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded
