"""Refuses a request that announces more bytes than its form sends."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from geo.error_pages import respond
from layers.errors import TooLarge
from layers.uploads import MOST_BODY_BYTES


class BodyLimitMiddleware:
    """Answers before anything reads the body; what is announced is all that Django reads.

    A view that takes more says so by its attribute ``most_body_bytes``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; the body is judged once the view is known."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_args: Any
    ) -> HttpResponse | None:
        """Go on with a body within the view's limit."""
        most = getattr(view, "most_body_bytes", MOST_BODY_BYTES)
        announced = request.headers.get("Content-Length") or "0"
        if not announced.isdecimal() or int(announced) <= most:
            return None
        message = _("This is more than %(most)s MB at once. Send fewer or smaller files.")
        return respond(request, TooLarge(message % {"most": most // 10**6}))
