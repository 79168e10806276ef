"""Real cities' files come in by the documented commands, with the counts that they have."""

import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from layers.models import Area, AreaKind, Asset, Dataset, StreetSegment

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]
DATA = Path(os.environ.get("CIVICGRID_DATA", "/nowhere"))
CAMBRIDGE = {path.name: path for path in sorted((DATA / "cambridge_ma").rglob("*.geojson.gz"))}


def said(capsys, *words, **options):
    call_command(*words, **options)
    return capsys.readouterr().out.splitlines()


def test_boston_comes_in(real_data, capsys):
    boston = real_data / "boston"
    areas = said(
        capsys,
        "import_areas",
        boston / "areas/neighborhoods_clickthathood.geojson",
        kind="neighbourhood",
        name="name",
    )
    assert areas[0] == "26 rows read: 26 neighbourhoods in, 0 left out"
    assert areas[1].startswith("  found: 4 had invalid rings, which were mended, such as row")
    streets = boston / "streets_city/Boston_Street_Segments.shp"
    with pytest.raises(CommandError, match=r"if they are, give --crs 4326"):
        call_command("import_streets", streets)
    assert said(capsys, "import_streets", streets, crs=4326)[0].startswith(
        "19,055 rows read: 19,055"
    )
    hydrants = boston / "facilities/fire_hydrants.csv.gz"
    told = said(capsys, "import_assets", hydrants, kind="hydrant")
    assert told[0] == "13,253 rows read: 13,250 hydrants in, 3 left out"
    assert AreaKind.objects.get(slug="neighbourhood").areas.count() == 26
    assert StreetSegment.objects.count() == 19_055
    assert Asset.objects.filter(kind="hydrant").count() == 13_250


def test_bostons_precincts_name_their_feet_once_the_city_is_there(real_data, capsys):
    areas = real_data / "boston/areas"
    said(capsys, "import_areas", areas / "Wards.geojson", kind="ward", name="WARD")
    with pytest.raises(CommandError) as refused:
        call_command("import_areas", areas / "Precincts.geojson", kind="zone", name="PRECINCT")
    assert "in EPSG:2249 (NAD83 / Massachusetts Mainland (ftUS))" in str(refused.value)


def test_bostons_boundary_has_no_attributes_and_crosses_itself(real_data, capsys):
    path = real_data / "boston/areas/City_of_Boston_Boundary.shp"
    told = said(capsys, "import_areas", path, kind="city", crs=4326)
    assert told[0].startswith("1 rows read: 1 ")
    assert "  found: 1 had invalid rings, which were mended, such as row 1" in told
    assert Area.objects.get(kind="city").geometry.valid


def test_chicagos_areas_name_their_feet(real_data, capsys):
    areas = real_data / "chicago/areas"
    told = said(
        capsys,
        "import_areas",
        areas / "chicago-community-areas.geojson.gz",
        kind="neighbourhood",
        name="community",
    )
    assert told[0] == "77 rows read: 77 neighbourhoods in, 0 left out"
    feet = areas / "libpysal_Chicago77/Chicago77.shp"
    with pytest.raises(CommandError, match=r"EPSG:3435 \(NAD83 / Illinois East \(ftUS\)\)"):
        call_command("import_layer", feet, slug="c")
    assert said(capsys, "import_layer", feet, slug="c", crs=3435)[0].startswith("77 rows read: 77")


def test_torontos_neighbourhoods_come_in(real_data, capsys):
    path = real_data / "toronto/areas/toronto_neighbourhoods.geojson"
    told = said(capsys, "import_areas", path, kind="neighbourhood", name="name")
    assert told[0] == "140 rows read: 140 neighbourhoods in, 0 left out"


@pytest.mark.parametrize("name", CAMBRIDGE)
def test_every_layer_of_cambridge_comes_in(real_data, capsys, name):
    told = said(capsys, "import_layer", CAMBRIDGE[name], slug="it")
    row = Dataset.objects.get()
    out, kept = 1 if "ParkBenches" in name else 0, row.feature_count
    assert told[0] == f"{kept + out:,} rows read: {kept:,} features in, {out} left out"
    assert kept > 0
