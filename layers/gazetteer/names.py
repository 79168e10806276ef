"""The names that the search knows, made anew when places are loaded."""

from django.db import connection


def refresh_areas() -> None:
    """Make the names of areas anew, in the transaction that changed areas."""
    _call("layers_refresh_areas")


def refresh_streets() -> None:
    """Make the names of streets anew, in the transaction that changed streets or addresses."""
    _call("layers_refresh_streets")


def _call(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.callproc(function)
