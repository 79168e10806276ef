"""Chicago's crimes from its open files to the map, by the documented lines.

The figures were counted in the files by plain Python, without the mapping. The run of every day
reads the beginning of the file of 2018; `--slow` all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from django.db.models import Count

from planning.models import Run
from reports.models import PublicReport, QuarterCount, Report, ReportArea, Sensitivity, ShownReport
from reports.quarters import count_quarters
from tests.database.documented import city_of, commands
from tests.database.real_crimes import all_here, beginning, exact_places, imported_again

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]

CRIMES = "reports_crime/chicago-crimes-2018.parq"
CHICAGO = ZoneInfo("America/Chicago")
JANUARY = datetime(2018, 1, 1, 6, tzinfo=UTC)
"""Its first moment in Chicago."""


@dataclass(frozen=True)
class Counted:
    """What the file holds."""

    rows: int
    by_category: Mapping[str, int]
    by_default: Mapping[str, int]
    """By type, where the mapping has none for it."""
    places: int
    """Of crimes that are shown."""
    outside: int
    """How many stand outside every community area, such as across the street that is the border."""
    thefts_outside: int

    @property
    def of_victims(self) -> int:
        return self.by_category["domestic-violence"] + self.by_category["sexual-assault"]


BEGINNING = Counted(
    5_000,
    {
        "theft": 1963,
        "assault": 1004,
        "domestic-violence": 983,
        "vandalism": 793,
        "drug-dealing": 209,
        "sexual-assault": 48,
    },
    {
        "OTHER OFFENSE": 209,
        "INTERFERENCE WITH PUBLIC OFFICER": 21,
        "PUBLIC PEACE VIOLATION": 19,
        "LIQUOR LAW VIOLATION": 6,
        "GAMBLING": 4,
        "NON-CRIMINAL": 1,
    },
    3_583,
    17,
    10,
)
WHOLE = Counted(
    156_385,
    {
        "theft": 58_364,
        "assault": 33_931,
        "vandalism": 27_672,
        "domestic-violence": 27_173,
        "drug-dealing": 7_425,
        "sexual-assault": 1_820,
    },
    {
        "OTHER OFFENSE": 6_866,
        "INTERFERENCE WITH PUBLIC OFFICER": 803,
        "PUBLIC PEACE VIOLATION": 775,
        "LIQUOR LAW VIOLATION": 171,
        "GAMBLING": 137,
        "NON-CRIMINAL": 20,
        "NON-CRIMINAL (SUBJECT SPECIFIED)": 1,
    },
    73_416,
    437,
    222,
)


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
    """Return the folder of real cities, or one that holds the beginning of the file."""
    if counted is WHOLE:
        return real_data
    return beginning(real_data, tmp_path_factory.mktemp("data"), "chicago", {CRIMES: counted.rows})


@pytest.fixture(scope="module")
def said(folder, django_db_setup, django_db_blocker):
    with city_of("Chicago", folder, django_db_blocker) as said:
        yield said


def test_it_takes_four_lines(real_data):
    assert len(commands("Chicago", real_data)) == 4


def test_every_community_area_comes_in(said):
    assert said["import_areas neighbourhood"][0] == "77 rows read: 77 neighbourhoods in, 0 left out"


def test_every_row_comes_in_and_types_without_a_category_are_listed(said, counted):
    by_default = sum(counted.by_default.values())
    assert said["import_reports"] == [
        f"{counted.rows:,} rows read",
        f"{counted.rows:,} accepted, 0 of them without a place",
        "0 were here already",
        "0 rejected",
        "0 not mapped",
        f"{by_default:,} accepted under the default category",
        *(f"  {count:,} {type_}" for type_, count in counted.by_default.items()),
    ]


def test_what_happened_at_home_comes_before_its_type(said, counted):
    rows = Report.objects.values_list("category__code").annotate(Count("id"))
    assert dict(rows) == counted.by_category


def test_its_times_are_local_though_the_file_types_them_as_utc(said, folder):
    first = pq.ParquetFile(folder / "chicago" / CRIMES).read(["Date"]).column("Date")[0].as_py()
    assert (first.hour, first.utcoffset()) == (0, timedelta())
    assert Report.objects.earliest("reported_at").reported_at == JANUARY
    # The hour that spring left out is the hour after: eight o'clock in UTC, and no earlier.
    spring = datetime(2018, 3, 11, 7, 59, 30, tzinfo=UTC), datetime(2018, 3, 11, 8, tzinfo=UTC)
    assert not Report.objects.filter(reported_at__gt=spring[0], reported_at__lt=spring[1]).exists()


def test_everybody_sees_the_sources_point_and_the_month_and_nothing_finer(said, folder, counted):
    """Class P2 of what the source masked: its point as it is, without text, number or street."""
    shown = PublicReport.objects.all()
    assert shown.count() == ShownReport.objects.count() == counted.rows - counted.of_victims
    table = pq.read_table(folder / "chicago" / CRIMES, columns=["Longitude", "Latitude"])
    published = set(
        zip(*(table.column(name).to_pylist() for name in table.column_names), strict=True)
    )
    points = {point.coords for point in shown.values_list("point", flat=True)}
    assert points <= published
    assert len(points) == counted.places
    others = shown.values_list(
        "sensitivity", "public_id", "description", "place_name", "mask_version", "is_located"
    )
    assert set(others) == {(Sensitivity.CRIME, None, "", "", "source", True)}
    months = {moment.astimezone(CHICAGO) for moment in shown.values_list("shown_at", flat=True)}
    assert {(m.day, m.hour, m.minute, m.second) for m in months} == {(1, 0, 0, 0)}
    assert exact_places() == 0


def test_what_must_not_be_found_is_counted_by_quarter_alone(said, counted):
    victims = Report.objects.filter(sensitivity=Sensitivity.VICTIM)
    assert victims.count() == counted.of_victims
    assert not PublicReport.objects.filter(report__in=victims).exists()
    count_quarters(datetime(2018, 8, 9, tzinfo=UTC))
    quarters = dict(QuarterCount.objects.values_list("quarter", "total"))
    in_the_first = victims.filter(reported_at__lt=datetime(2018, 4, 1, 5, tzinfo=UTC)).count()
    assert quarters[date(2018, 1, 1)] == in_the_first
    told = {ward["name"]: ward["count"] for ward in QuarterCount.objects.earliest("quarter").wards}
    assert len(told) == 77 + 1
    assert told[""] is None, "those outside every area are few, and are not told"
    assert min(count for count in told.values() if count is not None) >= 10


def test_crimes_count_in_the_community_area_that_holds_them(said, counted):
    inside = ReportArea.objects.values("report").distinct().count()
    assert inside == counted.rows - counted.outside


def test_a_second_run_adds_nothing(said, folder, counted):
    assert imported_again("Chicago", folder) == all_here(counted.rows)
    assert Report.objects.count() == counted.rows


def test_thefts_have_hot_spots(said, counted):
    run = Run.objects.get(method="hot-spots")
    assert run.summary["points"] == counted.by_category["theft"] - counted.thefts_outside
    assert run.summary["hot_cells"] > 0
