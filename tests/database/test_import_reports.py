"""Reports of another system: every row of its files is accounted for."""

import csv
import gzip
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from django.core.management import CommandError, call_command

from layers.models import City
from reports.importing.mapping import read_mapping
from reports.importing.run import import_reports
from reports.importing.times import moments
from reports.models import PublicReport, Report, ReportArea
from tests.database.conftest import WEST_POINT

COLUMNS = ("id", "opened", "closed", "type", "status", "lon", "lat", "where", "quarter")
MAPPING = """
source = "old-system"
key = "id"
precision = "exact"

[time]
opened = "opened"
closed = "closed"
format = "%m/%d/%Y %I:%M:%S %p"
zone = "America/New_York"
ambiguous = "first"
impossible = "reject"

[place]
longitude = "lon"
latitude = "lat"
default_points = [[0.0001, 0.0001]]
null_values = {where = ["(0, 0)"]}

[category]
column = "type"
values = {Hole = "pothole", Lamp = "street-light"}

[state]
column = "status"
values = {Open = "accepted", Closed = "done"}

[area]
column = "quarter"
kind = "ward"
aliases = {"The West" = ["West ward"], "Both" = ["West ward", "East ward"], "City" = []}
"""
MORNING = "07/04/2015 08:30:00 AM"
EVENING = "07/04/2015 06:30:00 PM"
GOOD = {
    "id": "1",
    "opened": MORNING,
    "closed": EVENING,
    "type": "Hole",
    "status": "Closed",
    "lon": str(WEST_POINT[0]),
    "lat": str(WEST_POINT[1]),
    "where": "",
    "quarter": "The West",
}


@pytest.fixture
def mapping(tmp_path):
    return written(tmp_path, MAPPING)


def written(tmp_path, text):
    path = tmp_path / "mapping.toml"
    path.write_text(text)
    return read_mapping(path)


