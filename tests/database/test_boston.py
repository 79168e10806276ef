"""Boston from its open files to its maps, by the documented lines.

The city is brought in once for all tests here, in one transaction that is rolled back.
"""

import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from geo.accounts.models import User
from geo.environment import PROJECT
from geo.viewer import viewer_of
from layers import gazetteer
from layers.models import Area, Asset, StreetSegment
from planning.models import Run
from reports import incidents
from reports.importing.mapping import read_mapping
from reports.importing.run import import_reports
from reports.models import Crew, PublicReport, Report, ReportArea, Sensitivity
from reports.workflow import Phase
from tests.database.documented import city_of, commands

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]

MAPPING = PROJECT / "fixtures/mappings/boston_311.toml"
CITY_HALL = (-71.0587, 42.3594)
"""Where the source puts every report that it has no place for."""
TYPED = {
    "kittridge st": "Kittredge Street",
    "Shamut Avenue": "Shawmut Avenue",
    "Amercian Legion Hwy": "American Legion Highway",
    "Bowdin street": "Bowdoin Street",
    "W Roxbury Pkwy": "West Roxbury Parkway",
    "Lamertine st": "Lamartine Street",
    "humbolt ave": "Humboldt Avenue",
    "Soldier's Feild Rd": "Soldiers Field Road",
    "chesnut hill ave": "Chestnut Hill Avenue",
    "Napponset Ave": "Neponset Avenue",
    "Beacon st and Charls st": "Beacon Street at Charles Street",
    "Huntngton Ave / Ruggels St": "Huntington Avenue at Ruggles Street",
    "Center Street, Roslindale": "Centre Street",
    "old colony": "Old Colony Avenue",
    "Mattapn": "Mattapan",
    "longwoodave": "Longwood Avenue",
    "E 3rd st": "East Third Street",
    "Fitzgerald surfce road": "John F. Fitzgerald Surface Road",
    "comercial st north end": "Commercial Street",
    "Brihgton": "Brighton",
}
"""What hurried fingers type around City Hall, and what they mean; written before it was tried."""


def shell(*words: object, **options: object) -> list[str]:
    out = io.StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue().splitlines()


@pytest.fixture(scope="module")
def folder(real_data: Path) -> Path:
    return real_data / "boston"


def files_of(folder: Path) -> list[Path]:
    return sorted((folder / "reports_311_2015").glob("*.csv.gz"))


@pytest.fixture(scope="module")
def said(real_data, django_db_setup, django_db_blocker):
    """Bring Boston in; what each documented line said."""
    with city_of("Boston", real_data, django_db_blocker) as said:
        yield said


def finding(method: str) -> Run:
    return Run.objects.select_related("result").get(method=method)


