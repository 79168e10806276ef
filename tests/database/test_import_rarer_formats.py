"""Formats that come less often: drawings, tracks, databases, topologies. Each becomes a layer."""

import json
import sqlite3
import warnings
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from django.core.management import CommandError, call_command

from layers import features, registry
from layers.access import Viewer
from layers.importing.formats import Format
from layers.importing.inspection import inspect
from layers.importing.reading import Options

pytestmark = pytest.mark.django_db
PLANNER = Viewer(roles=frozenset({"planner"}))
PLACES = [shapely.Point(-71.06, 42.36), shapely.Point(-71.05, 42.35)]
POINTS = gpd.GeoDataFrame({"name": ["Äpfel", "b"], "floors": [3, 4]}, geometry=PLACES, crs=4326)
FEET = 2249


def bring(path: Path, **options: Any) -> gpd.GeoDataFrame:
    call_command("import_layer", path, slug="it", title="It", **options)
    return features.read(registry.resolve("it", PLANNER), PLANNER)


def format_of(path: Path) -> Format:
    return inspect(path, Options(srid=FEET)).format


WRITTEN = {
    "a.mif": (Format.MAPINFO_MIF, {"driver": "MapInfo File", "FORMAT": "MIF"}),
    "plain.sqlite": (Format.SQLITE, {"driver": "SQLite"}),
    "spatial.sqlite": (Format.SQLITE, {"driver": "SQLite", "SPATIALITE": "YES"}),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_table_with_places_keeps_its_names_and_numbers(tmp_path, name):
    expected, how = WRITTEN[name]
    POINTS.to_file(tmp_path / name, **how)
    assert format_of(tmp_path / name) == expected
    read = bring(tmp_path / name).sort_values("floors", ignore_index=True)
    assert read.geometry.tolist() == PLACES
    assert read["name"].tolist() == ["Äpfel", "b"]
    assert read["floors"].tolist() == [3, 4]


def test_a_database_of_two_tables_asks_which(tmp_path):
    path = tmp_path / "a.sqlite"
    POINTS.to_file(path, driver="SQLite", SPATIALITE="YES", layer="trees")
    POINTS[:1].to_file(path, driver="SQLite", layer="lamps", mode="a")
    with pytest.raises(CommandError, match=r"holds 2 layers \(trees, lamps\). Choose one"):
        bring(path)
    assert len(bring(path, layer="lamps")) == 1


def test_a_database_that_is_another_programs_is_refused(tmp_path):
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE visits (id INTEGER PRIMARY KEY, url TEXT)")
        base.execute("INSERT INTO visits VALUES (1, 'x')")
    with pytest.raises(CommandError, match="does not say which columns hold the places"):
        bring(path)


def test_a_topology_has_its_shared_border_once_for_each_neighbour(tmp_path):
    """Two squares side by side; arcs are steps from point to point, quantised to hundredths."""
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.01, 0.01], "translate": [-71.0, 42.0]},
        "arcs": [
            [[1, 0], [0, 1]],
            [[1, 1], [-1, 0], [0, -1], [1, 0]],
            [[1, 0], [1, 0], [0, 1], [-1, 0]],
        ],
        "objects": {
            "wards": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "properties": {"name": "West"}},
                    {"type": "Polygon", "arcs": [[2, -1]], "properties": {"name": "East"}},
                ],
            }
        },
    }
    path = tmp_path / "a.topojson"
    path.write_text(json.dumps(topology))
    assert format_of(path) == Format.TOPOJSON
    # Many are projected to a screen before they are saved, and none says so.
    with pytest.raises(CommandError, match=r"look like longitude and latitude: .* --crs 4326"):
        bring(path)
    read = bring(path, crs=4326).set_index("name").geometry
    west, east = shapely.box(-71, 42, -70.99, 42.01), shapely.box(-70.99, 42, -70.98, 42.01)
    assert read["West"].symmetric_difference(west).area < 1e-12
    assert read["East"].symmetric_difference(east).area < 1e-12


GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="a watch" xmlns="http://www.topografix.com/GPX/1/1">
{waypoints}<trk><name>Round</name><trkseg>
<trkpt lat="42.36" lon="-71.06"><ele>12.5</ele><time>2026-05-04T08:00:00Z</time></trkpt>
<trkpt lat="42.35" lon="-71.05"><ele>13</ele><time>2026-05-04T08:00:05Z</time></trkpt>
</trkseg></trk></gpx>"""
WAYPOINT = '<wpt lat="42.36" lon="-71.06"><time>2026-05-04T08:00:00Z</time><name>Äpfel</name></wpt>'


def test_waypoints_of_a_device_keep_their_names_and_times(tmp_path):
    path = tmp_path / "a.gpx"
    path.write_text(GPX.format(waypoints=WAYPOINT), encoding="utf-8")
    assert inspect(path, Options(layer="waypoints")).format == Format.GPX
    read = bring(path, layer="waypoints")
    assert read.geometry.tolist() == PLACES[:1]
    assert read["name"].tolist() == ["Äpfel"]
    assert read["time"].tolist() == [datetime(2026, 5, 4, 8, tzinfo=UTC)]


def test_a_track_is_a_line_or_its_points(tmp_path):
    path = tmp_path / "a.gpx"
    path.write_text(GPX.format(waypoints=""), encoding="utf-8")
    with pytest.raises(CommandError, match=r"Choose one, for example --layer 'tracks'"):
        bring(path)
    (track,) = bring(path, layer="tracks").geometry
    assert shapely.get_coordinates(track).tolist() == [[-71.06, 42.36], [-71.05, 42.35]]
    assert len(bring(path, layer="track_points")) == 2


def drawing(path: Path, *lines: shapely.LineString) -> Path:
    """Write a drawing, whose layers a draughtsman names, in feet and without a system."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        frame = gpd.GeoDataFrame({"Layer": ["kerb"] * len(lines)}, geometry=list(lines))
        frame.to_file(path, driver="DXF")
    return path


KERB = shapely.LineString([(775_000, 2_956_000), (775_100, 2_956_000)])


def test_a_drawing_comes_in_once_its_system_is_given(tmp_path):
    path = drawing(tmp_path / "a.dxf", KERB, shapely.affinity.translate(KERB, 0, 50))
    assert format_of(path) == Format.DXF
    read = bring(path, crs=FEET)
    assert read["layer"].tolist() == ["kerb", "kerb"]
    # A hundred feet, in the city's own metres.
    assert read.geometry.to_crs(26986).length.tolist() == pytest.approx([30.48, 30.48], abs=0.01)


def test_a_drawing_without_a_system_is_asked_for_it(tmp_path):
    with pytest.raises(CommandError, match="--crs"):
        bring(drawing(tmp_path / "a.dxf", KERB))
