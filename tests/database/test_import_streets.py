"""Streets from a file: attributes, parts, and what a second run keeps."""

import pytest
import shapely
from django.core.management import CommandError, call_command

from layers.importing.load import load_streets
from layers.models import Source, StreetSegment
from reports.intake import submit
from reports.models import Report
from reports.submission import NewReport
from tests.database.conftest import SOURCE, WEST_POINT, frame
from tests.database.files import feature, geojson

LONG = shapely.LineString([(0, 0.005), (0.02, 0.005)])
LANE = shapely.LineString([(0.003, 0), (0.003, 0.005)])

pytestmark = pytest.mark.django_db


def import_streets(path, capsys, **options):
    call_command("import_streets", path, source="Survey", **{"name": "name", **options})
    return capsys.readouterr().out


def keys():
    return set(StreetSegment.objects.filter(source__name="Survey").values_list("pk", flat=True))


def test_streets_come_in_with_name_and_class(tmp_path, capsys):
    path = geojson(tmp_path / "s.geojson.gz", feature(LONG, name="Long Street", highway="primary"))
    said = import_streets(path, capsys, street_class="highway")
    assert said.startswith("1 rows read: 1 streets in, 0 left out")
    segment = StreetSegment.objects.get()
    assert (segment.name, segment.street_class) == ("Long Street", "primary")
    assert list(segment.geometry.coords) == list(LONG.coords)
    assert segment.geometry_3857 is not None


def test_a_line_of_several_parts_becomes_as_many_segments(tmp_path, capsys):
    both = shapely.MultiLineString([LONG, LANE])
    import_streets(geojson(tmp_path / "s.geojson", feature(both, name="Split")), capsys)
    assert list(StreetSegment.objects.values_list("name", flat=True)) == ["Split", "Split"]


def test_a_second_run_of_the_same_file_keeps_every_key(tmp_path, capsys):
    twice = feature(LONG, name="Long Street")
    path = geojson(tmp_path / "s.geojson", twice, twice, feature(LANE, name="Lane"))
    import_streets(path, capsys)
    before = keys()
    import_streets(path, capsys)
    assert keys() == before
    assert len(before) == 3


def test_only_what_changed_is_replaced(tmp_path, capsys):
    path = tmp_path / "s.geojson"
    import_streets(
        geojson(path, feature(LONG, name="Long Street"), feature(LANE, name="Lane")), capsys
    )
    kept = StreetSegment.objects.get(name="Long Street").pk
    import_streets(
        geojson(path, feature(LONG, name="Long Street"), feature(LANE, name="New Lane")), capsys
    )
    assert StreetSegment.objects.get(name="Long Street").pk == kept
    assert set(StreetSegment.objects.values_list("name", flat=True)) == {"Long Street", "New Lane"}


def test_a_report_keeps_its_street_name_when_the_segment_goes(small_city, tmp_path, capsys):
    answer = submit(NewReport("pothole", WEST_POINT))
    path = geojson(tmp_path / "s.geojson", feature(LANE, name="Lane"))
    call_command("import_streets", path, name="name", source="Test city")
    report = Report.objects.get(pk=answer.report_id)
    assert (report.street, report.street_name) == (None, "Long Street")


def test_another_source_is_left_alone(small_city, tmp_path, capsys):
    import_streets(geojson(tmp_path / "s.geojson", feature(LANE, name="Lane")), capsys)
    assert Source.objects.get(name="Test city").streetsegment_set.count() == 3


def test_it_names_rows_that_are_no_lines(tmp_path, capsys):
    path = geojson(
        tmp_path / "s.geojson", feature(LONG, name="Long"), feature(shapely.Point(0, 0), name="Dot")
    )
    assert "  row 2: it is a Point, not a LineString" in import_streets(path, capsys)


def test_a_file_without_a_line_is_refused_and_keeps_what_was_there(tmp_path, capsys):
    path = tmp_path / "s.geojson"
    import_streets(geojson(path, feature(LONG, name="Long")), capsys)
    with pytest.raises(CommandError, match="There is no street in this file"):
        import_streets(geojson(path, feature(shapely.Point(0, 0), name="Dot")), capsys)
    assert len(keys()) == 1


RULES = {"is_oneway": [True], "speed_kmh": [None], "surface": ["sett"]}


def test_rules_of_a_street_are_kept_and_what_is_unknown_stays_so(db):
    load_streets(frame(geometry=[LONG], **RULES), SOURCE)
    segment = StreetSegment.objects.get()
    assert (segment.is_oneway, segment.speed_kmh, segment.surface) == (True, None, "sett")


def test_a_street_keeps_its_key_until_one_of_its_rules_changes(db):
    load_streets(frame(geometry=[LONG], **RULES), SOURCE)
    first = StreetSegment.objects.get().pk
    load_streets(frame(geometry=[LONG], **RULES), SOURCE)
    assert StreetSegment.objects.get().pk == first
    load_streets(frame(geometry=[LONG], **RULES | {"speed_kmh": [30]}), SOURCE)
    changed = StreetSegment.objects.get()
    assert (changed.pk == first, changed.speed_kmh) == (False, 30)


def test_a_one_way_street_against_its_line_is_turned_round(tmp_path, capsys):
    said = [1, -1, 0, "reverse", "TF", "ft", "no", None]
    features = [feature(LONG, name=str(way), oneway=way) for way in said]
    path = geojson(tmp_path / "s.geojson", *features)
    import_streets(path, capsys, field=["is_oneway=oneway"])
    found = {
        s.name: (s.is_oneway, list(s.geometry.coords) == list(LONG.coords[::-1]))
        for s in StreetSegment.objects.all()
    }
    assert found == {
        "1": (True, False),
        "-1": (True, True),
        "0": (False, False),
        "reverse": (True, True),
        "TF": (True, True),
        "ft": (True, False),
        "no": (False, False),
        "None": (False, False),
    }


def test_the_parts_of_a_street_against_its_line_are_turned_each(tmp_path, capsys):
    both = shapely.MultiLineString([LONG, LANE])
    path = geojson(tmp_path / "s.geojson", feature(both, Direction=-1), feature(LANE, Direction=1))
    import_streets(path, capsys, name="", field=["is_oneway=Direction"])
    lines = {tuple(s.geometry.coords) for s in StreetSegment.objects.all()}
    turned = {tuple(LONG.coords[::-1]), tuple(LANE.coords[::-1])}
    assert lines == turned | {tuple(LANE.coords)}
