"""Toronto's crimes from its open files to the map, by the documented lines.

The figures were counted in the files by plain Python, without the mapping. The run of every day
reads the beginning of both files; `--slow` all of them.
"""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from planning.models import Run
from reports.models import PublicReport, Report, ReportArea, Sensitivity, ShownReport
from tests.database.documented import city_of, commands
from tests.database.real_crimes import all_here, beginning, exact_places, imported_again

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]

TORONTO = ZoneInfo("America/Toronto")
FILES = ("reports_crime/test.csv.gz", "reports_crime/train.csv.gz")


@dataclass(frozen=True)
class Counted:
    """What the files hold."""

    rows: tuple[int, int]
    by_category: Mapping[str, int]
    repeats: int
    """Rows that are another one in all that the mapping reads."""
    outside: int
    """At a crossing on the border of the city, a metre or more beyond every neighbourhood."""
    thefts_outside: int

    @property
    def all_rows(self) -> int:
        return sum(self.rows)


BEGINNING = Counted((2_500, 2_500), {"assault": 3_104, "theft": 1_896}, 43, 57, 30)
WHOLE = Counted((30_000, 210_992), {"assault": 145_413, "theft": 95_579}, 2_353, 523, 292)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(BEGINNING, id="beginning"),
        pytest.param(WHOLE, id="whole", marks=pytest.mark.slow),
    ],
)
def counted(request) -> Counted:
    return request.param


@pytest.fixture(scope="module")
def folder(counted, real_data, tmp_path_factory) -> Path:
    """Return the folder of real cities, or one that holds the beginning of the files."""
    if counted is WHOLE:
        return real_data
    cut = dict(zip(FILES, counted.rows, strict=True))
    return beginning(real_data, tmp_path_factory.mktemp("data"), "toronto", cut)


@pytest.fixture(scope="module")
def said(folder, django_db_setup, django_db_blocker):
    with city_of("Toronto", folder, django_db_blocker) as said:
        yield said


def rows(folder: Path) -> Iterator[dict[str, str]]:
    for name in FILES:
        with gzip.open(folder / "toronto" / name, "rt", newline="") as file:
            yield from csv.DictReader(file)


def moment(row: dict[str, str]) -> datetime:
    """Return when a crime happened, by the row's own parts; days of before 2000 have none."""
    if row["occurrencemonth"]:
        text = f"{row['occurrencedate'][:4]} {row['occurrencemonth']} {row['occurrenceday']}"
        # The year of the text is UTC's, which Toronto's midnight shares.
        day = datetime.strptime(text, "%Y %B %d").replace(tzinfo=TORONTO)
    else:
        day = datetime.strptime(row["occurrencedate"][:10], "%Y/%m/%d").replace(tzinfo=TORONTO)
    return day.replace(hour=int(row["occurrencehour"])).astimezone(UTC)


def test_it_takes_four_lines(real_data):
    assert len(commands("Toronto", real_data)) == 4


def test_every_neighbourhood_comes_in_and_one_is_mended(said):
    assert said["import_areas neighbourhood"][:2] == [
        "140 rows read: 140 neighbourhoods in, 0 left out",
        "  found: 1 had invalid rings, which were mended, such as row 41",
    ]


def test_every_row_comes_in(said, counted):
    assert said["import_reports"] == [
        f"{counted.all_rows:,} rows read",
        f"{counted.all_rows:,} accepted, 0 of them without a place",
        "0 were here already",
        "0 rejected",
        "0 not mapped",
    ]
    assert Counter(Report.objects.values_list("category__code", flat=True)) == counted.by_category


def test_the_day_is_its_local_midnight_and_the_hour_stands_apart(said, folder):
    """Also days that the source reckoned by a rule of summer time that was not in force."""
    told = Counter(moment(row) for row in rows(folder))
    stored = Counter(Report.objects.values_list("reported_at", flat=True))
    assert stored == told


def test_equal_rows_are_distinct_crimes(said, counted, folder):
    read = ("occurrencedate", "occurrencehour", "MCI", "Lat", "Long")
    distinct = {tuple(row[name] for name in read) for row in rows(folder)}
    assert counted.all_rows - len(distinct) == counted.repeats
    assert Report.objects.count() == counted.all_rows


def test_everybody_sees_the_sources_point_and_the_month_and_nothing_finer(said, folder, counted):
    """Class P2 of what the source masked: its point as it is, without text, number or street."""
    shown = PublicReport.objects.all()
    assert shown.count() == ShownReport.objects.count() == counted.all_rows
    published = {(float(row["Long"]), float(row["Lat"])) for row in rows(folder)}
    assert {point.coords for point in shown.values_list("point", flat=True)} == published
    others = shown.values_list(
        "sensitivity", "public_id", "description", "place_name", "mask_version", "is_located"
    )
    assert set(others) == {(Sensitivity.CRIME, None, "", "", "source", True)}
    months = {moment.astimezone(TORONTO) for moment in shown.values_list("shown_at", flat=True)}
    assert {(m.day, m.hour, m.minute, m.second) for m in months} == {(1, 0, 0, 0)}
    assert exact_places() == 0


def test_crimes_count_in_the_neighbourhood_that_holds_them(said, counted):
    inside = ReportArea.objects.values("report").distinct().count()
    assert inside == counted.all_rows - counted.outside


def test_a_second_run_adds_nothing(said, folder, counted):
    assert imported_again("Toronto", folder) == all_here(counted.all_rows)
    assert Report.objects.count() == counted.all_rows


def test_thefts_have_hot_spots(said, counted):
    run = Run.objects.get(method="hot-spots")
    assert run.summary["points"] == counted.by_category["theft"] - counted.thefts_outside
    assert run.summary["hot_cells"] > 0
