"""OpenStreetMap's files: what becomes of ways, areas, addresses, points and things."""

from collections import Counter

import osmium
import pytest
from django.core.management import CommandError, call_command
from osmium.osm.mutable import Node, Way

from layers import datasets
from layers.models import Address, Area, Asset, AssetKind, Dataset, Source, StreetSegment
from planning.sources import read_streets
from tests.database.osm_files import OsmFile, box

pytestmark = pytest.mark.django_db


def import_osm(path, capsys, **options):
    call_command("import_osm", path, **options)
    return capsys.readouterr().out


def streets():
    return {segment.code: segment for segment in StreetSegment.objects.all()}


def points():
    """Return the points of interest as they are stored: code, class, kind, name."""
    row = Dataset.objects.get(slug="osm-points")
    with datasets.connection.cursor() as cursor:
        cursor.execute(
            f'SELECT code, class, kind, name FROM "{row.origin}"."{row.table_name}" ORDER BY code'
        )
        return cursor.fetchall()


@pytest.fixture
def town() -> OsmFile:
    """A street of each sort, a park, a ward of two ways, a house, a shop, a lamp."""
    file = OsmFile()
    file.way((0, 0), (0.01, 0), highway="primary", name="Long Street", maxspeed="30 mph")
    file.way((0, 0), (0, 0.01), highway="residential", oneway="-1", surface="sett")
    file.way((0.005, -1), (0.005, 1), highway="secondary", bridge="yes", layer=1)
    file.way((0, 0.002), (0.01, 0.002), highway="service", tunnel="yes", layer="-1")
    file.way(*box(0.002, 0.002), leisure="park", name="Green")
    south = file.way((0, 0), (0.01, 0), (0.01, 0.01))
    north = file.way((0.01, 0.01), (0, 0.01), (0, 0))
    file.relation(
        [("w", south, "outer"), ("w", north, "outer")],
        type="boundary",
        boundary="administrative",
        admin_level=9,
        name="First ward",
    )
    file.way(*box(0.006, 0.006), building="yes", addr_housenumber=7, addr_street="Long Street")
    file.node(0.003, 0.003, shop="bakery", name="Crumb")
    file.node(0.004, 0.004, highway="street_lamp")
    return file


def test_streets_have_their_class_direction_level_speed_and_surface(town, tmp_path, capsys):
    import_osm(town.write(tmp_path / "t.osm.pbf"), capsys)
    found = streets()
    assert set(found) == {"way/1", "way/2", "way/3", "way/4"}
    long_street = found["way/1"]
    assert (long_street.name, long_street.street_class) == ("Long Street", "primary")
    assert (long_street.speed_kmh, long_street.is_oneway) == (48, False)
    assert (found["way/2"].is_oneway, found["way/2"].surface) == (True, "sett")
    assert (found["way/3"].is_bridge, found["way/3"].level) == (True, 1)
    assert (found["way/4"].is_tunnel, found["way/4"].level) == (True, -1)
    assert (found["way/2"].speed_kmh, found["way/1"].source.name) == (None, "OpenStreetMap")
    assert found["way/1"].source.attribution == "© OpenStreetMap contributors"


def test_a_street_against_its_line_is_turned_round(town, tmp_path, capsys):
    import_osm(town.write(tmp_path / "t.osm.pbf"), capsys)
    assert list(streets()["way/2"].geometry.coords) == [(0, 0.01), (0, 0)]


def test_planning_reads_the_streets(town, tmp_path, capsys):
    import_osm(town.write(tmp_path / "t.osm.pbf"), capsys)
    rows = read_streets({})
    assert sorted(rows.level.tolist()) == [-1, 0, 0, 1]


def test_areas_addresses_points_and_things_come_in_by_their_codes(town, tmp_path, capsys):
    said = import_osm(town.write(tmp_path / "t.osm.pbf"), capsys, level=["9=ward"])
    areas = Area.objects.values_list("kind", "code", "name")
    assert set(areas) == {("park", "way/5", "Green"), ("ward", "relation/1", "First ward")}
    assert Area.objects.get(kind="ward").geometry.area == pytest.approx(1e-4)
    home = Address.objects.get()
    assert (home.code, home.street_name, home.number) == ("way/8", "Long Street", "7")
    assert home.geometry.coords == pytest.approx((0.0065, 0.0065))
    assert points() == [
        ("node/17", "shop", "bakery", "Crumb"),
        ("way/5", "leisure", "park", "Green"),
    ]
    lamp = Asset.objects.get()
    assert (lamp.kind_id, lamp.code) == ("street-light", "node/18")
    assert "2 areas read: 2 in, 0 left out\n  in: 1 park, 1 ward" in said


