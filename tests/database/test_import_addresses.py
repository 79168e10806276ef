"""Addresses from a file, and the masks that are made of them."""

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command

from layers.models import Address
from reports.models import MaskVersion
from tests.database.files import feature, geojson

pytestmark = pytest.mark.django_db


def along_the_street(count: int):
    return [
        feature(shapely.Point(lon, 0.0051), street="Long Street", no=number)
        for number, lon in enumerate(np.linspace(0.001, 0.019, count), start=1)
    ]


def bring_in(path, **options):
    call_command("import_addresses", path, source="Survey", street="street", number="no", **options)


def test_addresses_come_in_with_street_and_number(tmp_path, capsys):
    homes = along_the_street(3)
    nowhere = feature(None, street="Long Street", no=4)
    bring_in(geojson(tmp_path / "a.geojson", *homes, nowhere))
    out = capsys.readouterr().out
    assert out.startswith("4 rows read: 3 addresses in, 1 left out")
    assert "make_masks" in out
    assert set(Address.objects.values_list("street_name", "number")) == {
        ("Long Street", str(number)) for number in (1, 2, 3)
    }


def test_a_second_run_replaces_those_of_the_same_source(tmp_path):
    path = tmp_path / "a.geojson"
    bring_in(geojson(path, *along_the_street(3)))
    bring_in(geojson(path, *along_the_street(2)))
    assert Address.objects.count() == 2


def test_a_number_that_is_too_long_is_named(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(shapely.Point(0, 0), street="S", no="9" * 21))
    with pytest.raises(CommandError, match="at most 20"):
        bring_in(path)
    assert not Address.objects.exists()


def test_masks_are_made_of_them(small_city, tmp_path, capsys):
    bring_in(geojson(tmp_path / "a.geojson", *along_the_street(60)))
    call_command("make_masks")
    assert MaskVersion.objects.get().is_current
    assert "snap-1: made" in capsys.readouterr().out
