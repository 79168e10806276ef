"""The search for places: what people type, and what they mean by it."""

import pytest
import shapely
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers import gazetteer
from layers.importing.load import load_areas, load_streets
from layers.models import AreaKind, PlaceName
from reports.intake import submit
from reports.submission import NewReport
from tests.database.conftest import WEST_POINT, frame
from tests.database.town_of_names import ADDRESSES, MILL_AT_HIGH, SOURCE, town

__all__ = ["town"]
WEST, EAST = (0.004, 0.010), (0.033, 0.010)


def labels(text: str, near: gazetteer.Point | None = None) -> list[str]:
    return [place.label for place in gazetteer.find(text, near)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Mill Lane", "Mill Lane"),
        ("MILL lane", "Mill Lane"),
        ("mill", "Mill Lane"),
        ("Mil Lane", "Mill Lane"),
        ("Mlil Lane", "Mill Lane"),
        ("Moll Lane", "Mill Lane"),
        ("Lane Mill", "Mill Lane"),
        ("milllane", "Mill Lane"),
        ("Mill Lane Namely", "Mill Lane"),
        ("Mill Lane, 01234 Namely", "Mill Lane"),
        ("High St.", "High Street"),
        ("Hihg Street", "High Street"),
        ("zurichstrasse", "Zürichstraße"),
        ("Zuerichstrasse", "Zürichstraße"),
        ("ZÜRICHSTRASSE", "Zürichstraße"),
        ("zürich str", "Zürichstraße"),
        ("rua sao joao", "Rua São João"),
        ("sao jaoo", "Rua São João"),
        ("obriens road", "O’Brien’s Road"),
        ("o'brien", "O’Brien’s Road"),
        ("100% way_north", "100% Way_North"),
        ("הרצל", "רחוב הרצל"),
        ("\u200fרחוב הרצל\u200f", "רחוב הרצל"),
        ("Estside", "Eastside"),
    ],
)
def test_a_slip_of_the_finger_finds_what_was_meant(town, typed, meant):
    assert labels(typed)[0] == meant


@pytest.mark.parametrize(
    "typed", ["", "  ", "\0", "%", "_", "\\", "'; --", "🙂", ",", "/", "Dragon Way", "x" * 10_000]
)
def test_what_is_no_name_finds_nothing(town, typed):
    assert gazetteer.find(typed) == []


def test_an_empty_city_has_no_places(db):
    assert gazetteer.find("Mill Lane 12") == []


def test_a_beginning_offers_every_street_that_begins_so(town):
    assert set(labels("par")) == {"Park Street", "PARK STREET"}


def test_streets_of_one_name_are_told_apart_by_where_they_lie(town):
    found = gazetteer.find("park street")
    assert {(p.label, p.detail) for p in found} == {
        ("Park Street", "Westside"),
        ("PARK STREET", "Eastside"),
    }
    assert [p.kind for p in found] == ["street", "street"]


@pytest.mark.parametrize(("near", "first"), [(WEST, "Westside"), (EAST, "Eastside")])
def test_of_two_that_are_equally_alike_the_nearer_comes_first(town, near, first):
    assert gazetteer.find("park street", near)[0].detail == first


@pytest.mark.parametrize("typed", ["Park Street, Eastside", "park st eastside", "Park, Estside"])
def test_the_part_of_the_city_may_be_typed_behind(town, typed):
    assert gazetteer.find(typed, WEST)[0].detail == "Eastside"


def test_nearness_does_not_turn_a_name_into_another(town):
    assert labels("High Street", EAST)[0] == "High Street"


def test_a_place_has_bounds_and_a_point_on_it(town):
    (place,) = gazetteer.find("zürichstraße")
    assert (place.lon, place.lat) == pytest.approx((0.015, 0.004))
    assert place.bounds == pytest.approx((0.012, 0.004, 0.018, 0.004))


@pytest.mark.parametrize(
    "typed",
    ["Mill Lane 12", "12 Mill Lane", "Mill Lane, 12", "12, mill lane", "mil lane 12", "Mlil 12",
     "Mill Lane 12, Westside"],
)  # fmt: skip
def test_an_address_is_found_with_its_number_on_either_side(town, typed):
    first = gazetteer.find(typed)[0]
    assert (first.kind, first.label) == ("address", "Mill Lane 12")
    assert (first.lon, first.lat) == ADDRESSES["12"]
    assert first.detail == "Westside"


