"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from layers import navigation, notices, queries
from layers.access import ANONYMOUS
from layers.http import Request

THEMES = ("light", "dark")


def page(request: Request) -> dict[str, Any]:
    """Return the city, the viewer, the rooms of the top bar, notices and the chosen theme.

    A request that was refused before its viewer was made, such as one for another host, is
    answered as nobody's.
    """
    viewer = getattr(request, "viewer", ANONYMOUS)
    theme = request.COOKIES.get("theme", "")
    rooms = [
        {
            "title": entry.title,
            "url": (url := reverse(entry.url_name)),
            "current": _is_in(request, url),
        }
        for entry in navigation.entries_for(viewer)
    ]
    return {
        "city": queries.city(),
        "viewer": viewer,
        "navigation": rooms,
        "notices": notices.notices_for(viewer),
        "theme": theme if theme in THEMES else "",
        "site_url": settings.ADDRESS.url,
        "sends_mail": settings.SENDS_MAIL,
    }


def _is_in(request: Request, url: str) -> bool:
    return request.path == url or (url != "/" and request.path.startswith(url))
