"""Tells addresses that are mapped more than once: at the house, its door and each shop inside.

Private places hide among addresses, so one house must not count as many.
"""

from array import array
from math import cos, hypot, radians

NEAR_M = 200.0
"""Farther apart, two of one street and number are addresses of two places with such a street."""
METRES_PER_DEGREE = 111_195.0


class Repeats:
    """Remembers every address that it is shown."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._known: dict[tuple[int, int], array[float]] = {}
        """Longitude and latitude in turn of the addresses of a street and a number."""

    def is_new(self, street: str, number: str, lon: float, lat: float) -> bool:
        """Tell whether no address of this street and number lies near; and remember this one.

        >>> seen = Repeats()
        >>> seen.is_new("High Street", "7a", 0, 51), seen.is_new("HIGH STREET", "7A", 0.0001, 51)
        (True, False)
        """
        words = self._words
        key = (
            words.setdefault(street.casefold(), len(words)),
            words.setdefault(number.casefold(), len(words)),
        )
        known = self._known.get(key)
        if known is None:
            self._known[key] = array("d", (lon, lat))
            return True
        east = METRES_PER_DEGREE * cos(radians(lat))
        places = iter(known)
        for x, y in zip(places, places, strict=True):
            across = (x - lon) * east
            if -NEAR_M < across < NEAR_M and hypot(across, (y - lat) * METRES_PER_DEGREE) < NEAR_M:
                return False
        known.extend((lon, lat))
        return True