def test_a_level_without_a_kind_gets_one_of_its_own(town, tmp_path, capsys):
    import_osm(town.write(tmp_path / "t.osm.pbf"), capsys)
    assert Area.objects.get(code="relation/1").kind.title == "Administrative area, level 9"


def test_a_second_run_keeps_every_key(town, tmp_path, capsys):
    path = town.write(tmp_path / "t.osm.pbf")
    import_osm(path, capsys)

    def keys():
        kept = (StreetSegment, Area, Asset, Address)
        return {model: set(model.objects.values_list("pk", "code")) for model in kept}

    before = keys()
    said = import_osm(path, capsys)
    assert keys() == before
    assert said.count("this file has brought them before; nothing was done") == 5
    town.node(0.005, 0.005, highway="street_lamp")
    import_osm(town.write(path), capsys)
    assert all(keys()[model] >= before[model] for model in (StreetSegment, Area, Asset))
    assert (Asset.objects.count(), Address.objects.count(), len(points())) == (2, 1, 2)


def test_an_import_can_be_undone_subject_by_subject(town, tmp_path, capsys):
    path = town.write(tmp_path / "t.osm.pbf")
    import_osm(path, capsys)
    before = set(StreetSegment.objects.values_list("pk", "code", "name"))
    other = OsmFile()
    other.way((0, 0), (0, 1), highway="path")
    other.node(0, 0, shop="kiosk")
    import_osm(other.write(tmp_path / "o.osm.pbf"), capsys)
    for subject in (
        "streets:OpenStreetMap",
        "addresses:OpenStreetMap",
        "areas:park",
        "assets:street-light",
        "layer:osm-points",
    ):
        call_command("undo_import", subject)
    assert set(StreetSegment.objects.values_list("pk", "code", "name")) == before
    assert (Address.objects.count(), Asset.objects.count(), len(points())) == (1, 1, 2)
    assert Area.objects.filter(kind="park").count() == 1


def test_what_does_not_come_again_goes(town, tmp_path, capsys):
    import_osm(town.write(tmp_path / "t.osm.pbf"), capsys)
    other = OsmFile()
    other.way((0, 0), (0, 1), highway="path")
    import_osm(other.write(tmp_path / "t.osm.pbf"), capsys)
    assert StreetSegment.objects.get().street_class == "path"
    assert (Area.objects.count(), Address.objects.count(), Asset.objects.count()) == (0, 0, 0)
    assert points() == []


def test_what_another_source_brought_is_left_alone(small_city, town, tmp_path, capsys):
    said = import_osm(town.write(tmp_path / "t.osm.pbf"), capsys, level=["9=ward"])
    assert set(StreetSegment.objects.values_list("source__name", flat=True)) == {"Test city"}
    assert set(Area.objects.filter(kind="ward").values_list("code", flat=True)) == {"west", "east"}
    assert "4 streets read: 0 in, 4 left out" in said
    assert (
        "left out: 1 ward, which Test city has brought; to bring these in too, add --only" in said
    )
    assert Area.objects.filter(kind="park").count() == 1


def test_what_is_named_comes_in_beside_it_and_nothing_else(small_city, town, tmp_path, capsys):
    import_osm(town.write(tmp_path / "t.osm.pbf"), capsys, only=["streets"])
    by_source = Counter(StreetSegment.objects.values_list("source__name", flat=True))
    assert by_source == {"Test city": 3, "OpenStreetMap": 4}
    assert not Area.objects.filter(kind="park").exists()
    assert not AssetKind.objects.exists()


def test_the_command_for_streets_takes_an_extract_too(town, tmp_path, capsys):
    call_command("import_streets", town.write(tmp_path / "t.osm.pbf"), source="Map")
    assert set(StreetSegment.objects.values_list("source__name", flat=True)) == {"Map"}
    assert not Address.objects.exists()
    assert capsys.readouterr().out.startswith("4 streets read: 4 in")


def test_a_dry_run_counts_and_stores_nothing(town, tmp_path, capsys):
    said = import_osm(town.write(tmp_path / "t.osm.pbf"), capsys, dry_run=True)
    assert said.startswith("Nothing was stored. The file holds:\n4 streets read: 4 in")
    assert "Long Street" in said
    assert "Extent: longitude 0.0000 to 0.0100, latitude -1.0000 to 1.0000" in said
    assert not StreetSegment.objects.exists()
    assert not Source.objects.exists()


