"""How much one import may be: set by the city, with defaults for a machine of 4 GB."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Limits:
    """What is refused beyond."""

    file_bytes: int
    """Of one file as it comes, and of everything in it unpacked."""
    members: int = 10_000
    """Of an archive: a File Geodatabase has a few hundred."""
    ratio: int = 250
    """Unpacked bytes a packed one; GeoJSON packs to a twentieth, an empty table to a hundredth."""
    small_bytes: int = 10_000_000
    """Unpacked files up to this size may have any ratio."""


def limits() -> Limits:
    """Return the limits of this installation."""
    return Limits(settings.IMPORT_MOST_BYTES)
