"""What a point is called: under the pin, on the border, outside, and where nothing is known."""

import pytest
import shapely
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers import gazetteer
from layers.errors import InvalidInput
from layers.importing.load import load_areas, load_streets
from layers.models import Area, AreaKind, City
from reports.intake import submit
from reports.submission import NewReport
from tests.database.conftest import frame
from tests.database.town_of_names import MILL_AT_HIGH, SOURCE, town

__all__ = ["town"]
METRE = 1 / 111_320
"""In degrees, at the equator, where the town lies."""
LEFT = "If it lies on the other side, the neighbouring town looks after it."


def outline(*shapes: shapely.Geometry, kind: str = "ward") -> None:
    names = [str(i) for i in range(len(shapes))]
    areas = frame(code=names, name=names, geometry=list(shapes))
    load_areas(areas, AreaKind.objects.get(slug=kind), SOURCE)


@pytest.mark.parametrize(
    ("point", "label"),
    [
        ((0.0040, 0.00205), "Mill Lane 12"),
        (MILL_AT_HIGH, "High Street at Mill Lane"),
        ((0.0062, 0.00205), "Mill Lane at High Street"),
        ((0.0030, 0.00205), "Mill Lane"),
        ((0.0030, 0.0025), "near Mill Lane"),
        ((0.0080, 0.0020), "Mill Lane"),  # under the bridge
        ((0.0150, 0.0150), ""),
    ],
)
def test_a_point_has_the_name_of_the_house_the_crossing_or_the_street(town, point, label):
    found = gazetteer.at(*point)
    assert (found.label, found.ward, found.message) == (label, "Westside", "")


def test_in_a_park_its_name_says_more_than_a_street_far_off(town):
    meadow = frame(code=["p"], name=["Long Meadow"], geometry=[shapely.box(0, 0, 0.02, 0.02)])
    load_areas(meadow, AreaKind.objects.get(slug="park"), SOURCE)
    assert gazetteer.at(0.0030, 0.0025).label == "Long Meadow, near Mill Lane"
    assert gazetteer.at(0.0150, 0.0150).label == "Long Meadow"
    assert gazetteer.at(0.0040, 0.00205).label == "Mill Lane 12"


def test_the_streets_around_come_nearest_first_and_each_name_once(town):
    found = gazetteer.at(0.005, 0.0021)
    assert (found.street, found.crossing) == ("Mill Lane", "")
    assert [(s.name, s.distance_m) for s in found.nearby] == [
        ("Mill Lane", 11),
        ("High Street", 111),
    ]
    nearest = found.nearby[0]
    assert (nearest.lon, nearest.lat) == pytest.approx((0.005, 0.002))
    assert gazetteer.nearby_streets(0.005, 0.0021) == found.nearby


def test_a_street_of_many_pieces_leaves_room_for_the_others(town):
    pieces = [shapely.LineString([(x / 1e5, 0), (x / 1e5 + 1e-5, 0)]) for x in range(300)]
    across = shapely.LineString([(0.001, 0.0005), (0.002, 0.0005)])
    names = ["Long Walk"] * len(pieces) + ["Side Walk"]
    load_streets(frame(name=names, geometry=[*pieces, across]), SOURCE)
    nearby = gazetteer.nearby_streets(0.0015, 0.0001)
    assert [street.name for street in nearby] == ["Long Walk", "Side Walk"]


def test_the_things_close_by_are_named_with_their_code(town):
    things = gazetteer.at(0.0041, 0.002).assets
    assert [(t.kind, t.kind_title, t.code, t.distance_m) for t in things] == [
        ("hydrant", "Hydrant", "H-0012", 11),
        ("hydrant", "Hydrant", "H-0019", 11),
    ]
    assert gazetteer.at(0.0045, 0.002).assets == []


def test_outside_is_said_in_plain_words(town):
    found = gazetteer.at(0.05, 0.01)
    assert not found.is_inside
    assert found.border_m is None
    assert found.message == (
        "This is outside Namely. Move the pin, or report to the town that it lies in."
    )


def test_what_is_on_no_map_is_outside(town):
    assert gazetteer.at(999, 0) == gazetteer.at(0, 89.9)
    assert gazetteer.at(999, 0).message.startswith("This is outside Namely.")


@pytest.mark.parametrize(
    ("from_border_m", "said"),
    [(3, "5 m"), (21, "20 m"), (57, "55 m"), (64, ""), (500, "")],
)
def test_close_to_the_border_one_is_asked_not_guessed(town, from_border_m, said):
    found = gazetteer.at(0.01, from_border_m * METRE)
    assert found.is_inside
    assert (found.border_m == pytest.approx(from_border_m, abs=0.7)) == bool(said)
    assert found.message == (f"This is close to the border ({said}). {LEFT}" if said else "")


def test_the_border_between_two_wards_is_none(town):
    found = gazetteer.at(0.02, 0.01)
    assert found.is_inside
    assert (found.border_m, found.message) == (None, "")


def test_a_cleft_between_two_wards_is_no_border(db):
    cleft = METRE
    outline(shapely.box(0, 0, 0.01, 0.02), shapely.box(0.01 + cleft, 0, 0.02, 0.02))
    assert gazetteer.at(0.0099, 0.01).border_m is None


def test_the_outline_of_the_city_goes_before_its_wards(db):
    outline(shapely.box(0, 0, 0.02, 0.02))
    outline(shapely.box(0, 0, 0.04, 0.02), kind="city")
    assert gazetteer.at(0.0199, 0.01).border_m is None
    assert gazetteer.at(0.0399, 0.01).border_m == pytest.approx(11.1, abs=0.1)


def test_far_from_the_equator_metres_stay_metres(db):
    outline(shapely.box(24.9, 60.1, 25.0, 60.2))
    found = gazetteer.at(24.95, 60.1 + 30 * METRE)
    assert found.border_m == pytest.approx(30, abs=0.5)


def test_without_areas_nothing_is_outside(db):
    found = gazetteer.at(0.01, 0.01)
    assert found.is_inside
    assert (found.label, found.message, found.nearby) == ("", "", [])


def test_a_hole_of_the_city_is_outside(db):
    ring = shapely.box(0, 0, 0.03, 0.03) - shapely.box(0.01, 0.01, 0.02, 0.02)
    outline(ring, kind="city")
    assert not gazetteer.at(0.015, 0.015).is_inside
    assert gazetteer.at(0.0099, 0.015).border_m == pytest.approx(11.1, abs=0.1)


@pytest.mark.parametrize("tiny", [5e-324, -1e-310])
def test_numbers_too_small_to_store_are_nought(town, tiny):
    assert gazetteer.at(tiny, tiny) == gazetteer.at(0, 0)
    assert gazetteer.find("mill lane", (tiny, tiny)) == gazetteer.find("mill lane", (0, 0))


def is_taken(point: gazetteer.Point) -> bool:
    try:
        submit(NewReport("pothole", point, must_be_inside=True))
    except InvalidInput:
        return False
    return True


# On the very border intake and look-up must agree as well.
edge = st.sampled_from([0.0, 0.02, 0.04, 0.0399999999, 0.04000000001, -1e-12])


def degrees(least: float, most: float) -> st.SearchStrategy[float]:
    return st.floats(least, most, allow_subnormal=False).map(lambda value: round(value, 12))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lon=degrees(-0.01, 0.05) | edge, lat=degrees(-0.01, 0.03) | edge)
def test_inside_is_what_intake_takes(town, lon, lat):
    assert gazetteer.at(lon, lat).is_inside == is_taken((lon, lat))


def test_a_new_area_counts_at_once(town):
    assert not gazetteer.at(0.05, 0.01).is_inside
    Area.objects.create(
        kind_id="ward",
        code="n",
        name="New",
        geometry=shapely.MultiPolygon([shapely.box(0.04, 0, 0.06, 0.02)]).wkt,
    )
    assert gazetteer.at(0.05, 0.01).is_inside


def test_the_pages_answer_in_json(client, town):
    found = client.get("/places/", {"q": "mil lane 12", "near": "0.01,0.01"})
    assert found["Cache-Control"] == "private, max-age=60"
    assert found.json()["places"][0] == {
        "kind": "address",
        "label": "Mill Lane 12",
        "detail": "Westside",
        "lon": 0.004,
        "lat": 0.0021,
        "bounds": None,
        "url": None,
    }
    there = client.get("/places/at/", {"lon": "0.004", "lat": "0.00205"}).json()
    assert there["label"] == "Mill Lane 12"
    assert set(there) == {
        "label", "street", "crossing", "ward", "neighbourhood", "is_inside", "border_m", "message",
        "nearby", "assets",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/places/?q=mill&near=north", "near"),
        ("/places/?q=mill&near=1,nan", "near"),
        ("/places/at/", "point"),
        ("/places/at/?lon=0&lat=91", "point"),
        ("/places/at/?lon=inf&lat=0", "point"),
    ],
)
def test_a_point_that_is_none_is_named(client, db, address, field):
    refused = client.get(address, headers={"Accept": "application/json"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field


def test_names_of_streets_and_areas_can_be_drawn(client, town):
    City.objects.filter(id=1).update(ward_kind="ward")
    parts = [shapely.box(0, 0, 0.002, 0.002), shapely.box(0.01, 0.01, 0.014, 0.014)]
    park = frame(code=["p"], name=["Queen’s Park"], geometry=[shapely.MultiPolygon(parts)])
    load_areas(park, AreaKind.objects.get(slug="park"), SOURCE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name.name, kind_id, rank, ST_X(point), ST_Y(point) "
            "FROM layers_placename AS name JOIN layers_area AS area ON area.id = area_id "
            "ORDER BY name.name"
        )
        rows = cursor.fetchall()
    assert [row[:3] for row in rows] == [
        ("Eastside", "ward", 12),
        ("Queen’s Park", "park", 14),
        ("Westside", "ward", 12),
    ]
    assert rows[1][3:] == pytest.approx((0.012, 0.012), abs=1e-4)
    assert "Queen’s Park".encode() in client.get("/tiles/place-names/13/4096/4095.mvt").content
    far = client.get("/tiles/place-names/12/2048/2047.mvt").content
    assert "Queen’s Park".encode() not in far
    assert b"Westside" in far
