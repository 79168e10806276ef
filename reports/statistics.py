"""What the database's planner knows, after many rows came at once."""

from django.db import connection


def refresh_statistics() -> None:
    """Let the planner count places and reports anew, rows of this transaction among them.

    Until it has counted, it takes a full table for an empty one, and a join of two takes minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT civicgrid_refresh_statistics()")
