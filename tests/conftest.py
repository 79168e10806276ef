"""What all tests share: a real database with its two roles.

The test database is made and removed by the owner; every test connects as ``civicgrid_web``, so
that grants and row-level security bind tests as they bind pages.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.db import connection
from django.test import TransactionTestCase
from psycopg.conninfo import conninfo_to_dict

from geo import environment
from geo.base_data import load_base

# Playwright's synchronous interface runs an event loop beside Django's synchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

KEPT = {"django_migrations", "django_content_type", "auth_permission", "spatial_ref_sys"}


def become(role: str) -> None:
    """Reconnect the one alias as the owner or as ``civicgrid_web``."""
    entry = environment.database(role, {})  # type: ignore[arg-type]
    connection.close()
    connection.settings_dict.update({k: entry[k] for k in ("USER", "PASSWORD", "OPTIONS")})


def owner_connection() -> psycopg.Connection[tuple[object, ...]]:
    """Connect to the test database as its owner, outside Django."""
    entry = environment.database("owner", {})
    return psycopg.connect(
        dbname=connection.settings_dict["NAME"],
        user=entry["USER"] or None,
        password=entry["PASSWORD"] or None,
        host=entry["HOST"] or None,
        port=entry["PORT"] or None,
        autocommit=True,
    )


def database_url() -> str:
    """Return the owner's address, as every process is given it, with this run's database."""
    parts = conninfo_to_dict(os.environ["DATABASE_URL"])
    parts["dbname"] = connection.settings_dict["NAME"]
    given = {name: value for name, value in parts.items() if value is not None}
    return f"postgresql:///?{urlencode(given, quote_via=quote)}"


def empty_database(_test: object = None) -> None:
    """Empty every table as the owner, and drop every table of data sets; keep the base data."""
    name = str(connection.settings_dict["NAME"])
    if not name.startswith("test_"):
        pytest.exit(f"{name} is no test database, so its tables are left alone")
    connection.close()
    with owner_connection() as owner:
        names = owner.execute(
            "SELECT schemaname, tablename FROM pg_tables "
            "WHERE schemaname IN ('public', 'imported', 'results')"
        ).fetchall()
        ours = [table for schema, table in names if schema == "public" and table not in KEPT]
        owner.execute(f"TRUNCATE {', '.join(ours)} RESTART IDENTITY")
    with connection.cursor() as cursor:
        for schema, table in names:
            if schema != "public":
                cursor.execute(f'DROP TABLE "{schema}"."{table}"')
    load_base()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Make the test database as the owner."""
    become("owner")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Hand the fresh database to the web role; give it back for its removal."""
    become("web")
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", empty_database)
    with django_db_blocker.unblock():
        load_base()
    yield
    patch.undo()
    with django_db_blocker.unblock():
        become("owner")
        _wait_until_alone()


OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def _wait_until_alone() -> None:
    """Give the backends of ended servers and workers a moment to go."""
    end = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(OTHERS, [connection.settings_dict["NAME"]])
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.1)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real cities; tests that need it skip without."""
    folder = os.environ.get("CIVICGRID_DATA", "")
    if not folder:
        pytest.skip("CIVICGRID_DATA names no folder of real cities")
    return Path(folder)
