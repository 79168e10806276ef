"""What a draft of a mapping guesses from files, and that a drafted mapping imports."""

import csv
import io

import pytest
from django.core.management import call_command

from layers.models import City
from reports.importing.draft import Kind, Surroundings, draft
from reports.importing.draft_text import as_text
from reports.importing.mapping import parse_mapping
from reports.importing.run import import_reports
from reports.importing.sample import read_sample
from reports.models import PublicReport, Report
from reports.workflow import State

HERE = Surroundings(
    zone="America/New_York",
    kinds=(
        Kind("assault", "Assault in public", "assault attack robbery"),
        Kind("sexual-assault", "Sexual assault or harassment", "sexual assault rape"),
        Kind("pothole", "Pothole", "pothole hole road"),
        Kind("street-light", "Street light out", "street light lamp dark"),
        Kind("water-leak", "Water main leak", "leak burst pipe water"),
    ),
    bounds=(-71.2, 42.2, -70.9, 42.4),
    areas={"ward": {"North", "South"}},
)
NAMES = ["CASE_ID", "OPEN_DT", "CLOSED_DT", "TARGET_DT", "OnTime_Status", "CASE_STATUS"]
NAMES += ["TYPE", "LATITUDE", "LONGITUDE", "Geo", "neighborhood", "CLOSURE_REASON"]
TYPES = ["Pothole Repair", "Watermain Break", "Street Lighting", "Assault", "Zoning"]


def rows(count=300):
    for i in range(count):
        day, is_lost = f"{1 + i % 12:02}/{1 + i % 28:02}/2015", i % 10 == 0
        lat, lon = ("42.3594", "-71.0587") if is_lost else (f"42.3{i:03}", f"-71.0{i:03}")
        closed = "" if i % 3 else f"{day} 11:59:00 PM"
        yield [
            str(1000 + i),
            f"{day} 01:02:03 PM",
            closed,
            f"{day} 11:00:00 PM",
            "ONTIME",
            "Closed" if closed else "Open",
            TYPES[i % len(TYPES)],
            lat,
            lon,
            "(0, 0)" if is_lost else f"({lat}, {lon})",
            ("North", "South", "Elsewhere")[i % 3],
            "Mended by the crew",
        ]


def table(path, names=NAMES, content=None, delimiter=",", encoding="utf-8"):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([*([names] if names else []), *(content or rows())])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def drafted(path, here=HERE):
    return draft(read_sample([path]), here)


def test_columns_are_guessed_by_their_names_and_values(tmp_path):
    guess = drafted(table(tmp_path / "old system 2015.csv"))
    assert guess.source == "old-system-2015"
    assert (guess.rows, guess.keys[:1]) == (300, ("CASE_ID",))
    assert (guess.opened[0], guess.closed, guess.due) == ("OPEN_DT", ("CLOSED_DT",), ("TARGET_DT",))
    assert guess.formats == ("%m/%d/%Y %I:%M:%S %p",)
    assert (guess.longitude, guess.latitude, guess.epsg) == ("LONGITUDE", "LATITUDE", 4326)
    assert (guess.categories[0], guess.states[0]) == ("TYPE", "CASE_STATUS")
    assert (guess.area, guess.area_kind) == ("neighborhood", "ward")
    assert [(v.text, v.rows) for v in guess.unknown_areas] == [("Elsewhere", 100)]
    assert guess.texts == ("CLOSURE_REASON",)


def test_categories_and_states_are_guessed_by_words(tmp_path):
    guess = drafted(table(tmp_path / "r.csv"))
    assert {v.text: v.guess for v in guess.category_values} == {
        "Pothole Repair": "pothole",
        "Watermain Break": "water-leak",
        "Street Lighting": "street-light",
        "Assault": "assault",
        "Zoning": "something-else",
    }
    assert {v.text: v.guess for v in guess.state_values} == {"Open": "accepted", "Closed": "done"}


def test_a_point_that_stands_for_nowhere_is_found_with_what_marks_it(tmp_path):
    (repeated,) = drafted(table(tmp_path / "r.csv")).repeated
    assert (repeated.rows, repeated.marks) == (30, (("Geo", "(0, 0)"),))
    assert dict(zip(repeated.columns, repeated.values, strict=True)) == {
        "LATITUDE": "42.3594",
        "LONGITUDE": "-71.0587",
    }


def test_delimiter_encoding_and_a_missing_header_are_found(tmp_path):
    content = [[*row[:-1], "Löcher"] for row in rows()]
    path = table(tmp_path / "r.csv", None, content, delimiter=";", encoding="cp1252")
    reading = read_sample([path]).reading
    assert (reading.encoding, reading.delimiter, reading.has_header) == ("cp1252", ";", False)


def test_a_coordinate_system_is_named_by_where_it_would_put_the_city(tmp_path):
    names = ["id", "date", "x", "y"]
    content = [[i, "2015-01-02", 774000 + 10 * i, 2956000 + 10 * i] for i in range(100)]
    guess = drafted(table(tmp_path / "r.csv", names, content))
    assert guess.epsg in {code for code, _ in guess.systems}
    assert "crs = " in as_text(guess)


def test_both_coordinates_may_stand_in_one_column(tmp_path):
    names = ["id", "created", "where"]
    content = [[i, "2015-01-02T03:04:05", f"(42.3{i:02}, -71.0{i:02})"] for i in range(50)]
    guess = drafted(table(tmp_path / "r.csv", names, content))
    assert (guess.place_text, guess.formats) == ("where", ("iso",))


def test_a_drafted_mapping_imports(small_city, tmp_path, capsys):
    City.objects.filter(id=1).update(time_zone="America/New_York")
    path = table(tmp_path / "r.csv")
    call_command("draft_mapping", path)
    mapping = parse_mapping(capsys.readouterr().out)
    summary = import_reports([path], mapping)
    assert (summary.read, summary.accepted, summary.not_located) == (300, 300, 30)
    assert Report.objects.filter(state=State.DONE).count() == 100
    assert PublicReport.objects.filter(is_located=False).count() == 30
    assert set(summary.defaulted) == {"Zoning"}


def test_names_with_quotes_are_written_as_they_are(tmp_path):
    names = ['the "key"', "opened", "lon", "lat"]
    content = [[i, "2015-01-02", "0.1", f"0.{i}"] for i in range(1, 30)]
    text = as_text(drafted(table(tmp_path / "r.csv", names, content)))
    assert parse_mapping(text).key == ('the "key"',)


@pytest.mark.real_data
def test_bostons_draft_needs_few_edits(small_city, real_data, capsys):
    files = sorted((real_data / "boston/reports_311_2015").glob("*.csv.gz"))
    City.objects.filter(id=1).update(time_zone="America/New_York")
    call_command("draft_mapping", *files)
    text = capsys.readouterr().out
    assert "#   17,070 rows at [-71.0587, 42.3594]" in text
    assert '"Geocoded_Location" = ["(0, 0)"]' in text
    mapping = parse_mapping(text)
    some = [path for path in files if path.name.startswith(("Watermain", "Sign Repair"))]
    summary = import_reports(some, mapping)
    assert (summary.read, len(summary.rejected)) == (4911, 0)
    assert Report.objects.filter(category__code="sign-damaged").count() == 4825
