"""Preparing a database as an owner who may do little: what is wanted is printed for who may."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from geo.environment import PROJECT
from tests.conftest import owner_connection

# In one transaction these would not be seen by the command, which is a process of its own.
pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "it's a secret"
ALTER = re.compile(
    r"^ALTER ROLE \"?civicgrid_web\"? PASSWORD '(SCRAM-SHA-256\$[^']+)';$", re.MULTILINE
)


@pytest.fixture
def poor_owner() -> Iterator[str]:
    """Make the owner of a database without PostGIS, who may make no roles; return both's name."""
    name = f"{connection.settings_dict['NAME']}_poor"
    identifier = sql.Identifier(name)
    with owner_connection() as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(identifier))
        owner.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(identifier))
        owner.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(identifier, sql.Literal(PASSWORD))
        )
        owner.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(identifier))
        owner.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(identifier, identifier)
        )
        yield name
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))
        owner.execute(sql.SQL("DROP ROLE {}").format(identifier))


def prepare(name: str, *options: str) -> subprocess.CompletedProcess[str]:
    entry = connection.settings_dict
    server = urlencode({k: entry[k.upper()] for k in ("host", "port") if entry[k.upper()]})
    return subprocess.run(
        [sys.executable, "manage.py", "prepare_database", *options],
        cwd=PROJECT,
        env={
            **os.environ,
            "DATABASE_URL": f"postgresql://{name}:{quote(PASSWORD)}@/{name}?{server}",
            "CIVICGRID_WEB_PASSWORD": PASSWORD,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_the_owner_may_not_do_is_printed_for_who_may(poor_owner):
    refused = prepare(poor_owner, "--own-cluster", "--for-tests")
    assert refused.returncode == 1
    assert "CREATE EXTENSION postgis;" in refused.stderr
    assert "pg_trgm" not in refused.stderr, "the owner of a database may install it"
    assert ALTER.search(refused.stderr)
    assert PASSWORD not in refused.stderr
    assert f'ALTER ROLE "{poor_owner}" CREATEDB;' in refused.stderr


def sign_in(name: str, password: str) -> None:
    entry = connection.settings_dict
    psycopg.connect(
        dbname=name,
        user=name,
        password=password,
        host=entry["HOST"] or None,
        port=entry["PORT"] or None,
    ).close()


def test_the_printed_statement_gives_the_password_without_telling_it(poor_owner):
    said = prepare(poor_owner).stderr
    assert PASSWORD not in said
    (verifier,) = ALTER.findall(said)
    give = sql.SQL("ALTER ROLE {} PASSWORD {}").format
    with owner_connection() as owner:
        owner.execute(give(sql.Identifier(poor_owner), "another one"))
        with pytest.raises(psycopg.OperationalError):
            sign_in(poor_owner, PASSWORD)
        owner.execute(give(sql.Identifier(poor_owner), verifier))
    sign_in(poor_owner, PASSWORD)