def test_what_is_no_street_is_counted_with_its_reason(tmp_path, capsys):
    file = OsmFile()
    file.way((0, 0), (0, 1), highway="path", maxspeed="DE:urban", name="N" * 300)
    file.way(*box(0, 0), highway="pedestrian", area="yes")
    file.way((0, 0), (0, 2), highway="proposed")
    file.way(901, 902, highway="residential")
    file.way((0, 0), (0, 3), 903, (0, 5), (0, 6), highway="residential", oneway="yes")
    said = import_osm(file.write(tmp_path / "t.osm.pbf"), capsys)
    assert "5 streets read: 2 in, 3 left out" in said
    assert "left out: 1, a square or another surface, not a line" in said
    assert "left out: 1, not built yet" in said
    assert "left out: 1, fewer than two of its nodes lie in this file" in said
    assert "of those read: 1, it goes beyond this file, what lies inside came in" in said
    assert "of those read: 1, its speed limit is no single number" in said
    assert "of those read: 1, a text was cut to 200 characters" in said
    parts = [list(s.geometry.coords) for s in StreetSegment.objects.filter(code="way/5")]
    assert sorted(parts) == [[(0, 0), (0, 3)], [(0, 5), (0, 6)]]


def test_a_broken_area_is_counted_and_the_others_come_in(town, tmp_path, capsys):
    open_way = town.way((3, 3), (4, 3), (4, 4))
    town.relation([("w", open_way, "outer")], type="multipolygon", natural="water", name="Lake")
    town.relation([("w", 990, "outer")], type="multipolygon", natural="water", name="Sea")
    said = import_osm(town.write(tmp_path / "t.osm.pbf"), capsys)
    assert "4 areas read: 2 in, 2 left out" in said
    assert "left out: 2, its rings do not close in this file" in said


def test_an_area_with_a_hole_keeps_it(tmp_path, capsys):
    file = OsmFile()
    outer, inner = file.way(*box(0, 0, 0.01)), file.way(*box(0.004, 0.004, 0.002))
    members = [("w", outer, "outer"), ("w", inner, "inner")]
    file.relation(members, type="multipolygon", natural="water", name="Lake")
    file.way((0, 0), (1, 1), highway="path")
    import_osm(file.write(tmp_path / "t.osm.pbf"), capsys)
    assert Area.objects.get().geometry.area == pytest.approx(1e-4 - 4e-6)


def test_a_house_counts_once_however_often_it_is_mapped(tmp_path, capsys):
    file = OsmFile()
    home = {"addr_housenumber": 7, "addr_street": "Long Street"}
    file.node(0.0065, 0.0065, amenity="cafe", **home)
    file.node(0.0066, 0.0066, shop="bakery", **home)
    file.way(*box(0.006, 0.006), building="yes", **home)
    file.node(0.1, 0.1, **home)
    file.node(0, 0, addr_housenumber=8)
    file.node(0, 0, addr_housenumber=9, addr_place="Island")
    file.node(0, 0, addr_housenumber="1" * 21, addr_street="Long Street")
    file.way((0, 0), (0, 1), addr_interpolation="odd")
    said = import_osm(file.write(tmp_path / "t.osm.pbf"), capsys)
    assert "8 addresses read: 3 in, 5 left out" in said
    assert "left out: 2, the same address is mapped within 200 m" in said
    assert "left out: 1, it names no street or place" in said
    assert "left out: 1, its number has more than 20 characters" in said
    assert "left out: 1, a range of numbers along a line" in said
    assert set(Address.objects.values_list("code", flat=True)) == {"node/1", "node/7", "node/9"}


def _unsorted(path):
    with osmium.SimpleWriter(str(path), overwrite=True) as file:
        file.add_way(Way(id=1, nodes=[1, 2], tags={"highway": "path"}))
        file.add_node(Node(id=1, location=(0, 0), tags={"shop": "yes"}))
    return path


def test_a_file_out_of_order_is_refused(tmp_path):
    with pytest.raises(CommandError, match="is not sorted: nodes come after ways"):
        call_command("import_osm", _unsorted(tmp_path / "t.osm.pbf"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>Not found</html>", "is no .osm.pbf file"),
        (b"", "is no .osm.pbf file"),
        (b"\x00\x00\x00\x0e\n\tOSMHeader\x18\xff", "is damaged"),
    ],
    ids=["page", "empty", "cut"],
)
def test_what_is_no_such_file_is_refused(tmp_path, content, said):
    path = tmp_path / "t.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        call_command("import_osm", path)


