"""Files of every format give the same reports, and say the same of the rows that are none."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.errors import InvalidInput
from reports.importing import run
from reports.importing.mapping import parse_mapping
from reports.importing.run import import_reports
from reports.importing.times import moments
from reports.models import PublicReport, Report

MAPPING = """
source = "feed"
key = "id"
precision = "exact"

[time]
opened = "opened"
closed = "closed"
due = "due"
zone = "Europe/Dublin"
ambiguous = "first"

[place]
longitude = ["lon", "@longitude"]
latitude = ["lat", "@latitude"]

[category]
column = "type"
values = {Hole = "pothole", Lamp = "street-light"}

[state]
column = "status"
values = {Open = "accepted", Closed = "done"}
"""
ROWS = [
    ["1", "2015-07-04T08:30:00", "2015-07-04 18:30", "", "Hole", "Closed", "0.0051", "0.0052"],
    ["2", "2015-07-05T08:30:00", "", "2015-07-09", "Lamp", "Open", "0.0151", "0.0052"],
    ["3", "2015-07-05", "2015-07-04", "", "Lamp", "Closed", "0.0151", "0.0052"],
    ["4", "2015-07-05", "", "", "Noise", "Open", "0.0151", "0.0052"],
    ["", "2015-07-05", "", "", "Lamp", "Open", "0.0151", "0.0052"],
    ["6", "2015-07-05", "", "", "Lamp", "Open", "", ""],
]
NAMES = ["id", "opened", "closed", "due", "type", "status", "lon", "lat"]


def mapped(text=MAPPING, **replaced):
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return parse_mapping(text)


def as_csv(rows=ROWS, names=NAMES, **options):
    text = io.StringIO()
    writer = csv.writer(text, **options)
    writer.writerows([names, *rows] if names else rows)
    return text.getvalue().encode()


def records():
    return [dict(zip(NAMES, row, strict=True)) for row in ROWS]


def features():
    for row in records():
        lon, lat = row.pop("lon"), row.pop("lat")
        geometry = {"type": "Point", "coordinates": [float(lon), float(lat)]} if lon else None
        yield {"type": "Feature", "properties": row, "geometry": geometry}


def zipped(name, content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def parquet(*, typed):
    frame = pd.DataFrame(ROWS, columns=NAMES)
    if typed:
        frame["opened"] = pd.to_datetime(frame["opened"], format="ISO8601")
        frame["due"] = pd.to_datetime(frame["due"], format="ISO8601").dt.date
        frame["type"] = frame["type"].astype("category")
        for name in ("id", "lon", "lat"):
            frame[name] = pd.to_numeric(frame[name])
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame), out)
    return out.getvalue()


def sheet():
    """Write the least that makes an Excel file: texts, a number and a date as Excel keeps one."""

    def cell(value):
        if value.replace(".", "", 1).isdecimal():
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    rows = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in [NAMES, *ROWS])
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="Reports" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
        )
    return out.getvalue()


def lines(objects):
    return "\n".join(json.dumps(each) for each in objects).encode()


COLLECTION = json.dumps({"type": "FeatureCollection", "features": list(features())})
FILES = {
    "r.csv": as_csv(),
    "r.csv.gz": gzip.compress(as_csv()),
    "r.csv.bz2": bz2.compress(as_csv()),
    "r.csv.xz": lzma.compress(as_csv()),
    "r.zip": zipped("inner.csv", as_csv()),
    "r.jsonl": lines(records()),
    "r.json": json.dumps(records()).encode(),
    "r.geojson": COLLECTION.encode(),
    "r.geojson.gz": gzip.compress(json.dumps(json.loads(COLLECTION), indent=1).encode()),
    "r.geojsonl": lines(features()),
    "r.xlsx": sheet(),
    "texts.parquet": parquet(typed=False),
    "typed.parquet": parquet(typed=True),
}
REASONS = {"it was closed before it was opened": 1, "its key is empty": 1}


def utc(moment):
    return moment.astype(datetime).replace(tzinfo=UTC)


def put(path, content):
    path.write_bytes(content)
    return path


def adds_up(summary):
    told = summary.accepted + summary.repeated + summary.updated + len(summary.rejected)
    return summary.read == told + sum(summary.not_mapped.values())


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same(small_city, tmp_path, name):
    summary = import_reports([put(tmp_path / name, FILES[name])], mapped())
    assert (summary.read, summary.accepted, summary.not_located) == (6, 3, 1)
    assert summary.reasons() == REASONS
    assert summary.not_mapped == {"Noise": 1}
    assert adds_up(summary)
    stored = Report.objects.order_by("reported_at", "submissionkey__key").values_list(
        "submissionkey__key", "reported_at", "closed_at", "category__code", "is_located"
    )
    assert list(stored) == [
        (
            "1",
            datetime(2015, 7, 4, 7, 30, tzinfo=UTC),
            datetime(2015, 7, 4, 17, 30, tzinfo=UTC),
            "pothole",
            True,
        ),
        ("6", datetime(2015, 7, 4, 23, 0, tzinfo=UTC), None, "street-light", False),
        ("2", datetime(2015, 7, 5, 7, 30, tzinfo=UTC), None, "street-light", True),
    ]
    due = Report.objects.get(submissionkey__key="2").promised_at
    assert due == datetime(2015, 7, 8, 23, 0, tzinfo=UTC)
    assert PublicReport.objects.get(report__submissionkey__key="2").promised_at == due


def test_rows_are_numbered_as_people_see_them(small_city, tmp_path):
    for name, first in (("r.csv", 2), ("r.xlsx", 2), ("r.jsonl", 1), ("texts.parquet", 1)):
        summary = import_reports([put(tmp_path / name, FILES[name])], mapped())
        assert [row.row for row in summary.rejected] == [first + 2, first + 4], name


def test_a_file_without_a_header_is_read_by_position(small_city, tmp_path):
    places = {
        '["lon", "@longitude"]': "7",
        '["lat", "@latitude"]': "8",
        "precision =": "header = false\nprecision =",
    }
    places |= {f'"{name}"': str(place) for place, name in enumerate(NAMES[:6], start=1)}
    summary = import_reports([put(tmp_path / "r.csv", as_csv(names=None))], mapped(**places))
    assert (summary.read, summary.accepted) == (6, 3)
    assert [row.row for row in summary.rejected] == [3, 5]


def test_several_headers_come_in_together(small_city, tmp_path):
    other = ["ID", "OPEN_DT", *NAMES[2:]]
    mapping = mapped(
        **{
            'key = "id"': 'key = ["id", "ID"]',
            'opened = "opened"': 'opened = ["opened", "OPEN_DT"]',
        }
    )
    paths = [
        put(tmp_path / "a.csv", as_csv(ROWS[:1])),
        put(tmp_path / "b.csv", as_csv(ROWS[1:2], other, delimiter=",", quoting=csv.QUOTE_ALL)),
    ]
    assert import_reports(paths, mapping).accepted == 2
    third = put(tmp_path / "c.csv", as_csv(ROWS[2:], ["nr", *NAMES[1:]]))
    with pytest.raises(InvalidInput, match=r"c\.csv has no column 'id' or 'ID'"):
        import_reports([*paths, third], mapping)


def test_delimiter_encoding_and_quoted_newlines(small_city, tmp_path):
    mapping = mapped(
        **{"precision =": 'delimiter = ";"\nencoding = "cp1252"\ndescription = "text"\nprecision ='}
    )
    rows = [[*ROWS[0], 'Löcher;\n"tief"']]
    text = as_csv(rows, [*NAMES, "text"], delimiter=";").decode().encode("cp1252")
    import_reports([put(tmp_path / "r.csv", text)], mapping)
    assert Report.objects.get().description == 'Löcher;\n"tief"'


FEET = ("774500.0", "2956500.0")
PLACES = {
    "lat, lon": ("where", "", "(0.0052, 0.0051)"),
    "bare pair": ("where", "", "0.0052 0.0051"),
    "lon, lat": ("where", '\norder = "lon_lat"', "0.0051, 0.0052"),
    "WKT": ("where", "", "POINT (0.0051 0.0052)"),
    "EWKT": ("where", "", "SRID=4326;point z(5.1e-3 0.0052 7)"),
}


@pytest.mark.parametrize(("column", "more", "text"), PLACES.values(), ids=PLACES)
def test_coordinates_may_be_one_text(small_city, tmp_path, column, more, text):
    mapping = parse_mapping(
        MAPPING.replace(
            'longitude = ["lon", "@longitude"]\nlatitude = ["lat", "@latitude"]',
            f'text = "{column}"{more}',
        )
    )
    rows = [[*ROWS[0][:6], text], ["7", *ROWS[0][1:6], "POINT EMPTY"], ["8", *ROWS[0][1:6], "?"]]
    summary = import_reports([put(tmp_path / "r.csv", as_csv(rows, [*NAMES[:6], column]))], mapping)
    assert summary.reasons() == {"its coordinates are not numbers": 1}
    assert summary.not_located == 1
    assert PublicReport.objects.get(is_located=True).point.coords == (0.0051, 0.0052)


def test_coordinates_may_be_state_plane_feet(small_city, tmp_path):
    mapping = parse_mapping(
        MAPPING.replace("[place]", "[place]\ncrs = 2249\nbounds = [-72, 42, -70, 43]")
    )
    rows = [[*ROWS[0][:6], *FEET], ["2", *ROWS[1][1:6], "1", "1"]]
    summary = import_reports([put(tmp_path / "r.csv", as_csv(rows))], mapping)
    assert summary.reasons() == {"its place lies outside the bounds of the mapping": 1}
    lon, lat = PublicReport.objects.get().point.coords
    assert (lon, lat) == (pytest.approx(-71.06, abs=0.02), pytest.approx(42.36, abs=0.02))


def test_outside_the_bounds_may_be_nowhere(small_city, tmp_path):
    mapping = parse_mapping(
        MAPPING.replace("[place]", '[place]\nbounds = [0, 0, 0.01, 1]\noutside = "not_located"')
    )
    summary = import_reports([put(tmp_path / "r.csv", as_csv(ROWS[:2]))], mapping)
    assert (summary.accepted, summary.not_located) == (2, 1)


def test_equal_rows_without_a_key_are_counted_through(small_city, tmp_path):
    mapping = mapped(**{'key = "id"': ""})
    rows = [["", *ROWS[1][1:]]] * 3
    paths = [put(tmp_path / f"{n}.csv", as_csv(rows)) for n in (1, 2)]
    assert import_reports(paths, mapping).accepted == 6
    again = import_reports(paths, mapping)
    assert (again.accepted, again.repeated) == (0, 6)
    more = import_reports([*paths, put(tmp_path / "3.csv", as_csv(rows[:1]))], mapping)
    assert (more.accepted, more.repeated) == (1, 6)


def test_defaults_and_overrides_of_the_category(small_city, tmp_path):
    mapping = parse_mapping(
        MAPPING.replace("[category]", '[category]\ndefault = "something-else"').replace(
            "[state]",
            '[[category.overrides]]\ncolumn = ["home", ""]\n'
            'values = {yes = "domestic-violence"}\n\n[state]\ndefault = "new"',
        )
    )
    rows = [[*ROWS[0], "yes"], [*ROWS[3], "no"]]
    path = put(tmp_path / "a.csv", as_csv(rows, [*NAMES, "home"]))
    plain = put(tmp_path / "b.csv", as_csv([["9", *ROWS[3][1:5], "Odd", *ROWS[3][6:]]]))
    summary = import_reports([path, plain], mapping)
    assert summary.defaulted == {"Noise": 2}
    codes = dict(Report.objects.values_list("submissionkey__key", "category__code"))
    assert codes == {"1": "domestic-violence", "4": "something-else", "9": "something-else"}
    assert Report.objects.get(submissionkey__key="9").state == "new"


ZONED = {
    "honoured": ('"iso"', "", "2018-01-01T12:00:00Z", (2018, 1, 1, 12)),
    "ignored": ('"iso"', 'offsets = "ignore"', "2018-07-01 12:00:00+00:00", (2018, 7, 1, 11)),
    "short": ('"%Y/%m/%d %H:%M:%S%z"', "", "2018/07/01 12:00:00+00", (2018, 7, 1, 12)),
    "pattern ignored": (
        '"%Y/%m/%d %H:%M:%S%z"',
        'offsets = "ignore"',
        "2018/07/01 12:00:00+00",
        (2018, 7, 1, 11),
    ),
    "second pattern": ('["%d.%m.%Y", "iso"]', "", "2018-01-01", (2018, 1, 1)),
    "first pattern": ('["%d.%m.%Y", "iso"]', "", "31.01.2018", (2018, 1, 31)),
    "epoch": ('"epoch"', "", "1514808000", (2018, 1, 1, 12)),
    "milliseconds": ('"epoch_ms"', "", "1514808000000.0", (2018, 1, 1, 12)),
    "no time": ('"epoch"', "", "2018-01-01", None),
    "midnight in summer": ('"iso"', "", "2018-07-01", (2018, 6, 30, 23)),
}


def times_of(pattern, more=""):
    text = MAPPING.replace("[time]", f"[time]\nformat = {pattern}\n{more}")
    return parse_mapping(text).times


@pytest.mark.parametrize(("pattern", "more", "text", "moment"), ZONED.values(), ids=ZONED)
def test_times_are_read_as_they_are_written(pattern, more, text, moment):
    (read,), (reason,) = moments(pa.array([text]), times_of(pattern, more))
    if moment is None:
        assert np.isnat(read)
        assert reason.startswith("a time is not written as")
    else:
        assert (utc(read), reason) == (datetime(*moment, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("hour", "moment"),
    [
        ("0", (2014, 3, 1, 5)),
        ("13", (2014, 3, 1, 18)),
        ("13:45", (2014, 3, 1, 18, 45)),
        ("7.0", (2014, 3, 1, 12)),
        ("24", None),
        ("", None),
    ],
)
def test_an_hour_apart_counts_in_the_zone(hour, moment):
    times = parse_mapping(
        MAPPING.replace("Europe/Dublin", "America/Toronto").replace(
            "[time]", '[time]\nhour = "hour"\nformat = "%Y/%m/%d %H:%M:%S%z"'
        )
    ).times
    # Local midnight, written as UTC.
    (read,), (reason,) = moments(pa.array(["2014/03/01 05:00:00+00"]), times, pa.array([hour]))
    if moment is None:
        assert "or its hour is none" in reason
    else:
        assert utc(read) == datetime(*moment, tzinfo=UTC)


def test_a_day_that_was_reckoned_by_todays_summer_time_is_still_that_day():
    """In 1978 it began on the last Sunday of April; the source writes 10 April as if it had."""
    times = parse_mapping(
        MAPPING.replace("Europe/Dublin", "America/Toronto").replace(
            "[time]", '[time]\nhour = "hour"\nformat = "%Y/%m/%d %H:%M:%S%z"'
        )
    ).times
    (read,), _ = moments(pa.array(["1978/04/10 04:00:00+00"]), times, pa.array(["2"]))
    assert utc(read) == datetime(1978, 4, 10, 7, tzinfo=UTC)
    (late,), _ = moments(pa.array(["1978/04/10 04:30:00+00"]), times, pa.array(["2"]))
    assert utc(late) == datetime(1978, 4, 9, 7, tzinfo=UTC)


ZONES = ["America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall time
CHANGES = ["2015-02-21", "2015-03-08", "2015-03-29", "2015-04-05", "2015-10-04", "2015-10-17"]
CHANGES += ["2015-10-18", "2015-10-25", "2015-11-01"]
NEAR_A_CHANGE = st.builds(
    lambda day, minutes: datetime.fromisoformat(day) + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-30, 200),
)
WALL = NEAR_A_CHANGE | st.integers(0, 67 * 365 * 24 * 60).map(
    lambda minutes: EPOCH + timedelta(minutes=minutes)
)


@given(zone=st.sampled_from(ZONES), walls=st.lists(WALL, min_size=1, max_size=50))
@settings(max_examples=60, deadline=None)
def test_moments_of_many_are_those_of_the_zone(zone, walls):
    times = parse_mapping(
        MAPPING.replace("Europe/Dublin", zone).replace("[time]", '[time]\nimpossible = "shift"')
    ).times
    read, reasons = moments(pa.array([wall.isoformat() for wall in walls]), times)
    expected = [wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for wall in walls]
    assert [utc(value) for value in read] == expected
    assert not any(reasons)


BROKEN = {
    "jsonl": (b'{"id": 1}\n{"id"\n', "no JSON lines that can be read: line 2"),
    "json": (b'[{"id": 1}, {"id"', "no JSON that can be read"),
    "geojson": (b'{"type": "FeatureCollection", "features": [{"type": "Feature", ', "no JSON that"),
    "parquet": (b"PAR1 and no more", "no Parquet file that can be read"),
    "xlsx": (zipped("[Content_Types].xml", b""), "no Excel file that can be read"),
    "gz": (gzip.compress(as_csv())[:-9], "a damaged gzip file"),
    "bz2": (bz2.compress(as_csv())[:-9], "a damaged bzip2 file"),
    "xz": (lzma.compress(as_csv())[:-9], "a damaged xz file"),
    "zip": (zipped("../out.csv", as_csv()), "leads out of it"),
    "html": (b"<!doctype html><p>Not found", "a web page or XML, no table of reports"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_and_leaves_nothing(small_city, tmp_path, content, message):
    good = put(tmp_path / "good.csv", as_csv(ROWS[:2]))
    with pytest.raises(InvalidInput, match=message):
        import_reports([good, put(tmp_path / "broken", content)], mapped())
    assert not Report.objects.exists()


def test_whoever_watches_can_stop_it(small_city, tmp_path):
    class Stop(Exception):
        pass

    def stop(share, what):
        assert (share <= 1, what) == (True, run.STEP)
        raise Stop

    with pytest.raises(Stop):
        import_reports([put(tmp_path / "r.csv", as_csv())], mapped(), stop)
    assert not Report.objects.exists()


CELLS = {
    "id": st.sampled_from(["1", "2", "3", "", "x" * 121, "a\x1fb"]),
    "opened": st.sampled_from(["2015-07-04", "2015-10-25T01:30", "2195-01-01", "", "?"]),
    "closed": st.sampled_from(["", "2015-07-05", "2014-01-01", "?"]),
    "due": st.sampled_from(["", "2015-07-09", "?"]),
    "type": st.sampled_from(["Hole", "Lamp", "Noise", ""]),
    "status": st.sampled_from(["Open", "Closed", "Lost"]),
    "lon": st.sampled_from(["0.0051", "1e-3", "", "west", "nan", "999"]),
    "lat": st.sampled_from(["0.0052", "", "-91", "7"]),
}
GENERATED = st.lists(st.tuples(*CELLS.values()).map(list) | st.just(["short"]), max_size=30)


@given(rows=GENERATED, with_key=st.booleans(), size=st.integers(1, 7))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_row_is_accounted_for(small_city, tmp_path, monkeypatch, rows, with_key, size):
    monkeypatch.setattr(run, "BATCH", size)
    mapping = mapped() if with_key else mapped(**{'key = "id"': ""})
    path = put(tmp_path / "r.csv", as_csv(rows))
    with transaction.atomic():
        first = import_reports([path], mapping)
        stored = Report.objects.count()
        again = import_reports([path], mapping)
        transaction.set_rollback(True)
    assert first.read == len(rows)
    assert adds_up(first)
    assert adds_up(again)
    assert first.accepted == stored
    assert (again.accepted, again.updated) == (0, 0)
    assert again.repeated == first.accepted + first.repeated
    assert again.rejected == first.rejected
