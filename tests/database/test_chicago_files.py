"""Chicago's other files of crimes: what each lacks, and what is made of it.

The figures were counted in the files by plain Python, without the mapping.
"""

import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from geo.base_data import load_base
from geo.environment import PROJECT
from reports.models import PublicReport, Report, Sensitivity
from tests.database.real_crimes import beginning, exact_places

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]

MAPPING = PROJECT / "fixtures/mappings/chicago_crime.toml"


def imported(*files: Path) -> list[str]:
    out = io.StringIO()
    call_command("import_reports", *files, mapping=MAPPING, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def crimes(real_data: Path) -> Path:
    return real_data / "chicago/reports_crime"


@pytest.fixture
def city(db):
    load_base()
    call_command("set_city", "Chicago", time_zone="America/Chicago")


def test_homicides_without_a_place_are_on_no_map(city, crimes):
    """54 of them stand at one point in Missouri or have none; 2 lie beyond the city by an error."""
    homicides = crimes / "chicago-homicides-2001-2018.csv.gz"
    assert imported(homicides) == [
        "9,265 rows read",
        "9,265 accepted, 56 of them without a place",
        "0 were here already",
        "0 rejected",
        "0 not mapped",
    ]
    counts = Counter(Report.objects.values_list("category__code", flat=True))
    assert counts == {"assault": 8_649, "domestic-violence": 616}
    assert PublicReport.objects.count() == 8_649
    assert PublicReport.objects.filter(point=None).count() == 53
    # 08/09/2018 04:30:00 AM
    newest = Report.objects.get(submissionkey__key="24121")
    assert newest.reported_at == datetime(2018, 8, 9, 9, 30, tzinfo=UTC)
    assert exact_places() == 0
    assert imported(homicides)[1:3] == [
        "0 accepted, 0 of them without a place",
        "9,265 were here already",
    ]


def test_a_file_of_places_and_times_alone_comes_in_as_the_default(city, real_data, tmp_path):
    """Neither type nor number: equal rows are known by which of them they are."""
    name, rows = "reports_crime/chicago-crimes-2017-0.csv.gz", 3_000
    folder = beginning(real_data, tmp_path, "chicago", {name: rows})
    assert imported(folder / "chicago" / name) == [
        "3,000 rows read",
        "3,000 accepted, 0 of them without a place",
        "0 were here already",
        "0 rejected",
        "0 not mapped",
        "3,000 accepted under the default category",
        "  3,000 (empty)",
    ]
    assert set(PublicReport.objects.values_list("sensitivity")) == {(Sensitivity.CRIME,)}


def test_a_file_without_times_is_refused(city, crimes):
    with pytest.raises(CommandError) as refusal:
        imported(crimes / "chicago-crimes-2018.part.0.parquet")
    assert str(refusal.value) == (
        "chicago-crimes-2018.part.0.parquet has no column 'Date', which the mapping names. Its "
        "header is: PrimaryType, Block, Description, LocationDescription, CommunityArea, Arrest, "
        "Domestic, Latitude, Longitude, Ward."
    )
    assert not Report.objects.exists()