def rows(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def test_every_neighbourhood_comes_in_and_four_are_mended(said):
    assert said["import_areas neighbourhood"] == [
        "26 rows read: 26 neighbourhoods in, 0 left out",
        "  found: 4 had invalid rings, which were mended, such as row 8",
        "To undo it: manage.py undo_import 'areas:neighbourhood'",
    ]
    assert Area.objects.filter(kind="neighbourhood").count() == 26


def test_every_named_street_comes_in(said):
    assert said["import_streets"][0] == "10,761 rows read: 10,761 streets in, 0 left out"
    assert StreetSegment.objects.exclude(name="").count() == 10_761


def test_it_takes_ten_lines(real_data):
    assert len(commands("Boston", real_data)) == 10


def test_wards_and_hydrants_come_in_and_three_hydrants_come_twice(said):
    assert said["import_areas ward"][:2] == [
        "22 rows read: 22 wards in, 0 left out",
        "  found: 3 had invalid rings, which were mended, such as row 5",
    ]
    assert said["import_assets hydrant"][0] == "13,253 rows read: 13,250 hydrants in, 3 left out"
    assert Area.objects.filter(kind="ward").count() == 22
    assert Asset.objects.filter(kind="hydrant").count() == 13_250


def test_hurried_fingers_find_their_street(said):
    found = {text: [p.label for p in gazetteer.find(text, CITY_HALL)] for text in TYPED}
    first = [text for text, meant in TYPED.items() if found[text][:1] == [meant]]
    among_five = [text for text, meant in TYPED.items() if meant in found[text][:5]]
    # A number in words is another word: "3rd" does not find "Third".
    assert set(TYPED) - set(among_five) == {"E 3rd st"}
    assert len(first) == 19


def test_every_row_is_accounted_for(said):
    assert said["import_reports"][:6] == [
        "121,145 rows read",
        "120,948 accepted, 17,064 of them without a place",
        "0 were here already",
        "197 rejected",
        "  197 it was closed before it was opened",
        "0 not mapped",
    ]
    assert said["import_reports"][6] == "51,154 accepted under the default category"


def test_types_become_our_categories_and_the_rest_something_else(said):
    counts = Counter(PublicReport.objects.values_list("family", "category__code"))
    assert counts == {
        ("crime", "graffiti"): 5652,
        ("roads", "abandoned-vehicle"): 3073,
        ("roads", "illegal-parking"): 666,
        ("roads", "pothole"): 5623,
        ("roads", "sidewalk"): 6085,
        ("roads", "sign-damaged"): 5968,
        ("roads", "street-light"): 7956,
        ("roads", "traffic-signal"): 4359,
        ("water", "blocked-drain"): 405,
        ("water", "water-leak"): 341,
        ("water", "water-quality"): 303,
        ("waste", "dead-animal"): 2244,
        ("waste", "illegal-dumping"): 1055,
        ("waste", "missed-collection"): 14054,
        ("waste", "overflowing-bin"): 3379,
        ("waste", "waste-at-home"): 3313,
        ("other", "fallen-tree"): 4919,
        ("other", "neighbour-noise"): 399,
        ("other", "something-else"): 51154,
    }


def test_the_hour_that_comes_twice_is_taken_for_its_first(said):
    """The one report of the night on which summer time ended, between one and two."""
    twice = datetime(2015, 11, 1, 5, tzinfo=UTC), datetime(2015, 11, 1, 7, tzinfo=UTC)
    opened = Report.objects.filter(reported_at__range=twice).values_list("reported_at", flat=True)
    assert [moment.hour for moment in opened] == [5]


def test_the_false_point_at_city_hall_holds_no_report(said):
    at_city_hall = PublicReport.objects.extra(
        where=["ST_DWithin(point, ST_SetSRID(ST_MakePoint(%s, %s), 4326), 0.00005)"],
        params=CITY_HALL,
    )
    assert PublicReport.objects.filter(is_located=False).count() == 17_064
    assert not at_city_hall.exists()
    assert not PublicReport.objects.filter(is_located=False, point__isnull=False).exists()


def test_reports_without_a_place_count_where_their_source_says(said):
    without = ReportArea.objects.filter(report__is_located=False)
    counts = Counter(without.values_list("area__name", flat=True))
    assert counts["Roxbury"] == 873
    assert counts["Mattapan"] == 169
    assert counts["Allston"] == 197 + 89
    assert counts["Brighton"] == 197 + 169
    shown = Counter(
        PublicReport.objects.filter(is_located=False).values_list("ward__name", flat=True)
    )
    assert shown["Roxbury"] == 873
    assert shown["Allston"] == 89


def test_almost_every_place_has_a_neighbourhood_and_a_street(said):
    located = PublicReport.objects.filter(is_located=True)
    assert located.count() == 103_884
    assert located.filter(ward=None).count() == 25
    assert located.filter(place_name="", sensitivity=Sensitivity.OPEN).count() == 7


def test_a_second_run_adds_nothing(said, folder):
    (path,) = [path for path in files_of(folder) if path.name.startswith("Watermain")]
    again = import_reports([path], read_mapping(MAPPING))
    assert (again.read, again.accepted, again.repeated) == (86, 0, 86)


def test_a_crew_works_on_the_lights_of_one_neighbourhood(said):
    user = User.objects.create_user("lights@example.org", "correct horse battery")
    shell(
        "add_crew",
        "Lights, Roxbury",
        department="Public works",
        area=["neighbourhood:Roxbury"],
        category=["street-light"],
        member=[user.email],
    )
    viewer = viewer_of(user)
    assert incidents.count(viewer, [Phase.OPEN], [Phase.DONE]) == [50, 427]
    waiting = incidents.queue_of(viewer, [Phase.OPEN])
    assert len(waiting) == 50
    assert {i.report.category.code for i in waiting} == {"street-light"}
    assert any(i.lon is not None for i in waiting)
    assert Crew.objects.get().zone.areas.get().name == "Roxbury"


def test_street_lights_fail_on_beacon_hill_and_not_at_the_false_point(said):
    run = finding("hot-spots")
    assert run.summary["points"] == 6912
    assert run.summary["hot_cells"] == 167
    table = f'results."{run.result.table_name}"'
    (highest,) = rows(
        f"SELECT area.name FROM {table} AS cell JOIN layers_area AS area "
        "ON ST_Covers(area.geometry, ST_Centroid(cell.geometry)) ORDER BY cell.z DESC LIMIT 1"
    )
    assert highest == ("Beacon Hill",)
    (at_city_hall,) = rows(
        f'SELECT "count", rank FROM (SELECT *, rank() OVER (ORDER BY z DESC) FROM {table}) AS cell '
        "WHERE ST_Covers(geometry, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
        *CITY_HALL,
    )
    # The lamps of the square itself; with the false point it would hold over a thousand.
    assert at_city_hall[0] == 15
    assert at_city_hall[1] > 50


def test_the_named_streets_fall_into_pieces(said):
    figures = finding("street-grid").summary
    assert (figures["components"], figures["dead_ends"]) == (73, 2147)
    assert figures["share_of_length_in_main"] == pytest.approx(0.673, abs=0.001)


def test_no_cell_has_a_trend_over_the_one_year(said):
    figures = finding("trend").summary
    assert (figures["reports"], figures["months"], figures["cells"]) == (6912, 12, 237)
    assert figures["cells_by_trend"] == {
        "increasing": 0,
        "decreasing": 0,
        "no clear trend": 237,
    }
