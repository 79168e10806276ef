"""Real reports of Boston in every format that reports may come in: each gives the same.

What the others are compared with is the file as it was published, a CSV packed by gzip.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from django.db import transaction

from geo.environment import PROJECT
from reports.importing.mapping import ReportMapping, parse_mapping
from reports.importing.run import Summary, import_reports
from reports.models import PublicReport, Report
from tests.database.workbooks import workbook

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]

FILE = "boston/reports_311_2015/Fire Hydrant.csv.gz"
TIMES = ("OPEN_DT", "TARGET_DT", "CLOSED_DT")
PATTERN = "%m/%d/%Y %I:%M:%S %p"
NUMBERS = ("CASE_ENQUIRY_ID", "LATITUDE", "LONGITUDE")

Row = Mapping[str, str]


@pytest.fixture
def mapping(db: None) -> ReportMapping:
    """Return Boston's, without its areas; typed times come as ISO 8601."""
    text = (PROJECT / "fixtures/mappings/boston_311.toml").read_text().split("[area]")[0]
    assert f'format = "{PATTERN}"' in text
    return parse_mapping(text.replace(f'"{PATTERN}"', f'["{PATTERN}", "iso"]'))


def rows_of(path: Path) -> list[Row]:
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def time_of(text: str) -> datetime | None:
    return datetime.strptime(text, PATTERN) if text else None  # noqa: DTZ007 - the mapping has it


def typed(rows: list[Row]) -> Iterator[dict[str, object]]:
    for row in rows:
        yield {
            **row,
            **{name: time_of(row[name]) for name in TIMES},
            **{name: float(row[name]) if row[name] else None for name in NUMBERS},
        }


def as_csv(rows: list[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_zip(rows: list[Row]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first.csv", as_csv(rows[:100]))
        archive.writestr("second.csv", as_csv(rows[100:]))
    return out.getvalue()


def as_lines(rows: list[Row]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def as_parquet(rows: list[Row]) -> bytes:
    out = io.BytesIO()
    frame = pd.DataFrame(typed(rows))
    frame["CASE_ENQUIRY_ID"] = frame["CASE_ENQUIRY_ID"].astype("int64")
    frame["TYPE"] = frame["TYPE"].astype("category")
    frame.to_parquet(out)
    return out.getvalue()


def as_workbook(rows: list[Row]) -> bytes:
    cells = [list(row.values()) for row in typed(rows)]
    return workbook([list(rows[0]), *cells], empty_rows=2)


def as_features(rows: list[Row]) -> bytes:
    features = [
        {"type": "Feature", "properties": row, "geometry": None, "id": number}
        for number, row in enumerate(rows)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


FORMATS: Mapping[str, Callable[[list[Row]], bytes]] = {
    "r.csv": as_csv,
    "r.csv.bz2": lambda rows: bz2.compress(as_csv(rows)),
    "r.csv.xz": lambda rows: lzma.compress(as_csv(rows)),
    "r.zip": as_zip,
    "r.jsonl": as_lines,
    "r.jsonl.gz": lambda rows: gzip.compress(as_lines(rows)),
    "r.json": lambda rows: json.dumps(rows).encode(),
    "r.geojson": as_features,
    "r.parquet": as_parquet,
    "r.xlsx": as_workbook,
}


def figures(summary: Summary) -> tuple[object, ...]:
    return summary.read, summary.accepted, summary.not_located, summary.reasons()


def stored() -> list[tuple[object, ...]]:
    """Return what is known of each report; their keys in the database are random."""
    rows = Report.objects.order_by("submissionkey__key").values_list(
        "submissionkey__key", "reported_at", "closed_at", "promised_at", "category__code", "state"
    )
    places = PublicReport.objects.order_by("report__submissionkey__key")
    return [*rows, *places.values_list("report__submissionkey__key", "point", "description")]


@pytest.mark.parametrize("name", FORMATS)
def test_a_real_file_gives_the_same_in_every_format(real_data, tmp_path, mapping, name):
    published = real_data / FILE
    rows = rows_of(published)
    with transaction.atomic():
        expected = figures(import_reports([published], mapping)), stored()
        transaction.set_rollback(True)
    path = tmp_path / name
    path.write_bytes(FORMATS[name](rows))
    assert (figures(import_reports([path], mapping)), stored()) == expected
    assert expected[0][0] == len(rows) > 200
    assert len(expected[1]) == 2 * expected[0][1] > 400


def test_a_second_run_in_another_format_adds_nothing(real_data, tmp_path, mapping):
    published = real_data / FILE
    first = import_reports([published], mapping)
    path = tmp_path / "r.xlsx"
    path.write_bytes(as_workbook(rows_of(published)))
    again = import_reports([path], mapping)
    assert (again.accepted, again.repeated, again.updated) == (0, first.accepted, 0)


def test_rows_of_a_workbook_are_numbered_as_the_sheet_shows_them(real_data, tmp_path, mapping):
    """Two empty rows and the header stand above the first."""
    rows = rows_of(real_data / FILE)[:3]
    rows[1] = {**rows[1], "CASE_STATUS": "Lost"}
    path = tmp_path / "r.xlsx"
    path.write_bytes(as_workbook(rows))
    (rejected,) = import_reports([path], mapping).rejected
    assert (rejected.row, rejected.key) == (5, rows[1]["CASE_ENQUIRY_ID"])
