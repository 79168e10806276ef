"""Shows errors of the family: a page to people, problem+json to programs."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from layers.errors import (
    PROBLEM_JSON,
    CivicError,
    Fault,
    NotFound,
    SignInNeeded,
    as_civic_error,
    problem,
)

MACHINE_PATHS = ("/api/", "/tiles/", "/report/photos/")


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith(MACHINE_PATHS) or not request.accepts("text/html")


def respond(request: HttpRequest, error: CivicError) -> HttpResponse:
    """Render an error for whoever asked; a page that needs an account leads to the sign-in."""
    if _is_program(request):
        return JsonResponse(problem(error), status=error.status, content_type=PROBLEM_JSON)
    if isinstance(error, SignInNeeded):
        return redirect_to_login(request.get_full_path())
    return render(request, "error.html", {"error": error}, status=error.status)


class ErrorMiddleware:
    """Turns an error that a view raised into a response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; errors come to `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Render the family; leave anything else to Django's handler of faults."""
        if (known := as_civic_error(error)) is None:
            return None
        return respond(request, known)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer an address that no view has (Django's handler404)."""
    return respond(request, NotFound(_("There is no page at this address.")))


def fault(request: HttpRequest) -> HttpResponse:
    """Answer a request that our own code failed on (Django's handler500)."""
    if _is_program(request):
        return respond(request, Fault(_("The fault is noted. Try again in a few minutes.")))
    return server_error(request)
