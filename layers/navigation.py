"""The rooms that a page's top bar leads to; each app registers its own."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from layers.access import Viewer


@dataclass(frozen=True)
class Entry:
    """One room: its name, the name of its address, and the roles it is for (None: everybody)."""

    title: str | Promise
    url_name: str
    order: int
    roles: frozenset[str] | None = None


_entries: list[Entry] = []


def register(entry: Entry) -> None:
    """Add a room to the top bar, from an app's ``navigation.py``."""
    _entries.append(entry)


def entries_for(viewer: Viewer) -> list[Entry]:
    """Return the rooms that the viewer may enter, in their order."""
    open_to = [e for e in _entries if e.roles is None or viewer.has(*e.roles)]
    return sorted(open_to, key=lambda entry: entry.order)


register(Entry(_("Import layers"), "layers_import", order=60, roles=frozenset({"administrator"})))
register(Entry(_("Sources"), "sources", order=61, roles=frozenset({"administrator"})))