def test_a_number_that_is_only_begun_offers_those_that_begin_so(town):
    assert labels("Mill Lane 12")[:3] == ["Mill Lane 12", "Mill Lane 120", "Mill Lane 12a"]
    assert labels("Mill Lane 12A")[0] == "Mill Lane 12a"


def test_a_number_that_nobody_knows_finds_the_street(town):
    assert labels("Mill Lane 99")[0] == "Mill Lane"


@pytest.mark.parametrize(
    "typed",
    ["Mill Lane / High Street", "Mill Lane & High", "mill lane & h", "corner of Mil Lane and High",
     "Mill Lane, High Street", "esquina de mill con high st", "Mill Lane High Street"],
)  # fmt: skip
def test_a_crossing_is_found_by_its_two_streets(town, typed):
    first = gazetteer.find(typed)[0]
    assert (first.kind, first.label) == ("crossing", "Mill Lane at High Street")
    assert (first.lon, first.lat) == pytest.approx(MILL_AT_HIGH, abs=1e-6)


def test_a_bridge_does_not_cross_what_it_passes_over(town):
    kinds = {place.kind for place in gazetteer.find("Mill Lane / Station Road")}
    assert kinds == {"street"}


@pytest.mark.parametrize("typed", ["H-0012", "h0012", "hydrant h-0012", "H 0012"])
def test_an_asset_is_found_by_its_code(town, typed):
    first = gazetteer.find(typed)[0]
    assert (first.kind, first.label) == ("asset", "Hydrant H-0012")


def test_a_code_that_is_only_begun_offers_those_that_begin_so(town):
    assert labels("h-001") == ["Hydrant H-0012", "Hydrant H-0019"]


@pytest.mark.parametrize(("category", "is_found"), [("pothole", True), ("theft", False)])
def test_a_report_is_found_by_its_number_where_everybody_may_open_it(
    small_city, category, is_found
):
    number = submit(NewReport(category, WEST_POINT)).public_id
    found = gazetteer.find(f"#{number[:5]}-{number[5:]}".upper())
    assert [(p.kind, p.url) for p in found] == [("report", f"/reports/{number}/")] * is_found
    assert gazetteer.find(number[:9]) == []


def test_names_follow_the_areas_and_streets_that_are_loaded(town):
    load_streets(frame(name=["New Road"], geometry=[shapely.LineString([(0, 0), (1, 1)])]), SOURCE)
    square = frame(code=["w"], name=["Old Town"], geometry=[shapely.box(0, 0, 1, 1)])
    load_areas(square, AreaKind.objects.get(slug="ward"), SOURCE)
    # The lane's name stays with its addresses.
    assert set(PlaceName.objects.values_list("name", flat=True)) == {
        "New Road",
        "Old Town",
        "Mill Lane",
    }
    assert labels("westside") == []


def test_crew_zones_are_not_offered(town):
    assert not PlaceName.objects.filter(area__kind="zone").exists()


def test_a_search_reads_indexes_not_whole_tables(town):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT * FROM layers_asset "
            "WHERE layers_code(code) ~>=~ 'h001' AND layers_code(code) ~<~ 'h002'"
        )
        assets = str(cursor.fetchall())
        cursor.execute("EXPLAIN SELECT * FROM layers_word WHERE word % 'milane' AND is_whole")
        names = str(cursor.fetchall())
        cursor.execute("EXPLAIN SELECT * FROM layers_word WHERE word %> 'mil' AND NOT is_whole")
        single = str(cursor.fetchall())
    assert "layers_asset_code_prefix" in assets
    assert "layers_word_whole_trigrams" in names
    assert "layers_word_trigrams" in single


def folded(text: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT layers_key(%s)", [text])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Zürichstraße", "zurichstrasse"),
        ("  L’Église – Saint-Denis ", "leglise saint denis"),
        ("ŁÓDŹ Øst İĞ", "lodz ost ig"),
        ("Ёлочная", "елочная"),
        ("הַרְצֵל", "הרצל"),
        ("شَارِع", "شارع"),
        ("महात्मा मार्ग", "महात्मा मार्ग"),
        ("東京都", "東京都"),
    ],
)
def test_a_name_is_folded_alike_in_every_script(db, name, key):
    assert folded(name) == key


# One database for all examples: they write nothing.
several = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
typed_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@several
@given(text=typed_text.filter(lambda text: "\0" not in text))
def test_folding_again_changes_nothing(db, text):
    assert folded(folded(text)) == folded(text)


@several
@given(text=typed_text | st.text("MmIiLl aeNn,/&-12'%_", max_size=40))
def test_whatever_is_typed_is_answered(town, text):
    assert len(gazetteer.find(text, WEST)) <= 10
