"""An import is recorded, done once, and undone with all that referred to what it replaced."""

import pytest
import shapely
from django.core.management import CommandError, call_command
from django.db import connection

from layers import features, registry
from layers.access import Viewer
from layers.errors import Conflict
from layers.importing import course
from layers.importing.importers import import_areas, import_layer
from layers.importing.load import Provenance
from layers.importing.models import Import, Replaced
from layers.importing.reading import Options
from layers.importing.targets import AreasTarget, LayerTarget
from layers.importing.undo import undo
from layers.models import Area, Asset, Dataset, StreetSegment
from reports.intake import submit
from reports.models import PublicReport, Report, ReportArea, Zone
from reports.submission import NewReport
from tests.database.conftest import WEST_POINT
from tests.database.files import feature, geojson

pytestmark = pytest.mark.django_db

SOURCE = Provenance("Survey")
PLANNER = Viewer(roles=frozenset({"planner"}))
NORTH = shapely.box(0, 0.01, 0.01, 0.02)
SOUTH = shapely.box(0, 0, 0.01, 0.01)


def imported_tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'imported'")
        return cursor.fetchone()[0]


def report_in_the_west(small_city):
    return submit(NewReport("pothole", WEST_POINT))


def rows(model):
    return list(model.objects.order_by("pk").values())


def test_areas_come_back_under_their_keys_with_all_that_referred_to_them(tmp_path, small_city):
    report_in_the_west(small_city)
    areas, placed = rows(Area), rows(ReportArea)
    zone_areas = list(Zone.areas.through.objects.order_by("pk").values())
    path = geojson(tmp_path / "z.geojson", feature(NORTH, name="north"))
    import_areas(path, AreasTarget("zone", "name"), Options(), SOURCE)
    assert not small_city.zone_west.areas.exists()
    assert rows(ReportArea) != placed
    undo("areas:zone")
    assert rows(Area) == areas
    assert rows(ReportArea) == placed
    assert list(Zone.areas.through.objects.order_by("pk").values()) == zone_areas


def test_the_street_of_a_report_comes_back_with_its_segment(tmp_path, small_city):
    report_in_the_west(small_city)
    street = Report.objects.get().street
    assert street is not None
    source = street.source.name
    before = rows(StreetSegment)
    path = geojson(tmp_path / "s.geojson", feature(shapely.LineString([(0, 0), (0.02, 0.01)])))
    call_command("import_streets", path, source=source)
    assert Report.objects.get().street is None
    # Nothing else of a report is kept beside it.
    (kept,) = Replaced.objects.filter(column="street_id")
    assert kept.row.keys() == {"id", "street_id"}
    call_command("undo_import", f"streets:{source}")
    assert Report.objects.get().street == street
    assert rows(StreetSegment) == before


def test_the_ward_of_a_shown_report_comes_back(tmp_path, small_city):
    report_in_the_west(small_city)
    shown = rows(PublicReport)
    assert shown[0]["ward_id"] == small_city.west.pk
    path = geojson(tmp_path / "w.geojson", feature(NORTH, name="north"))
    import_areas(path, AreasTarget("ward", "name"), Options(), SOURCE)
    assert PublicReport.objects.get().ward_id is None
    undo("areas:ward")
    assert rows(PublicReport) == shown


def test_what_came_to_refer_to_it_since_is_lost_only_when_that_is_agreed(tmp_path, small_city):
    line = shapely.LineString([WEST_POINT, (0.006, 0.0052)])
    path = geojson(tmp_path / "s.geojson", feature(line, name="New Row"))
    call_command("import_streets", path, name="name", source="Survey")
    report_in_the_west(small_city)
    assert Report.objects.get().street.name == "New Row"
    with pytest.raises(CommandError, match=r"1 report names its street by word alone\. Agree"):
        call_command("undo_import", "streets:Survey")
    assert Report.objects.get().street.name == "New Row"
    call_command("undo_import", "streets:Survey", yes=True)
    assert (Report.objects.get().street, Report.objects.get().street_name) == (None, "New Row")


def test_what_referred_to_something_else_before_is_not_lost(tmp_path, small_city):
    report_in_the_west(small_city)
    old = Report.objects.get().street
    path = geojson(
        tmp_path / "s.geojson", feature(shapely.LineString([(0, 0), (1, 1)]), name="New Row")
    )
    call_command("import_streets", path, name="name", source=old.source.name)
    Report.objects.update(street=StreetSegment.objects.get())
    undo(f"streets:{old.source.name}")
    assert Report.objects.get().street == old


def test_rows_that_came_new_are_kept_as_runs_of_keys(tmp_path):
    here, there, far = (shapely.Point(n / 1000, 0) for n in range(3))
    path = geojson(tmp_path / "h.geojson", feature(here), feature(there), feature(far))
    call_command("import_assets", path, kind="hydrant")
    kept = Replaced.objects.get()
    assert kept.last_key - kept.key + 1 == Asset.objects.count() == 3
    undo("assets:hydrant")
    assert not Asset.objects.exists()


