"""What the tests of cities' crimes share: the beginning of their files, and who knows a place."""

import gzip
import io
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
from django.core.management import call_command

from layers.access import ANONYMOUS, Duty, acting_as
from reports.models import ExactLocation
from tests.database.documented import commands


def beginning(data: Path, into: Path, city: str, rows: Mapping[str, int]) -> Path:
    """Lay out a city's folder in which some files hold so many of their first rows alone."""
    for path in sorted((data / city).rglob("*")):
        target = into / path.relative_to(data)
        name = str(path.relative_to(data / city))
        if path.is_dir():
            target.mkdir(parents=True)
        elif name not in rows:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path)
        elif path.suffix == ".gz":
            with gzip.open(path) as whole, gzip.open(target, "wb") as cut:
                cut.writelines(islice(whole, rows[name] + 1))
        else:
            pq.write_table(pq.read_table(path).slice(0, rows[name]), target)
    return into


def imported_again(city: str, folder: Path) -> list[str]:
    """Import a city's reports once more by its documented line; return how it is summed up."""
    out = io.StringIO()
    (words,) = (line for line in commands(city, folder) if line[0] == "import_reports")
    call_command(*words, stdout=out)
    return out.getvalue().splitlines()[:4]


def all_here(rows: int) -> list[str]:
    """Return how an import is summed up that brings nothing new."""
    return [
        f"{rows:,} rows read",
        "0 accepted, 0 of them without a place",
        f"{rows:,} were here already",
        "0 rejected",
    ]


def exact_places() -> int:
    """Return how many exact places there are, seen by somebody whose duty is the whole city."""
    with acting_as(replace(ANONYMOUS, duties=(Duty(None, None, 3, 0),))):
        return ExactLocation.objects.count()
