"""Refuses a request that announces more bytes than any form of ours sends."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from geo.error_pages import respond
from layers.errors import TooLarge
from layers.uploads import MOST_BODY_BYTES


class BodyLimitMiddleware:
    """Answers before anything reads the body; what is announced is all that Django reads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on with a body within the limit."""
        announced = request.headers.get("Content-Length") or "0"
        if not announced.isdecimal() or int(announced) <= MOST_BODY_BYTES:
            return self.get_response(request)
        message = _("This is more than %(most)s MB at once. Send fewer or smaller files.")
        return respond(request, TooLarge(message % {"most": MOST_BODY_BYTES // 10**6}))
