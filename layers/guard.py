"""Who may bring data in: the same check before every page and address of it, and in its verbs."""

from functools import wraps
from typing import ParamSpec

from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from layers.access import Viewer
from layers.errors import NotAllowed, SignInNeeded
from layers.http import Request, View

P = ParamSpec("P")
ADMINISTRATOR = "administrator"


def require_administrator(viewer: Viewer) -> None:
    """Refuse whoever is no administrator.

    Raises
    ------
    NotAllowed
        When the viewer has another role, or none.
    """
    if not viewer.has(ADMINISTRATOR):
        raise NotAllowed(_("Data is brought in by administrators. Ask one of them."))


def for_administrators(view: View[P]) -> View[P]:
    """Let administrators in; lead strangers to the sign-in, and tell others who may.

    A job moves on by itself: no copy of it may stay in a cache.
    """

    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.viewer.user_id is None:
            raise SignInNeeded(_("Sign in to bring data in."))
        require_administrator(request.viewer)
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded
