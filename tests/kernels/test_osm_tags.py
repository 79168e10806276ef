"""What tags of OpenStreetMap are taken to mean."""

import pytest

from layers.importing.osm import tags as meaning
from layers.importing.osm.repeats import Repeats

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    ("said", "kmh"),
    [
        ("50", 50),
        ("30 mph", 48),
        ("30mph", 48),
        ("12.5", 12),
        ("50 km/h", 50),
        ("10 knots", 19),
        ("none", None),
        ("", None),
        ("signals", None),
    ],
)
def test_a_speed_is_read_in_kmh(said, kmh):
    assert meaning.speed_kmh(said) == kmh


@pytest.mark.parametrize("said", ["DE:urban", "50;30", "walk", "0", "999", "fast", "5 parsecs"])
def test_a_speed_that_is_no_number_is_refused(said):
    with pytest.raises(ValueError, match="maxspeed"):
        meaning.speed_kmh(said)


@pytest.mark.parametrize(
    ("tags", "direction"),
    [
        ({"oneway": "yes"}, 1),
        ({"oneway": "1"}, 1),
        ({"oneway": "-1"}, -1),
        ({"oneway": "reverse"}, -1),
        ({"oneway": "no"}, 0),
        ({"oneway": "reversible"}, 0),
        ({"junction": "roundabout"}, 1),
        ({"junction": "roundabout", "oneway": "no"}, 0),
        ({"highway": "motorway"}, 1),
        ({"highway": "residential"}, 0),
    ],
)
def test_the_direction_of_vehicles(tags, direction):
    assert meaning.oneway(tags) == direction


@pytest.mark.parametrize(
    ("layer", "level"), [("-1", -1), ("1;2", 1), ("+2", 2), ("ground", 0), ("0.5", 0)]
)
def test_the_level_is_a_whole_number(layer, level):
    assert meaning.level({"layer": layer}) == level


@pytest.mark.parametrize(
    ("tags", "kinds"),
    [
        ({"boundary": "administrative", "admin_level": "8"}, ["admin-8"]),
        ({"boundary": "administrative", "admin_level": "9"}, ["ward"]),
        ({"boundary": "administrative", "admin_level": "nine"}, []),
        ({"boundary": "postal_code", "admin_level": "9"}, []),
        ({"place": "suburb", "name": "Kallio"}, ["neighbourhood"]),
        ({"place": "suburb"}, []),
        ({"leisure": "park"}, ["park"]),
        ({"leisure": "park", "access": "private"}, []),
        ({"natural": "water", "landuse": "reservoir"}, ["water"]),
        ({"leisure": "park", "place": "quarter", "name": "Green"}, ["neighbourhood", "park"]),
        ({"building": "yes"}, []),
    ],
)
def test_the_kinds_of_an_area(tags, kinds):
    assert meaning.kinds_of_area(tags, {"9": "ward"}) == kinds


def test_a_square_is_no_street_and_a_footway_is():
    assert meaning.why_no_street({"highway": "pedestrian", "area": "yes"})
    assert meaning.why_no_street({"highway": "proposed"}) == "not built yet"
    assert meaning.why_no_street({"highway": "footway"}) == ""


def test_the_first_key_tells_the_class_of_a_point():
    assert meaning.class_of_point({"shop": "bakery", "amenity": "cafe"}) == ("amenity", "cafe")
    assert meaning.class_of_point({"shop": "no", "office": "lawyer"}) == ("office", "lawyer")


def test_one_house_is_one_address_and_the_same_number_elsewhere_another():
    seen = Repeats()
    assert seen.is_new("High Street", "7", 0, 51)
    assert not seen.is_new("High Street", "7", 0.002, 51)
    assert seen.is_new("High Street", "7", 0.01, 51)
    assert not seen.is_new("High Street", "7", 0.0101, 51)
    assert seen.is_new("High Street", "7a", 0, 51)
    assert seen.is_new("Low Street", "7", 0, 51)
