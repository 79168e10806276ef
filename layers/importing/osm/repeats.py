"""Tells addresses that are mapped more than once: at the house, its door and each shop inside.

Private places hide among addresses, so one house must not count as many.
"""

from math import cos, hypot, radians

NEAR_M = 200.0
"""Farther apart, two of one street and number are addresses of two places with such a street."""
METRES_PER_DEGREE = 111_195.0


class Repeats:
    """Remembers every address that it is shown."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[tuple[float, float]]] = {}

    def is_new(self, street: str, number: str, lon: float, lat: float) -> bool:
        """Tell whether no address of this street and number lies near; and remember this one.

        >>> seen = Repeats()
        >>> seen.is_new("High Street", "7a", 0, 51), seen.is_new("HIGH STREET", "7A", 0.0001, 51)
        (True, False)
        """
        known = self._known.setdefault((street.casefold(), number.casefold()), [])
        east = METRES_PER_DEGREE * cos(radians(lat))
        if any(hypot((x - lon) * east, (y - lat) * METRES_PER_DEGREE) < NEAR_M for x, y in known):
            return False
        known.append((lon, lat))
        return True
