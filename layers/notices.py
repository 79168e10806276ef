"""What the people who run the site must know, above every page of theirs; each app adds its own."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from layers.access import Viewer


@dataclass(frozen=True)
class Notice:
    """What to say, if there is something, and the roles it is for."""

    text: Callable[[], str | Promise | None]
    roles: frozenset[str]


_notices: list[Notice] = []


def register(notice: Notice) -> None:
    """Add a notice, from an app's ``notices.py``."""
    _notices.append(notice)


def notices_for(viewer: Viewer) -> list[str]:
    """Return what the viewer must know now."""
    texts = [notice.text() for notice in _notices if viewer.has(*notice.roles)]
    return [str(text) for text in texts if text]
