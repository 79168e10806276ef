"""Says which city this is: its name, its time zone, the system that it measures in."""

from zoneinfo import available_timezones

from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.errors import Conflict, InvalidInput
from layers.models import City
from layers.queries import area_kind


def set_city(
    name: str,
    *,
    time_zone: str,
    metric_srid: int | None = None,
    ward_kind: str = "ward",
) -> City:
    """Store the one city of this installation.

    Parameters
    ----------
    name
        As its people call it.
    time_zone
        IANA name, such as America/New_York.
    metric_srid
        EPSG code of a projected system in metres or feet; None takes the UTM zone.
    ward_kind
        The kind of area that is shown where a place may not be.

    Raises
    ------
    InvalidInput
        When a value is unknown; names it and what would do.
    Conflict
        When this is the demo city.
    """
    if time_zone not in available_timezones():
        message = f"There is no time zone {time_zone!r}. Give a name such as America/New_York."
        raise InvalidInput(message, field="time_zone")
    if metric_srid is not None:
        _check_metric(metric_srid)
    kind = area_kind(ward_kind)
    refuse_demo()
    city, _ = City.objects.update_or_create(
        id=1,
        defaults={
            "name": name,
            "time_zone": time_zone,
            "metric_srid": metric_srid,
            "ward_kind": kind,
        },
    )
    return city


def refuse_demo() -> None:
    """Keep real places out of the demo city, whose streets they would be mixed with.

    Raises
    ------
    Conflict
        When this database holds the demo city.
    """
    if City.objects.filter(is_demo=True).exists():
        message = (
            "This database holds the demo city. Give your city a database of its own: set "
            "DATABASE_URL to it, then run manage.py prepare_database, migrate and load_base."
        )
        raise Conflict(message)


def _check_metric(srid: int) -> None:
    try:
        system = CRS.from_epsg(srid)
    except CRSError as error:
        message = f"There is no coordinate system EPSG:{srid}. Look the code up."
        raise InvalidInput(message, field="metric_srid") from error
    if not system.is_projected:
        message = (
            f"EPSG:{srid} ({system.name}) does not measure in metres or feet. Give a projected "
            "system, or leave it out for the UTM zone."
        )
        raise InvalidInput(message, field="metric_srid")