def test_a_file_that_is_cut_off_changes_nothing(town, tmp_path, capsys):
    whole = town.write(tmp_path / "t.osm.pbf")
    import_osm(whole, capsys)
    before = set(streets())
    whole.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(CommandError, match="is damaged"):
        call_command("import_osm", whole)
    assert set(streets()) == before


def test_stopped_half_way_it_leaves_nothing(town, tmp_path):
    from layers.importing.load import Provenance
    from layers.importing.osm.extract import extracted
    from layers.importing.osm.importing import store

    def stop(_share, what):
        if what == "Storing addresses":
            raise KeyboardInterrupt

    path = town.write(tmp_path / "t.osm.pbf")
    with pytest.raises(KeyboardInterrupt), extracted(path, {}, stop) as found:
        store(found, Provenance("OpenStreetMap"), watch=stop)
    assert not StreetSegment.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.parametrize("pair", ["9", "nine=ward", "=ward"])
def test_a_level_needs_its_kind(town, tmp_path, pair):
    path = town.write(tmp_path / "t.osm.pbf")
    with pytest.raises(CommandError, match="is no level with its kind"):
        call_command("import_osm", path, level=[pair])


def _folded(street, number):
    return street.casefold(), number.casefold()


POINTS = ("amenity", "shop", "tourism", "leisure", "office", "craft", "healthcare", "historic")


class OsmiumsOwn(osmium.SimpleHandler):
    """Counts in another way of reading: a handler of everything, no filter."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.seen: set[tuple[str, str]] = set()

    def node(self, node) -> None:
        self.counts["nodes"] += 1
        self._place(node.tags)

    def way(self, way) -> None:
        self.counts["ways"] += 1
        if "highway" in way.tags:
            self.counts["highways"] += 1
            located = {(n.lon, n.lat) for n in way.nodes if n.location.valid()}
            shown = way.tags["highway"] not in {"platform", "construction", "proposed"}
            if shown and way.tags.get("area") != "yes" and len(located) > 1:
                self.counts["streets"] += 1

    def relation(self, _relation) -> None:
        self.counts["relations"] += 1

    def area(self, area) -> None:
        self._place(area.tags)
        ground = {
            ("leisure", "park"),
            ("landuse", "recreation_ground"),
            ("landuse", "village_green"),
            ("natural", "water"),
            ("waterway", "riverbank"),
            ("landuse", "reservoir"),
            ("landuse", "basin"),
        }
        if ground & set(dict(area.tags).items()):
            self.counts["areas"] += 1

    def _place(self, tags) -> None:
        if "addr:housenumber" in tags:
            self.counts["numbers"] += 1
            self.seen.add(_folded(tags.get("addr:street", ""), tags["addr:housenumber"]))
        things = {
            ("highway", "street_lamp"),
            ("highway", "traffic_signals"),
            ("emergency", "fire_hydrant"),
            ("amenity", "bench"),
            ("amenity", "waste_basket"),
        }
        if things & set(dict(tags).items()):
            self.counts["assets"] += 1
        elif any(tags.get(key, "no") != "no" for key in POINTS):
            self.counts["points"] += 1


@pytest.mark.real_data
def test_helsinki_has_what_osmium_counts(real_data, capsys):
    path = real_data / "helsinki" / "Helsinki.osm.pbf"
    own = OsmiumsOwn()
    own.apply_file(str(path), locations=True)
    assert [own.counts[what] for what in ("nodes", "ways", "highways", "relations")] == [
        24_260,
        5_130,
        2_650,
        620,
    ]
    said = import_osm(path, capsys)
    distinct_streets = StreetSegment.objects.values("code").distinct().count()
    assert distinct_streets == own.counts["streets"] == 2_469
    assert f"2,650 streets read: {distinct_streets:,} in, 181 left out" in said
    assert Area.objects.count() == own.counts["areas"] == 25
    assert Asset.objects.count() == own.counts["assets"] == 956
    assert len(points()) == own.counts["points"] == 1_797
    assert f"{own.counts['numbers']:,} addresses read: 590 in" in said
    assert Address.objects.count() == 590
    named = {pair for pair in own.seen if pair[0] and len(pair[1]) <= 20}
    stored = Address.objects.values_list("street_name", "number")
    assert {_folded(*pair) for pair in stored} == named
