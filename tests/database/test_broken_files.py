"""Broken files are refused in one sentence that helps, and leave nothing behind."""

import hashlib
import re
import tempfile
from importlib import import_module
from pathlib import Path

import pytest
import shapely
from django.core.management import CommandError, call_command
from django.db import connection

from layers.models import Area, AreaKind
from tests.database.broken_files.case import CASES, Case

for topic in (
    "archives", "containers", "coordinates", "documents", "elsewhere", "osm", "rasters", "reports",
    "tables", "targets",
):  # fmt: skip
    import_module(f"tests.database.broken_files.{topic}")

pytestmark = pytest.mark.django_db
EVERY_ROW = (
    "SELECT schemaname, relname, "
    "(xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I.%I', "
    "schemaname, relname), true, false, '')))[1]::text::bigint "
    "FROM pg_stat_user_tables WHERE schemaname IN ('public', 'imported', 'results')"
)


def everything_stored() -> dict[tuple[str, str], int]:
    """Return how many rows each table has."""
    with connection.cursor() as cursor:
        cursor.execute(EVERY_ROW)
        return {(schema, table): count for schema, table, count in cursor.fetchall()}


def contents(folder: Path) -> dict[str, str]:
    """Return what lies in a folder: names, and digests of files."""
    return {
        str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest()
        if each.is_file()
        else ""
        for each in folder.rglob("*")
    }


def boston() -> None:
    ground = shapely.MultiPolygon([shapely.box(-71.19, 42.22, -70.92, 42.40)])
    Area.objects.create(
        kind=AreaKind.objects.get(slug="city"), code="b", name="Boston", geometry=ground.wkt
    )


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where temporary files of this test go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def call(case: Case, folder: Path, given: Path | str) -> None:
    options = {
        name: Path(value.format(folder=folder)) if value == "{folder}/m.toml" else value
        for name, value in case.options.items()
    }
    call_command(case.door, given, **options)


ACCEPTED = re.compile(r"([\d,]+) (?:[\w -]+ in,|accepted)")


def test_there_are_enough_of_them():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_a_broken_file(case: Case, tmp_path, temporary, settings, capsys):
    folder = tmp_path / "files"
    folder.mkdir()
    settings.STATE_DIR = tmp_path / "state"
    if case.in_boston:
        boston()
    for name, value in case.settings.items():
        setattr(settings, name, value)
    given = case.make(folder)
    before, beside = everything_stored(), contents(folder)
    expected = case.says.replace("{folder}", str(folder))
    if case.rows_in is None:
        with pytest.raises(CommandError) as refusal:
            call(case, folder, given)
        assert str(refusal.value) == expected
        assert everything_stored() == before
        assert not [each for each in settings.STATE_DIR.rglob("*") if each.is_file()]
    else:
        call(case, folder, given)
        said = capsys.readouterr().out
        assert {expected, f"  {expected}", f"  found: {expected}"} & set(said.splitlines())
        assert ACCEPTED.search(said)[1] == str(case.rows_in)
    assert contents(folder) == beside
    assert list(temporary.iterdir()) == []