def test_a_changed_segment_keeps_its_key_by_its_code(tmp_path):
    line = shapely.LineString([(0, 0), (0.01, 0)])
    path = geojson(tmp_path / "s.geojson", feature(line, id="7", name="Old Row"))
    call_command("import_streets", path, name="name", code="id")
    key = StreetSegment.objects.get().pk
    geojson(path, feature(line, id="7", name="New Row"))
    call_command("import_streets", path, name="name", code="id")
    assert (StreetSegment.objects.get().pk, StreetSegment.objects.get().name) == (key, "New Row")
    undo("streets:s.geojson")
    assert StreetSegment.objects.get().name == "Old Row"


def test_assets_keep_their_keys_by_place_and_come_back(tmp_path, capsys):
    here, there = shapely.Point(0.001, 0.002), shapely.Point(0.003, 0.004)
    path = geojson(tmp_path / "h.geojson", feature(here), feature(there), feature(here))
    call_command("import_assets", path, kind="hydrant")
    said = capsys.readouterr().out
    assert said.startswith("3 rows read: 2 hydrants in, 1 left out")
    assert "row 3: it repeats row 1" in said
    before = rows(Asset)
    geojson(path, feature(there))
    call_command("import_assets", path, kind="hydrant")
    assert Asset.objects.get().pk == before[1]["id"]
    undo("assets:hydrant")
    assert rows(Asset) == before


def test_the_same_file_again_changes_nothing(tmp_path, capsys):
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="North"))
    for _ in range(2):
        call_command("import_areas", path, kind="neighbourhood", name="name")
    assert "Nothing has changed" in capsys.readouterr().out
    assert Import.objects.count() == 1


def test_a_layer_is_replaced_in_one_step_and_comes_back(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="North", floors=3))
    target = LayerTarget("blocks", "Blocks")
    import_layer(path, target, Options(), SOURCE)
    geojson(path, feature(SOUTH, name="South", year="2020-02-01"))
    import_layer(path, target, Options(), SOURCE)
    assert Dataset.objects.count() == 1
    assert imported_tables() == 2
    undo("layer:blocks")
    layer = registry.resolve("blocks", PLANNER)
    read = features.read(layer, PLANNER)
    assert [(f.name, f.type) for f in layer.fields] == [("name", "string"), ("floors", "integer")]
    assert read.floors.tolist() == [3]
    assert imported_tables() == 1


def test_a_third_import_gives_up_what_the_first_had(tmp_path):
    path = tmp_path / "a.geojson"
    for floors in (1, 2, 3):
        geojson(path, feature(NORTH, floors=floors))
        import_layer(path, LayerTarget("blocks", "Blocks"), Options(), SOURCE)
    assert imported_tables() == 2


def test_the_first_import_of_a_layer_undone_leaves_none(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="North"))
    import_layer(path, LayerTarget("blocks", "Blocks"), Options(), SOURCE)
    undo("layer:blocks")
    assert not Dataset.objects.exists()
    assert imported_tables() == 0


def test_only_the_last_import_is_undone_and_only_once(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="North"))
    import_areas(path, AreasTarget("park", "name"), Options(), SOURCE)
    undo("areas:park")
    assert not Replaced.objects.exists()
    with pytest.raises(Conflict, match=r"\(a\.geojson\) is undone already"):
        undo("areas:park")
    with pytest.raises(
        CommandError, match=r"Nothing was imported as 'areas:x'\. Imported were: areas:park"
    ):
        call_command("undo_import", "areas:x")


def test_what_is_undone_can_come_again(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="North"))
    for _ in range(2):
        assert import_areas(path, AreasTarget("park", "name"), Options(), SOURCE).is_changed
        undo("areas:park")


@pytest.mark.parametrize("step", ["Looking it over", "Storing"])
def test_who_stops_half_way_leaves_nothing(tmp_path, step, monkeypatch):
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="North"))

    def watch(_share, what):
        if what == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_layer(path, LayerTarget("blocks", "Blocks"), Options(), SOURCE, watch=watch)
    assert not Import.objects.exists()
    assert not Dataset.objects.exists()
    assert imported_tables() == 0


def test_a_failure_at_the_last_moment_leaves_the_old_layer(tmp_path, monkeypatch):
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="North"))
    import_layer(path, LayerTarget("blocks", "Blocks"), Options(), SOURCE)
    geojson(path, feature(SOUTH, name="South"))

    def fail(*_args):
        raise RuntimeError("stop")

    monkeypatch.setattr(course.undo, "forget_older", fail)
    with pytest.raises(RuntimeError, match="stop"):
        import_layer(path, LayerTarget("blocks", "Blocks"), Options(), SOURCE)
    assert features.read(registry.resolve("blocks", PLANNER), PLANNER).name.tolist() == ["North"]
    assert imported_tables() == 1
