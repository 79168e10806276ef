"""A database made for a benchmark and dropped at its end, with the demo city's ground or empty."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from fixtures.city import make_city
from geo.base_data import load_base
from geo.demo_places import load_places
from tests.conftest import become, owner_connection


@contextmanager
def scratch_database() -> Iterator[None]:
    """Enter as the database's owner; it holds the base data alone."""
    name = connection.settings_dict["NAME"]
    become("owner")
    connection.settings_dict["TEST"]["NAME"] = f"civicgrid_benchmark_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        load_base()
        yield
    finally:
        become("owner")
        connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def scratch_city() -> Iterator[None]:
    """Enter as the database's owner."""
    with scratch_database():
        load_places(make_city(reports=100))
        with owner_connection() as owner:
            owner.execute("ANALYZE")
        yield