def table(path, *rows, columns=COLUMNS):
    """Write rows, each GOOD with some changes and a key of its own."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(GOOD | {"id": str(i)} | row for i, row in enumerate(rows, start=1))
    return path


def adds_up(summary):
    parts = summary.accepted + summary.repeated + summary.updated + len(summary.rejected)
    return summary.read == parts + sum(summary.not_mapped.values())


def test_a_row_becomes_a_report_with_its_local_times(small_city, mapping, tmp_path):
    summary = import_reports([table(tmp_path / "r.csv", {})], mapping)
    report = Report.objects.get()
    assert (summary.read, summary.accepted, summary.not_located) == (1, 1, 0)
    assert report.reported_at == datetime(2015, 7, 4, 12, 30, tzinfo=UTC)
    assert report.closed_at == datetime(2015, 7, 4, 22, 30, tzinfo=UTC)
    assert (report.category.code, report.state, report.channel) == ("pothole", "done", "import")
    assert report.receipt_digest is None
    assert PublicReport.objects.get().ward == small_city.west


@pytest.mark.parametrize(
    "changes",
    [{"where": "(0, 0)"}, {"lon": "0.0001", "lat": "0.0001"}, {"lon": "", "lat": ""}],
    ids=["null value", "default point", "empty"],
)
def test_a_row_without_a_place_counts_in_the_area_it_names(small_city, mapping, tmp_path, changes):
    summary = import_reports([table(tmp_path / "r.csv", changes)], mapping)
    assert (summary.accepted, summary.not_located) == (1, 1)
    shown = PublicReport.objects.get()
    assert (shown.is_located, shown.point) == (False, None)
    assert shown.ward == small_city.west
    assert ReportArea.objects.get().area == small_city.west


def test_a_name_of_several_areas_counts_in_each_and_shows_no_ward(small_city, mapping, tmp_path):
    import_reports([table(tmp_path / "r.csv", {"where": "(0, 0)", "quarter": "Both"})], mapping)
    assert ReportArea.objects.count() == 2
    assert PublicReport.objects.get().ward is None


def test_unknown_areas_of_rows_without_a_place_are_listed(small_city, mapping, tmp_path):
    nowhere = {"where": "(0, 0)"}
    path = table(
        tmp_path / "r.csv",
        nowhere | {"quarter": "Atlantis"},
        nowhere | {"quarter": "City"},
        nowhere | {"quarter": ""},
        {"quarter": "Atlantis"},
    )
    summary = import_reports([path], mapping)
    assert (summary.accepted, summary.not_located) == (4, 3)
    assert summary.unknown_areas == {"Atlantis": 1}


REJECTED = [
    ({"id": ""}, "its key is empty"),
    ({"id": "9" * 121}, "its key is no text of at most 120 characters"),
    ({"opened": ""}, "opened is empty"),
    ({"opened": "2015-07-04"}, "a time is not written as %m/%d/%Y %I:%M:%S %p"),
    ({"opened": "03/08/2015 02:30:00 AM"}, "a time falls into the hour that never was"),
    ({"opened": "07/04/2195 02:30:00 AM"}, "it was opened in the future"),
    ({"closed": "07/04/2015 08:29:59 AM"}, "it was closed before it was opened"),
    ({"status": "Lost"}, "status 'Lost' is not in the mapping"),
    ({"status": "Open"}, "it has a closing time, but its state is not an end"),
    ({"lon": "west"}, "its coordinates are not numbers"),
    ({"lon": ""}, "its coordinates are not numbers"),
    ({"lon": "nan"}, "its coordinates are no longitude and latitude"),
    ({"lat": "91"}, "its coordinates are no longitude and latitude"),
]


@pytest.mark.parametrize(("changes", "reason"), REJECTED, ids=range(len(REJECTED)))
def test_a_row_that_is_no_report_is_rejected_by_name(
    small_city, mapping, tmp_path, changes, reason
):
    summary = import_reports([table(tmp_path / "r.csv", {}, changes)], mapping)
    (rejected,) = summary.rejected
    assert (rejected.file, rejected.row) == ("r.csv", 3)
    assert rejected.reason.startswith(reason)
    assert summary.accepted == 1
    assert adds_up(summary)


def test_a_row_with_cells_missing_is_rejected(small_city, mapping, tmp_path):
    path = table(tmp_path / "r.csv", {})
    path.write_text(path.read_text() + "2,short\n\n")
    summary = import_reports([path], mapping)
    assert summary.reasons() == {"it has more or fewer cells than the header": 1}
    assert adds_up(summary)


def test_categories_that_the_mapping_leaves_out_are_counted_by_name(small_city, mapping, tmp_path):
    path = table(tmp_path / "r.csv", {}, {"type": "Noise"}, {"type": "Noise", "opened": "?"})
    summary = import_reports([path], mapping)
    assert summary.not_mapped == {"Noise": 2}
    assert adds_up(summary)


def test_a_second_run_adds_nothing(small_city, mapping, tmp_path):
    path = table(tmp_path / "r.csv.gz", {}, {"where": "(0, 0)"}, {"type": "Lamp"})
    assert import_reports([path], mapping).accepted == 3
    again = import_reports([path], mapping)
    assert (again.accepted, again.repeated, again.rejected) == (0, 3, [])
    assert Report.objects.count() == 3
    assert adds_up(again)


def test_a_key_that_comes_back_in_one_run_with_other_content_is_rejected(
    small_city, mapping, tmp_path
):
    paths = [table(tmp_path / "a.csv", {}), table(tmp_path / "b.csv", {"type": "Lamp"})]
    for accepted in (1, 0):
        summary = import_reports(paths, mapping)
        assert (summary.accepted, summary.repeated) == (accepted, 1 - accepted)
        reason = "its key came before in these files with other content"
        assert summary.reasons() == {reason: 1}
        assert summary.rejected[0].file == "b.csv"
        assert adds_up(summary)
    assert Report.objects.get().category.code == "pothole"


def test_several_files_are_one_import_and_one_bad_file_stops_it(small_city, mapping, tmp_path):
    good = table(tmp_path / "a.csv", {})
    other = table(tmp_path / "b.csv", {}, columns=COLUMNS[:-1])
    with pytest.raises(Exception, match=r"b\.csv has no column 'quarter'.*id, opened, closed"):
        import_reports([good, other], mapping)
    assert not Report.objects.exists()


def test_batches_make_no_difference(small_city, mapping, tmp_path, monkeypatch):
    monkeypatch.setattr("reports.importing.run.BATCH", 2)
    monkeypatch.setattr("reports.importing.source.BATCH", 2)
    summary = import_reports([table(tmp_path / "r.csv", *[{}] * 5)], mapping)
    assert summary.accepted == Report.objects.count() == 5


def test_a_byte_order_mark_and_spaces_are_no_part_of_a_name(small_city, mapping, tmp_path):
    path = table(tmp_path / "r.csv", {})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"id,opened", b" id ,opened"))
    assert import_reports([path], mapping).accepted == 1


BROKEN = {
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(20), "is a damaged gzip file"),
    "encoding": (",".join(COLUMNS).encode() + b"\n\xff", "is not in utf-8"),
    "empty": (b"", "no column 'id'"),
    "page": (b"<html></html>", "is a web page or XML, no table of reports"),
    "twice": (",".join([*COLUMNS, "id"]).encode(), "has 2 columns 'id'"),
    "long": (",".join(COLUMNS).encode() + b'\n"' + b"x" * 200_000, "no CSV that can be read"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_read_is_named(small_city, mapping, tmp_path, content, message):
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    with pytest.raises(Exception, match=message):
        import_reports([path], mapping)


def moment(text, times):
    (read,), (reason,) = moments(pa.array([text]), times)
    return None if np.isnat(read) else read.astype(datetime).replace(tzinfo=UTC), reason


@pytest.mark.parametrize(
    ("ambiguous", "hour"), [("first", 5), ("second", 6)], ids=["first", "second"]
)
def test_the_hour_that_comes_twice_has_a_stated_fate(tmp_path, ambiguous, hour):
    times = written(tmp_path, MAPPING.replace('"first"', f'"{ambiguous}"')).times
    read, reason = moment("11/01/2015 01:16:00 AM", times)
    assert (read, reason) == (datetime(2015, 11, 1, hour, 16, tzinfo=UTC), None)


def test_an_hour_of_the_clock_change_can_be_rejected_or_shifted(tmp_path):
    reject = written(tmp_path, MAPPING.replace('"first"', '"reject"')).times
    read, reason = moment("11/01/2015 01:16:00 AM", reject)
    assert (read, reason) == (
        None,
        "a time falls into the hour that comes twice in the clock change",
    )
    shift = written(
        tmp_path, MAPPING.replace('impossible = "reject"', 'impossible = "shift"')
    ).times
    # 02:30 never was; half past three of summer time was.
    read, reason = moment("03/08/2015 02:30:00 AM", shift)
    assert (read, reason) == (datetime(2015, 3, 8, 7, 30, tzinfo=UTC), None)


WRONG = [
    ('source = "old-system"', "", r"mapping\.toml: the mapping needs source"),
    ('source = "old-system"', 'source = "client"', "source = 'client'; give another name"),
    ('key = "id"', "key = true", "key = True; give a column's name, its position"),
    ('key = "id"', 'key = "id"\nheader = false', "names a column 'id'; give its position"),
    ('key = "id"', 'key = "id"\ndelimiter = ";;"', "delimiter = ';;'; give one character"),
    ('format = "%m/%d/%Y %I:%M:%S %p"', 'format = "us"', "give a pattern such as %Y-%m-%d"),
    ("[place]", "[place]\ncrs = 999999", "crs = 999999; give an EPSG code"),
    ("[place]", '[place]\ntext = "where"', "text beside longitude and latitude"),
    ("[place]", "[place]\nbounds = [1, 2, 0, 3]", r"give \[west, south, east, north\]"),
    ('column = "status"', "", "state needs column, or default"),
    ('"exact"', '"blurred"', "precision = 'blurred'; choose one of exact, masked_by_source"),
    ('"America/New_York"', '"Boston"', "zone = 'Boston'"),
    ('"first"', '"both"', "ambiguous = 'both'; choose one of first, second, reject"),
    ('"accepted"', '"pending"', "Open = 'pending'"),
    ("[[0.0001, 0.0001]]", "[1]", "default_points that are not pairs"),
    ('["(0, 0)"]', '"(0, 0)"', "needs a list of texts at 'where'"),
    ("longitude", "longtitude", "needs longitude and latitude"),
    ('kind = "ward"', 'kind = "ward"\nnote = "x"', "area has note, which means nothing"),
    ('key = "id"', 'key = "id"\nencoding = "latin-47"', "encoding = 'latin-47'; try utf-8"),
    ("[time]", "[time", "could not be read"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_mapping_is_named(tmp_path, old, new, message):
    with pytest.raises(Exception, match=message):
        written(tmp_path, MAPPING.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"street-light"', '"dragon"', "'Lamp' into the category 'dragon'"),
        ('"City" = []', '"City" = ["Atlantis"]', "'City' is 'Atlantis', but there is no ward"),
        ('kind = "ward"', 'kind = "parish"', "no kind of area 'parish'"),
    ],
    ids=["category", "area", "kind"],
)
def test_a_mapping_that_does_not_fit_the_city_is_named(small_city, tmp_path, old, new, message):
    mapping = written(tmp_path, MAPPING.replace(old, new))
    with pytest.raises(Exception, match=message):
        import_reports([table(tmp_path / "r.csv", {})], mapping)


def run_command(tmp_path, capsys, *rows, **options):
    written(tmp_path, MAPPING)
    path = table(tmp_path / "r.csv", *rows)
    call_command("import_reports", path, mapping=tmp_path / "mapping.toml", **options)
    return capsys.readouterr().out.splitlines()


def test_the_command_says_what_became_of_every_row(small_city, tmp_path, capsys):
    rejects = tmp_path / "rejects.csv"
    rows = [{}, {"where": "(0, 0)"}, {"type": "Noise"}, {"opened": ""}]
    assert run_command(tmp_path, capsys, *rows, rejects=rejects) == [
        "4 rows read",
        "2 accepted, 1 of them without a place",
        "0 were here already",
        "1 rejected",
        "  1 opened is empty",
        "1 not mapped",
        "  1 Noise",
    ]
    assert rejects.read_text().splitlines() == [
        "file,row,key,reason",
        "r.csv,5,4,opened is empty",
    ]


def test_without_a_file_for_them_rejected_rows_are_shown(small_city, tmp_path, capsys):
    said = run_command(tmp_path, capsys, {"opened": ""})
    assert said[-1] == "  r.csv, row 2: opened is empty"


def test_rejects_that_cannot_be_written_stop_the_import_before_it_starts(
    small_city, tmp_path, capsys
):
    with pytest.raises(CommandError, match="could not be written"):
        run_command(tmp_path, capsys, {}, rejects=tmp_path / "no" / "rejects.csv")
    assert not Report.objects.exists()


def test_reports_of_a_real_city_stay_out_of_the_demo_city(small_city, tmp_path, capsys):
    City.objects.filter(id=1).update(is_demo=True)
    with pytest.raises(CommandError, match="holds the demo city"):
        run_command(tmp_path, capsys, {})
