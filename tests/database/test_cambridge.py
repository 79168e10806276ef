"""Cambridge from its official layers to its maps, by the documented lines."""

import pytest

from layers.models import Address, Area, Asset, Dataset, StreetSegment
from planning.models import Run
from tests.database.documented import city_of, commands

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]


@pytest.fixture(scope="module")
def said(real_data, django_db_setup, django_db_blocker):
    with city_of("Cambridge", real_data, django_db_blocker) as said:
        yield said


def test_it_takes_ten_lines(real_data):
    assert len(commands("Cambridge", real_data)) == 10


def test_every_layer_comes_in_whole(said):
    assert {line: told[0] for line, told in said.items() if line.startswith("import_")} == {
        "import_areas city": "1 rows read: 1 city in, 0 left out",
        "import_areas neighbourhood": "13 rows read: 13 neighbourhoods in, 0 left out",
        "import_areas water": "74 rows read: 74 water in, 0 left out",
        "import_streets": "2,643 rows read: 2,643 streets in, 0 left out",
        "import_assets street-light": "6,117 rows read: 6,117 street-lights in, 0 left out",
        "import_layer census-blocks": "1,044 rows read: 1,044 features in, 0 left out",
        "import_layer flood-plain": "21 rows read: 21 features in, 0 left out",
    }


def test_the_tables_hold_what_the_lines_said(said):
    assert Area.objects.count() == 1 + 13 + 74
    # One street of two parts is two stretches.
    assert StreetSegment.objects.count() == 2_644
    assert Asset.objects.filter(kind="street-light").count() == 6_117
    assert not Address.objects.exists()
    imported = Dataset.objects.filter(origin=Dataset.Origin.IMPORTED)
    assert dict(imported.values_list("slug", "feature_count")) == {
        "census-blocks": 1_044,
        "flood-plain": 21,
    }
    assert set(imported.values_list("licence", "attribution")) == {
        ("PDDL-1.0", "City of Cambridge GIS")
    }


def test_one_way_streets_are_known(said):
    # 435 along their line and 502 against it.
    assert StreetSegment.objects.filter(is_oneway=True).count() == 435 + 502
    # Its Direction is -1: vehicles go against the line that the file draws.
    harvard_street = StreetSegment.objects.get(code="Harvard_St_11").geometry.coords
    assert harvard_street[0] == pytest.approx((-71.100785, 42.367963), abs=1e-6)
    assert harvard_street[-1] == pytest.approx((-71.099659, 42.367566), abs=1e-6)


def test_street_lights_gather_in_the_squares(said):
    run = Run.objects.get(source="assets-street-light")
    assert run.summary["taken"] == 6_109
    assert run.summary["left_out"] == {"outside the study area": 8}
    assert (run.summary["hot_cells"], run.summary["cold_cells"]) == (63, 26)
    assert run.summary["highest_z"] == pytest.approx(6.708, abs=0.001)
    assert run.finding_in_words == (
        "Street lights: 63 of 618 cells hold more street lights than chance explains, "
        "25.7 % of the street lights. Of these cells, 13 in Cambridgeport."
    )
    assert run.result.attribution == "City of Cambridge GIS"


def test_the_streets_hang_together(said):
    figures = Run.objects.get(method="street-grid").summary
    assert (figures["components"], figures["dead_ends"], figures["nodes"]) == (2, 307, 1_878)
    assert figures["length_m"] == pytest.approx(251_593, abs=1)
