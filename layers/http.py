"""The request as our middleware leaves it, and the clock that pages show."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from layers.access import Viewer
from layers.queries import city

P = ParamSpec("P")


class Request(HttpRequest):
    """A request with its viewer; every view takes this."""

    viewer: Viewer


View = Callable[Concatenate[Request, P], HttpResponse]


def in_city_time(view: View[P]) -> View[P]:
    """Show times in the city's zone while a view runs."""

    @wraps(view)
    def shown(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        with timezone.override(ZoneInfo(city().time_zone)):
            return view(request, *args, **kwargs)

    return cast("View[P]", shown)
