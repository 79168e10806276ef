"""Layers of other servers: every page, resumed where it broke off, replaced when it changed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import connection

from layers import features, registry
from layers.access import ANONYMOUS, Viewer
from layers.errors import InvalidInput
from layers.models import Dataset
from layers.sync import connection as opened
from layers.sync import runs, spool
from layers.sync.client import Patience
from layers.sync.esri_geometry import as_geojson
from layers.sync.models import SyncedFeature, SyncRun
from tests.database.served import REACH, Asked, Reply, Server, served

pytestmark = pytest.mark.django_db

PLANNER = Viewer(roles=frozenset({"planner"}))
NOON_MS = 1_772_366_400_000
"""2026-03-01 12:00 UTC."""


@pytest.fixture
def folder(tmp_path: Path, settings, monkeypatch) -> Path:
    """Return the folder of the sources; the servers of these tests may be reached."""
    settings.SYNC_FOLDER = str(tmp_path / "sources")
    settings.SYNC_PRIVATE = REACH
    settings.STATE_DIR = tmp_path / "state"
    monkeypatch.setattr(Patience, "__init__", _hasty(Patience.__init__))
    (tmp_path / "sources").mkdir()
    return tmp_path / "sources"


def _hasty(made: Callable[..., None]) -> Callable[..., None]:
    """Let nobody wait a second for a server that is a test."""

    def init(self: Patience, **changes: Any) -> None:
        made(self, **({"tries": 2, "first_wait_s": 0.0} | changes))

    return init


def run(name: str) -> SyncRun:
    return runs.run(name)


def told(row: SyncRun) -> tuple[str, int, int, int, int, int]:
    return row.state, row.came, row.added, row.changed, row.unchanged, row.vanished


def rows(slug: str, viewer: Viewer = PLANNER) -> list[dict[str, Any]]:
    frame = features.read(registry.resolve(slug, viewer), viewer)
    return frame.to_dict("records")


# ---- FeatureServer ----

RING = [[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]]
HOLE = [[0.5, 0.5], [1, 0.5], [1, 1], [0.5, 1], [0.5, 0.5]]


class Hydrants:
    """A layer of a FeatureServer: its features, what it can do, and how it fails."""

    def __init__(self, count: int, **said: Any) -> None:
        self.features = {i: self.feature(i) for i in range(1, count + 1)}
        self.said = {"maxRecordCount": 3, "advancedQueryCapabilities": {"supportsPagination": True}}
        self.said |= said
        self.dies_at: int | None = None

    @staticmethod
    def feature(key: int) -> dict[str, Any]:
        attributes = {"OBJECTID": key, "Name": f"H{key}", "Built": NOON_MS, "Flow l/s": key / 2}
        return {"attributes": attributes, "geometry": {"x": key / 100, "y": 0.5}}

    def __call__(self, asked: Asked) -> Reply:
        if not asked.path.endswith("/query"):
            return Reply(self.described())
        query = asked.query
        if "returnCountOnly" in query:
            return Reply({"count": len(self.features)})
        if "returnIdsOnly" in query:
            return Reply({"objectIdFieldName": "OBJECTID", "objectIds": list(self.features)})
        if "objectIds" in query:
            chosen = [self.features[int(i)] for i in query["objectIds"].split(",")]
            return Reply({"features": chosen})
        offset, size = int(query["resultOffset"]), int(query["resultRecordCount"])
        if self.dies_at is not None and offset >= self.dies_at:
            return Reply(status=500)
        chosen = list(self.features.values())[offset : offset + size]
        is_cut = offset + size < len(self.features)
        return Reply({"features": chosen, "exceededTransferLimit": is_cut})

    def described(self) -> dict[str, Any]:
        return {
            "name": "Hydrants",
            "copyrightText": "Waterworks",
            "objectIdField": "OBJECTID",
            "geometryType": "esriGeometryPoint",
            "fields": [
                {"name": "OBJECTID", "type": "esriFieldTypeOID"},
                {"name": "Name", "type": "esriFieldTypeString", "alias": "Its name"},
                {"name": "Built", "type": "esriFieldTypeDate"},
                {"name": "Flow l/s", "type": "esriFieldTypeDouble"},
                {"name": "Shape", "type": "esriFieldTypeGeometry"},
            ],
            **self.said,
        }


@pytest.fixture
def hydrants(folder: Path) -> Iterator[tuple[Hydrants, Server]]:
    layer = Hydrants(8)
    with served(layer) as server:
        write(folder, "hydrants", "featureserver", server)
        yield layer, server


def write(folder: Path, name: str, kind: str, server: Server, more: str = "") -> None:
    path = "FeatureServer/0" if kind == "featureserver" else "collections/trees"
    text = f'kind = "{kind}"\naddress = "{server.url}/{path}"\n{more}'
    (folder / f"{name}.toml").write_text(text)


def offsets(server: Server) -> list[str]:
    return [
        q["resultOffset"] for q in server.queries("/FeatureServer/0/query") if "resultOffset" in q
    ]


def test_a_layer_comes_page_by_page(hydrants):
    _, server = hydrants
    row = run("hydrants")
    assert told(row) == ("succeeded", 8, 8, 0, 0, 0), row.error
    assert offsets(server) == ["0", "3", "6"]
    asked = server.queries("/FeatureServer/0/query")[-2]
    assert (asked["outSR"], asked["orderByFields"], asked["where"]) == ("4326", "OBJECTID", "1=1")
    dataset = Dataset.objects.get(slug="hydrants")
    assert (dataset.title, dataset.attribution, dataset.feature_count) == (
        "Hydrants",
        "Waterworks",
        8,
    )
    assert dataset.audience == Dataset.Audience.PLANNERS
    first = min(rows("hydrants"), key=lambda each: each["objectid"])
    assert (first["name"], first["flow_l_s"], f"{first['built']:%F %H}") == (
        "H1",
        0.5,
        "2026-03-01 12",
    )
    assert first["geometry"].equals(shapely.Point(0.01, 0.5))


def test_a_second_run_changes_nothing(hydrants):
    run("hydrants")
    table = Dataset.objects.get().table_name
    row = run("hydrants")
    assert told(row) == ("succeeded", 8, 0, 0, 8, 0)
    assert Dataset.objects.get().table_name == table


def test_what_changed_came_and_vanished_is_told_and_replaces_the_layer(hydrants):
    layer, _ = hydrants
    run("hydrants")
    first = Dataset.objects.get().table_name
    layer.features[2]["attributes"]["Name"] = "New name"
    layer.features[3]["geometry"]["x"] = 0.5
    del layer.features[8]
    layer.features[9] = layer.feature(9)
    row = run("hydrants")
    assert told(row) == ("succeeded", 8, 1, 2, 5, 1)
    assert {each["name"] for each in rows("hydrants")} >= {"New name", "H9"}
    assert SyncedFeature.objects.filter(source="hydrants").count() == 8
    assert first in tables()
    run("hydrants")
    assert tables() == {Dataset.objects.get().table_name}


def tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'imported'")
        return {name for (name,) in cursor.fetchall()}


def test_a_server_that_dies_half_way_is_gone_on_with_where_it_stopped(hydrants):
    layer, server = hydrants
    layer.dies_at = 6
    row = run("hydrants")
    assert row.state == "failed"
    assert "answers 500 Internal Server Error. It was tried 2 times." in row.error
    assert not Dataset.objects.exists()
    layer.dies_at = None
    server.asked.clear()
    row = run("hydrants")
    assert told(row) == ("succeeded", 8, 8, 0, 0, 0)
    assert offsets(server) == ["6"]
    assert row.notes == ["Went on after 2 pages that an earlier run had brought"]


def test_a_failure_leaves_the_layer_as_it_was(hydrants):
    layer, _ = hydrants
    run("hydrants")
    layer.features[1]["attributes"]["Name"] = "Changed"
    layer.dies_at = 3
    assert run("hydrants").state == "failed"
    assert {each["name"] for each in rows("hydrants")} == {f"H{i}" for i in range(1, 9)}


def test_a_layer_without_paging_is_asked_for_by_ids(folder):
    layer = Hydrants(8, advancedQueryCapabilities={"supportsPagination": False})
    with served(layer) as server:
        write(folder, "old", "featureserver", server)
        assert told(run("old")) == ("succeeded", 8, 8, 0, 0, 0)
        asked = [
            q["objectIds"] for q in server.queries("/FeatureServer/0/query") if "objectIds" in q
        ]
    assert asked == ["1,2,3", "4,5,6", "7,8"]


def test_ids_that_would_make_the_address_too_long_are_asked_for_in_parts(folder):
    layer = Hydrants(600, advancedQueryCapabilities={}, maxRecordCount=2000)
    with served(layer) as server:
        write(folder, "old", "featureserver", server)
        assert told(run("old"))[:3] == ("succeeded", 600, 600)
        asked = [
            q["objectIds"] for q in server.queries("/FeatureServer/0/query") if "objectIds" in q
        ]
    assert len(asked) > 1
    assert max(map(len, asked)) < 1_600


def test_a_page_that_is_too_large_is_asked_for_in_halves(hydrants, monkeypatch):
    layer, server = hydrants
    layer.said["maxRecordCount"] = 8
    one = len(Reply(layer.features[1]).content())
    made = opened.Limits.__init__
    monkeypatch.setattr(opened.Limits, "__init__", lambda self: made(self, bytes=one * 5))
    assert told(run("hydrants"))[:3] == ("succeeded", 8, 8)
    assert offsets(server) == ["0", "0", "4"]


def test_a_server_that_ignores_the_offset_does_not_go_on_forever(hydrants):
    layer, server = hydrants

    def answer(asked: Asked) -> Reply:
        asked.query.update({"resultOffset": "0"} if "resultOffset" in asked.query else {})
        return layer(asked)

    server.answer = answer
    assert "gives the same features for every offset" in run("hydrants").error


@pytest.mark.usefixtures("trees")
def test_pages_without_an_end_are_left(monkeypatch):
    monkeypatch.setattr(spool, "MOST_PAGES", 2)
    assert "trees has no end after 2 pages" in run("trees").error


def test_a_server_that_counts_more_than_it_gives_replaces_nothing(hydrants):
    layer, _ = hydrants
    run("hydrants")
    answer = layer.__class__.__call__

    def short(asked: Asked) -> Reply:
        if "returnCountOnly" in asked.query:
            return Reply({"count": 99})
        return answer(layer, asked)

    _, server = hydrants
    server.answer = short
    layer.features[1]["attributes"]["Name"] = "Changed"
    row = run("hydrants")
    assert row.state == "failed"
    assert "the server counts 99 features, and 8 came" in row.error
    assert "Changed" not in {each["name"] for each in rows("hydrants")}


def test_nothing_in_the_place_of_something_is_refused_unless_it_is_said(hydrants, folder):
    layer, server = hydrants
    run("hydrants")
    layer.features.clear()
    row = run("hydrants")
    assert (row.state, Dataset.objects.get().feature_count) == ("failed", 8)
    assert "hydrants brings nothing, and 8 features are here" in row.error
    write(folder, "hydrants", "featureserver", server, "[layer]\nmay_be_empty = true")
    assert told(run("hydrants")) == ("succeeded", 0, 0, 0, 0, 8)
    assert Dataset.objects.get().feature_count == 0


def test_an_error_that_comes_as_success_is_one(hydrants):
    _, server = hydrants
    server.answer = lambda _: Reply({"error": {"code": 498, "message": "Invalid Token"}})
    row = run("hydrants")
    assert (row.state, len(server.asked)) == ("failed", 1)
    assert "answers with error 498: Invalid Token" in row.error


def test_a_server_of_layers_names_those_that_it_has(hydrants, folder):
    _, server = hydrants
    server.answer = lambda _: Reply({"layers": [{"id": 0, "name": "Parks"}]})
    assert "is no layer with fields. Add one of: 0 (Parks)." in run("hydrants").error


def test_a_key_field_of_its_own_survives_new_object_ids(hydrants, folder):
    layer, server = hydrants
    write(folder, "hydrants", "featureserver", server, 'key = "Name"')
    run("hydrants")
    layer.features = {
        key + 100: {**each, "attributes": {**each["attributes"], "OBJECTID": key + 100}}
        for key, each in layer.features.items()
    }
    assert told(run("hydrants")) == ("succeeded", 8, 0, 8, 0, 0)
    write(folder, "hydrants", "featureserver", server, 'key = "name"')
    assert "The layer has no field 'name'" in run("hydrants").error


def test_geojson_is_read_where_the_server_gives_nothing_else(folder):
    layer = Hydrants(2, supportedQueryFormats="geoJSON")

    def answer(asked: Asked) -> Reply:
        if "resultOffset" not in asked.query:
            return layer(asked)
        assert asked.query["f"] == "geojson"
        found = [
            {
                "type": "Feature",
                "id": key,
                "properties": each["attributes"],
                "geometry": {"type": "Point", "coordinates": [key / 100, 0.5]},
            }
            for key, each in layer.features.items()
        ]
        return Reply({"type": "FeatureCollection", "features": found})

    with served(answer) as server:
        write(folder, "plain", "featureserver", server)
        assert told(run("plain"))[:3] == ("succeeded", 2, 2)
    assert SyncedFeature.objects.filter(key="1").exists()


def test_a_token_is_sent_and_never_told(hydrants, folder, monkeypatch):
    _, server = hydrants
    monkeypatch.setenv("HYDRANT_TOKEN", "s3cret")
    write(folder, "hydrants", "featureserver", server, 'token_from = "HYDRANT_TOKEN"')
    assert run("hydrants").state == "succeeded"
    assert {each.query["token"] for each in server.asked} == {"s3cret"}
    server.answer = lambda _: Reply(status=403)
    row = run("hydrants")
    assert "403 Forbidden" in row.error
    assert "s3cret" not in row.error
    monkeypatch.delenv("HYDRANT_TOKEN")
    with pytest.raises(InvalidInput, match="token_from = 'HYDRANT_TOKEN'; set that environment"):
        run("hydrants")


def test_columns_and_terms_that_changed_replace_the_layer_too(hydrants, folder):
    _, server = hydrants
    run("hydrants")
    more = '[layer]\naudience = "public"\ntitle = "Where water is"\nlicence = "CC0-1.0"'
    write(folder, "hydrants", "featureserver", server, more)
    assert told(run("hydrants")) == ("succeeded", 8, 0, 0, 8, 0)
    row = Dataset.objects.get()
    assert (row.audience, row.title, row.licence) == ("public", "Where water is", "CC0-1.0")
    assert len(rows("hydrants", ANONYMOUS)) == 8


# ---- Esri's geometries ----


def shape(geometry: dict[str, Any]) -> Any:
    return shapely.geometry.shape(as_geojson(geometry))


def test_rings_become_polygons_with_holes():
    other = [[x + 5, y] for x, y in RING]
    found = shape({"rings": [RING, other, HOLE]})
    assert found.is_valid
    assert found.area == pytest.approx(8 - 0.25)
    assert len(found.geoms) == 2
    assert len(found.geoms[0].interiors) == 1


def test_an_island_in_a_lake_has_its_own_shell():
    big = [[x * 10, y * 10] for x, y in RING]
    lake = [[x * 10, y * 10] for x, y in HOLE]
    island = [[6, 6], [6, 7], [7, 7], [7, 6], [6, 6]]
    pond = [[6.2, 6.2], [6.4, 6.2], [6.4, 6.4], [6.2, 6.4], [6.2, 6.2]]
    found = shape({"rings": [pond, island, lake, big]})
    assert found.is_valid
    assert found.area == pytest.approx(400 - 25 + 1 - 0.04)


def test_rings_that_run_the_wrong_way_are_shells_all_the_same():
    assert shape({"rings": [RING[::-1]]}).area == 4


def test_heights_and_measures_are_left_out():
    assert shape({"paths": [[[0, 0, 5, 1], [1, 1, 6, 2]]]}).has_z is False
    assert as_geojson({"x": 1, "y": 2, "z": 3}) == {"type": "Point", "coordinates": [1, 2]}


@pytest.mark.parametrize(
    "empty", [None, {}, {"x": "NaN", "y": "NaN"}, {"x": None, "y": None}, {"rings": []}]
)
def test_an_empty_geometry_is_none(empty):
    assert as_geojson(empty) is None


def test_a_curve_is_not_taken_for_something_else():
    with pytest.raises(ValueError, match="curveRings"):
        as_geojson({"curveRings": []})


# ---- OGC API Features ----


class Trees:
    """A collection of an OGC API Features server."""

    def __init__(self, count: int) -> None:
        self.features = [self.feature(i) for i in range(count)]
        self.next_of: Callable[[str], str] = lambda path: path
        self.dies_at: int | None = None
        self.headers: dict[str, str] = {}

    @staticmethod
    def feature(n: int) -> dict[str, Any]:
        return {
            "type": "Feature",
            "id": f"t{n}",
            "properties": {"species": "Tilia", "height": n if n % 2 else n + 0.5, "tags": ["a"]},
            "geometry": {"type": "Point", "coordinates": [n / 100, 0.5]},
        }

    def __call__(self, asked: Asked) -> Reply:
        if not asked.path.endswith("/items"):
            links = [
                {"rel": "items", "type": "text/html", "href": f"{asked.path}/items.html"},
                {"rel": "items", "type": "application/geo+json", "href": f"{asked.path}/items"},
            ]
            return Reply({"id": "trees", "title": "Trees", "links": links})
        offset, limit = int(asked.query.get("offset", 0)), int(asked.query["limit"])
        if self.dies_at is not None and offset >= self.dies_at:
            return Reply(status=503)
        body: dict[str, Any] = {
            "type": "FeatureCollection",
            "numberMatched": len(self.features),
            "features": self.features[offset : offset + limit],
            "links": [],
        }
        if offset + limit < len(self.features):
            following = self.next_of(f"{asked.path}?limit={limit}&offset={offset + limit}")
            body["links"] = [{"rel": "next", "type": "application/geo+json", "href": following}]
        return Reply(body, headers={"Content-Type": "application/geo+json"} | self.headers)


@pytest.fixture
def trees(folder: Path) -> Iterator[tuple[Trees, Server]]:
    collection = Trees(5)
    with served(collection) as server:
        write(folder, "trees", "ogc-features", server, "page_size = 2")
        yield collection, server


def test_a_collection_comes_along_its_next_links(trees):
    _, server = trees
    row = run("trees")
    assert told(row) == ("succeeded", 5, 5, 0, 0, 0), row.error
    asked = server.queries("/collections/trees/items")
    assert [q.get("offset") for q in asked] == [None, "2", "4"]
    dataset = Dataset.objects.get()
    assert {f["name"]: f["type"] for f in dataset.fields} == {
        "species": "string",
        "height": "number",
        "tags": "string",
    }
    assert dataset.title == "Trees"
    assert told(run("trees")) == ("succeeded", 5, 0, 0, 5, 0)


def test_a_collection_that_broke_off_goes_on(trees):
    collection, server = trees
    collection.dies_at = 4
    assert run("trees").state == "failed"
    collection.dies_at = None
    server.asked.clear()
    assert told(run("trees"))[:3] == ("succeeded", 5, 5)
    assert [q["offset"] for q in server.queries("/collections/trees/items")] == ["4"]


def test_a_place_to_go_on_from_that_is_forgotten_over_there_starts_anew(trees):
    collection, server = trees
    collection.dies_at = 4
    run("trees")
    collection.dies_at = None
    is_stale = [True]

    def answer(asked: Asked) -> Reply:
        if asked.query.get("offset") == "4" and is_stale.pop() if is_stale else False:
            return Reply(status=400)
        return collection(asked)

    server.answer = answer
    assert told(run("trees"))[:3] == ("succeeded", 5, 5)


@pytest.mark.parametrize(
    "following",
    ["http://127.0.0.1:1/items", "https://127.0.0.2/items", "//elsewhere.example/items"],
)
def test_a_next_link_that_leaves_the_host_is_not_followed(trees, following):
    collection, _ = trees
    collection.next_of = lambda _path: following
    row = run("trees")
    assert row.state == "failed"
    assert "for more; only 127.0.0.2" in row.error


def test_a_next_link_to_itself_ends(trees):
    collection, server = trees
    collection.next_of = lambda path: path.partition("&offset")[0]
    assert "names itself as its next page" in run("trees").error
    assert len(server.asked) < 5


def test_fewer_features_than_announced_replace_nothing(trees):
    collection, _ = trees
    run("trees")

    def answer(asked: Asked) -> Reply:
        reply = collection(asked)
        assert isinstance(reply.body, dict)
        return Reply({**reply.body, "numberMatched": 9})

    _, server = trees
    server.answer = answer
    assert "announces 9 features, and 5 came" in run("trees").error
    assert Dataset.objects.get().feature_count == 5


def test_another_coordinate_system_is_refused(trees):
    collection, _ = trees
    collection.headers = {"Content-Crs": "<http://www.opengis.net/def/crs/EPSG/0/3857>"}
    assert "wanted are longitude and latitude" in run("trees").error
    collection.headers = {"Content-Crs": "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"}
    assert run("trees").state == "succeeded"


def test_coordinates_that_are_none_are_refused(trees):
    collection, _ = trees
    collection.features[0]["geometry"]["coordinates"] = [775_000, 2_950_000]
    row = run("trees")
    assert row.state == "failed"
    assert "which are no longitude and latitude" in row.error


def test_points_and_lines_are_not_mixed(trees):
    collection, _ = trees
    collection.features[0]["geometry"] = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    assert "holds LineString and Point; a layer takes" in run("trees").error


def test_features_that_come_twice_are_counted_once(trees):
    collection, _ = trees
    collection.features[4] = collection.features[0]
    row = run("trees")
    assert (row.came, row.added, row.left_out) == (5, 4, 1)
    assert row.notes == ["1 features came twice; the first is kept"]
    assert Dataset.objects.get().feature_count == 4


def test_invalid_rings_are_mended_and_counted(trees):
    collection, _ = trees
    bow = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    for each in collection.features:
        each["geometry"] = {"type": "Polygon", "coordinates": [bow]}
    row = run("trees")
    assert row.notes == ["5 features had invalid rings, which were mended"]
    assert all(each["geometry"].is_valid for each in rows("trees"))


def test_features_without_ids_are_known_by_their_content(trees):
    collection, _ = trees
    for each in collection.features:
        del each["id"]
    run("trees")
    collection.features[0]["properties"]["species"] = "Acer"
    assert told(run("trees")) == ("succeeded", 5, 1, 0, 4, 1)
