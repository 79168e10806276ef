"""The random name by which a browser is known again once somebody has said something with it."""

import re

from django.conf import settings
from django.http import HttpResponse

from layers.http import Request
from reports import identifiers

COOKIE = "device"
MAX_AGE_S = 365 * 24 * 3600
NAME = re.compile(rf"[{identifiers.ALPHABET}]{{{identifiers.RECEIPT_LENGTH}}}")


def device_of(request: Request) -> str:
    """Return the name that the browser keeps; empty when it keeps none of ours."""
    name = request.COOKIES.get(COOKIE, "")
    return name if NAME.fullmatch(name) else ""


def remember(response: HttpResponse, device: str) -> None:
    """Let the browser keep its name; no script may read it."""
    response.set_cookie(
        COOKIE,
        device,
        max_age=MAX_AGE_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
