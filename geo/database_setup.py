"""What a database needs before its first migration: two extensions and the role of the pages.

What the owner may not do is returned as SQL for an administrator. No password stands in it, nor in
what a server may log: roles get a SCRAM verifier, from which nobody can sign in.
"""

from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from geo.environment import WEB_ROLE, secret

EXTENSIONS = {"postgis": "PostGIS", "pg_trgm": "trigrams"}
"""What PostgreSQL calls it, and what we do."""


@dataclass
class Preparation:
    """What was done, and what only an administrator can do."""

    done: list[str] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)


def _try(statement: sql.Composable, what: str, result: Preparation) -> None:
    """Run a statement; when the owner may not, note it for the administrator."""
    with connection.cursor() as cursor:
        text = statement.as_string(cursor.cursor)
        try:
            cursor.execute(statement)
        except Exception as error:
            if not isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
                raise
            result.wanted.append(f"{text};")
        else:
            result.done.append(what)


def _exists(query: str, *values: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone() is not None


def _connect(**changed: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect beside Django: to the same server in the same way, with some parts changed."""
    return psycopg.connect(**{**connection.get_connection_params(), **changed})


def _can_sign_in(password: str) -> bool:
    try:
        _connect(user=WEB_ROLE, password=password).close()
    except psycopg.OperationalError:
        return False
    return True


def _verifier(password: str) -> str:
    """Return what PostgreSQL stores of the web role's password."""
    with connection.cursor() as cursor:
        pgconn = cursor.connection.pgconn
    made = pgconn.encrypt_password(password.encode(), WEB_ROLE.encode(), b"scram-sha-256")
    return str(made, "ascii")


def prepare(*, own_cluster: bool, for_tests: bool) -> Preparation:
    """Make what is missing and return what was done and what is still wanted.

    `own_cluster` allows the web role's password to be set anew: nobody else uses it there.
    `for_tests` also asks for what a test database needs.
    """
    result = Preparation()
    for name, what in EXTENSIONS.items():
        if not _exists("SELECT 1 FROM pg_extension WHERE extname = %s", name):
            _try(sql.SQL(f"CREATE EXTENSION {name}"), f"installed {what} in the database", result)
    password = secret("web_password")
    named = {"role": sql.Identifier(WEB_ROLE), "password": _verifier(password)}
    if not _exists("SELECT 1 FROM pg_roles WHERE rolname = %s", WEB_ROLE):
        create = sql.SQL("CREATE ROLE {role} LOGIN NOINHERIT PASSWORD {password}")
        _try(create.format(**named), f"made the role {WEB_ROLE}", result)
    elif not _can_sign_in(password):
        change = sql.SQL("ALTER ROLE {role} PASSWORD {password}").format(**named)
        if own_cluster:
            _try(change, f"gave {WEB_ROLE} this installation's password", result)
        else:
            result.wanted.append(
                f"-- {WEB_ROLE} exists with another password. Set CIVICGRID_WEB_PASSWORD to it, "
                f"or give it this one:\n{change.as_string()};"
            )
    if for_tests:
        result.wanted += _wanted_for_tests()
    return result


def _wanted_for_tests() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        owner, is_superuser, may_create = cursor.fetchone()
    if is_superuser:
        return []
    wanted = [] if may_create else [f'ALTER ROLE "{owner}" CREATEDB;']
    with _connect(dbname="template1") as template:
        found = template.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").fetchone()
    if not found:
        wanted.append("\\connect template1\nCREATE EXTENSION postgis;")
    return wanted
