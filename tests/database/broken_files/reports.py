"""Tables of reports, and mappings, that do not fit each other or nothing at all."""

import gzip
import json
import os
import zipfile
from pathlib import Path

from tests.database.broken_files.case import found, refused
from tests.database.broken_files.sound import written

MAPPING = """
source = "old-system"
key = "id"
precision = "exact"

[time]
opened = "opened"
closed = "closed"
format = "%Y-%m-%d %H:%M"
zone = "Europe/Dublin"

[place]
longitude = "lon"
latitude = "lat"

[category]
column = "type"
values = {Hole = "pothole"}

[state]
column = "status"
values = {Open = "accepted"}
"""
HEADER = "id,opened,closed,type,status,lon,lat\n"
ROW = "1,2020-01-02 10:00,,Hole,Open,0.005,0.005\n"


def _reports(folder: Path, content: str | bytes = HEADER + ROW, name: str = "r.csv") -> Path:
    written(folder, MAPPING, "m.toml")
    return written(folder, content, name)


def _mapping(folder: Path, old: str, new: str) -> Path:
    path = _reports(folder)
    assert old in MAPPING
    written(folder, MAPPING.replace(old, new), "m.toml")
    return path


DOOR = "import_reports"


@refused("The mapping m.toml could not be read: Invalid value (at line 3, column 7).", DOOR)
def a_mapping_that_is_no_toml(folder: Path) -> Path:
    return _mapping(folder, 'key = "id"', "key = id")


@refused("m.toml: the mapping needs source (a text).", DOOR)
def a_mapping_without_a_source(folder: Path) -> Path:
    return _mapping(folder, 'source = "old-system"', "")


@refused("m.toml: the mapping has colour, which means nothing here.", DOOR)
def a_mapping_with_a_word_too_many(folder: Path) -> Path:
    return _mapping(folder, 'key = "id"', 'key = "id"\ncolour = "red"')


@refused("The mapping puts 'Hole' into the category 'crater', which there is not.", DOOR)
def a_mapping_to_a_category_that_there_is_not(folder: Path) -> Path:
    return _mapping(folder, '"pothole"', '"crater"')


@refused(
    "m.toml: values has Open = 'forgotten'; choose one of new, accepted, assigned, "
    "progress, hold, done, rejected, merged.",
    DOOR,
)
def a_mapping_to_a_state_that_there_is_not(folder: Path) -> Path:
    return _mapping(folder, '"accepted"', '"forgotten"')


@refused("m.toml: time has zone = 'Europe/Atlantis'; give a name such as America/New_York.", DOOR)
def a_mapping_with_a_zone_that_there_is_not(folder: Path) -> Path:
    return _mapping(folder, "Europe/Dublin", "Europe/Atlantis")


@refused(
    "m.toml: time has format = 'YYYY-MM-DD'; give a pattern such as %Y-%m-%d %H:%M:%S, "
    "or one of iso, epoch, epoch_ms.",
    DOOR,
)
def a_mapping_with_a_pattern_that_is_none(folder: Path) -> Path:
    return _mapping(folder, "%Y-%m-%d %H:%M", "YYYY-MM-DD")


@refused(
    "m.toml: time has format = '%Q-%m-%d'; give a pattern such as %Y-%m-%d %H:%M:%S, or "
    "one of iso, epoch, epoch_ms.",
    DOOR,
)
def a_mapping_with_a_letter_that_no_pattern_has(folder: Path) -> Path:
    return _mapping(folder, "%Y-%m-%d %H:%M", "%Q-%m-%d")


@refused(
    "m.toml: place has crs = 99999; give an EPSG code such as 4326 or 2249 (State Plane feet).",
    DOOR,
)
def a_mapping_with_a_system_that_there_is_not(folder: Path) -> Path:
    return _mapping(folder, 'latitude = "lat"', 'latitude = "lat"\ncrs = 99999')


@refused(
    "There is no kind of area 'galaxy'. Choose one of: city, neighbourhood, park, ward, "
    "water, zone.",
    DOOR,
)
def a_mapping_with_a_kind_of_area_that_there_is_not(folder: Path) -> Path:
    return _mapping(folder, "[state]", '[area]\ncolumn = "type"\nkind = "galaxy"\n\n[state]')


@refused("m.toml: the mapping has encoding = 'base64'; try utf-8 or cp1252.", DOOR)
def a_mapping_with_an_encoding_that_is_none_of_texts(folder: Path) -> Path:
    return _mapping(folder, 'key = "id"', 'key = "id"\nencoding = "base64"')


@refused(
    "r.csv has no column 'case_number', which the mapping names. Its header is: id, "
    "opened, closed, type, status, lon, lat.",
    DOOR,
)
def a_mapping_of_a_column_that_is_not_there(folder: Path) -> Path:
    return _mapping(folder, 'key = "id"', 'key = "case_number"')


@refused("m.toml: place needs latitude beside longitude.", DOOR)
def a_mapping_without_latitude(folder: Path) -> Path:
    return _mapping(folder, 'latitude = "lat"', "")


@refused(
    "The mapping {folder}/m.toml could not be read: No such file or directory. Save it "
    "as a text in UTF-8.",
    DOOR,
)
def a_mapping_that_is_not_there(folder: Path) -> Path:
    path = _reports(folder)
    (folder / "m.toml").unlink()
    return path


@refused(
    "The mapping {folder}/m.toml could not be read: 'utf-8' codec can't decode byte 0xf6 "
    "in position 230: invalid start byte. Save it as a text in UTF-8.",
    DOOR,
)
def a_mapping_of_other_letters(folder: Path) -> Path:
    path = _reports(folder)
    written(folder, MAPPING.replace("Hole", "Löcher").encode("cp1252"), "m.toml")
    return path


@refused("{folder}/r.csv could not be opened: No such file or directory. Check the path.", DOOR)
def reports_that_are_not_there(folder: Path) -> Path:
    _reports(folder).unlink()
    return folder / "r.csv"


@refused("{folder} is a folder, a pipe or a device, not a file. Check the path.", DOOR)
def reports_that_are_a_folder(folder: Path) -> Path:
    _reports(folder)
    return folder


@refused("{folder}/r.csv is a folder, a pipe or a device, not a file. Check the path.", DOOR)
def reports_from_a_pipe(folder: Path) -> Path:
    _reports(folder).unlink()
    os.mkfifo(folder / "r.csv")
    return folder / "r.csv"


@refused("r.csv has no column 'id', which the mapping names. Its header is: empty.", DOOR)
def an_empty_file_of_reports(folder: Path) -> Path:
    return _reports(folder, "")


@refused(
    "r.csv is a web page or XML, no table of reports. Fetch it again, as CSV, GeoJSON, "
    "JSON lines, Parquet or Excel.",
    DOOR,
)
def a_web_page_of_reports(folder: Path) -> Path:
    return _reports(folder, "<!DOCTYPE html><html><title>Sign in</title></html>")


@refused(
    "r.csv is not in utf-8: invalid start byte at byte 58. Say its encoding in the "
    "mapping, for example cp1252.",
    DOOR,
)
def reports_of_other_letters(folder: Path) -> Path:
    return _reports(folder, (HEADER + ROW.replace("Hole", "Löcher")).encode("cp1252"))


@refused(
    "r.csv is not in utf-8: invalid start byte at byte 0. Say its encoding in the "
    "mapping, for example cp1252.",
    DOOR,
)
def reports_in_two_bytes_a_letter(folder: Path) -> Path:
    return _reports(folder, (HEADER + ROW).encode("utf-16"))


@refused(
    "r.csv has no column 'id', which the mapping names. Its header is: "
    "id;opened;closed;type;status;lon;lat.",
    DOOR,
)
def reports_parted_by_semicolons(folder: Path) -> Path:
    return _reports(folder, (HEADER + ROW).replace(",", ";"))


@refused(
    "r.csv has 2 columns 'opened', which the mapping names. Its header is: id, opened, "
    "opened, type, status, lon, lat.",
    DOOR,
)
def reports_whose_columns_have_one_name(folder: Path) -> Path:
    return _reports(folder, HEADER.replace("closed", "opened") + ROW)


@refused(
    "r.csv is no CSV that can be read: field larger than field limit (131072). Fetch it "
    "again, or save it anew.",
    DOOR,
)
def reports_with_a_cell_as_long_as_a_book(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("Hole", "x" * 300_000))


@found("1 rows read", 0, DOOR)
def reports_with_a_zero_byte(folder: Path) -> Path:
    return _reports(folder, (HEADER + ROW.replace("Hole", "Ho\x00le")))


@refused(
    "r.csv.gz is a damaged gzip file (Compressed file ended before the end-of-stream "
    "marker was reached). Fetch it again.",
    DOOR,
)
def a_gzip_of_reports_cut_short(folder: Path) -> Path:
    return _reports(folder, gzip.compress((HEADER + ROW * 500).encode())[:-9], "r.csv.gz")


@refused(
    "The file unpacks to more bytes than are taken. Cut it into parts, or raise "
    "CIVICGRID_IMPORT_MOST_BYTES.",
    DOOR,
    settings={"IMPORT_MOST_BYTES": 1_000_000},
)
def a_gzip_of_reports_that_grows(folder: Path) -> Path:
    return _reports(folder, gzip.compress(HEADER.encode() + b"0" * 2_000_000), "r.csv.gz")


@refused("r.zip holds a file named '../evil.csv', which leads out of it. It is refused.", DOOR)
def an_archive_of_reports_with_a_path_upwards(folder: Path) -> Path:
    _reports(folder).unlink()
    with zipfile.ZipFile(folder / "r.zip", "w") as archive:
        archive.writestr("../evil.csv", HEADER + ROW)
    return folder / "r.zip"


@refused("r.zip is a damaged zip archive (File is not a zip file). Fetch it again.", DOOR)
def an_archive_of_reports_cut_short(folder: Path) -> Path:
    _reports(folder).unlink()
    with zipfile.ZipFile(folder / "r.zip", "w") as archive:
        archive.writestr("r.csv", HEADER + ROW)
    (folder / "r.zip").write_bytes((folder / "r.zip").read_bytes()[:-30])
    return folder / "r.zip"


@refused(
    "r.xlsx is no Excel file that can be read: File not found '_rels/.rels'. Fetch it "
    "again, or save it anew.",
    DOOR,
)
def an_excel_file_of_reports_cut_short(folder: Path) -> Path:
    _reports(folder).unlink()
    with zipfile.ZipFile(folder / "r.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return folder / "r.xlsx"


@refused(
    "r.parquet is no Parquet file that can be read: Parquet magic bytes not found in "
    "footer. Either the file is corrupted or this is not a parquet file. Fetch it again, "
    "or save it anew.",
    DOOR,
)
def a_parquet_of_reports_cut_short(folder: Path) -> Path:
    return _reports(folder, b"PAR1" + bytes(200), "r.parquet")


@refused(
    "r.jsonl is no JSON lines that can be read: line 2: Unterminated string starting at: "
    "line 1 column 23 (char 22). Fetch it again, or save it anew.",
    DOOR,
)
def json_lines_of_reports_with_half_a_line(folder: Path) -> Path:
    row = dict(zip(HEADER.strip().split(","), ROW.strip().split(","), strict=True))
    return _reports(folder, f"{json.dumps(row)}\n{json.dumps(row)[:30]}\n", "r.jsonl")


@refused(
    "r.json is no JSON that can be read: parse error: premature EOF (right here) "
    "------^. Fetch it again, or save it anew.",
    DOOR,
)
def json_of_reports_cut_short(folder: Path) -> Path:
    row = dict(zip(HEADER.strip().split(","), ROW.strip().split(","), strict=True))
    return _reports(folder, json.dumps([row] * 9)[:-30], "r.json")


@refused(
    "r.json is no JSON that can be read: it nests more than 500 objects or lists. Fetch "
    "it again, or save it anew.",
    DOOR,
)
def json_of_reports_nested_a_hundred_thousand_times(folder: Path) -> Path:
    return _reports(folder, '{"a":' * 100_000, "r.json")


@refused(
    "r.json is no JSON that can be read: it nests more than 500 objects or lists. Fetch "
    "it again, or save it anew.",
    DOOR,
)
def json_of_reports_in_a_list_nested_a_hundred_thousand_times(folder: Path) -> Path:
    return _reports(folder, "[" * 100_000, "r.json")


@found("1 rows read", 0, DOOR)
def a_report_of_a_category_that_is_unknown(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("Hole", "Crater"))


@found("r.csv, row 2: status 'Lost' is not in the mapping", 0, DOOR)
def a_report_of_a_state_that_is_unknown(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("Open", "Lost"))


@found("r.csv, row 2: its key is empty", 0, DOOR)
def a_report_without_a_key(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.removeprefix("1"))


@found("r.csv, row 3: its key came before in these files with other content", 1, DOOR)
def two_reports_of_one_key(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW + ROW.replace("0.005", "0.006"))


@found("r.csv, row 2: a time is not written as %Y-%m-%d %H:%M", 0, DOOR)
def a_report_of_a_time_in_another_pattern(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("2020-01-02 10:00", "01/02/2020"))


@found("r.csv, row 2: a time falls into the hour that never was in the clock change", 0, DOOR)
def a_report_of_an_hour_that_never_was(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("2020-01-02 10:00", "2020-03-29 01:30"))


@found("r.csv, row 2: it was closed before it was opened", 0, DOOR)
def a_report_that_closes_before_it_opens(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace(",,", ",2019-01-01 10:00,"))


@found("r.csv, row 2: it was opened in the future", 0, DOOR)
def a_report_of_a_year_to_come(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("2020", "2220"))


@found("r.csv, row 2: its coordinates are no longitude and latitude", 0, DOOR)
def a_report_at_a_latitude_of_a_hundred(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("0.005\n", "100\n"))


@found("r.csv, row 2: its coordinates are not numbers", 0, DOOR)
def a_report_whose_place_is_a_word(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("0.005,0.005", "west,south"))


@found("r.csv, row 2: its coordinates are no longitude and latitude", 0, DOOR)
def a_report_whose_place_is_without_end(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("0.005,0.005", "inf,nan"))


@found("r.csv, row 2: it has more or fewer cells than the header", 0, DOOR)
def a_report_with_a_cell_too_many(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("Hole", "Hole, deep"))


@refused(
    "A quote opens in line 2 of r.csv and does not close, so all that follows is taken for one "
    "cell: '\"Hole,Open,0.005,0.005\\n1,2020-01-02 10:00,,Hole,Open,0.005,0.005'. Close it, or "
    "fetch the file again.",
    DOOR,
)
def a_quote_of_reports_that_does_not_close(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("Hole", '"Hole') + ROW)


@refused(
    "A quote opens in line 3 of r.csv and does not close, so all that follows is taken for one "
    "cell: '\"Ho'. Close it, or fetch the file again.",
    DOOR,
)
def reports_cut_short_inside_a_quote(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW + '2,2020-01-02 10:00,,"Ho')


QUOTED = ROW.replace("Hole", '"Hole"')


@refused(
    "A quote opens in line 3 of r.csv and closes in line 5, so the rows between them are taken for "
    "one cell: '\"Hole,Open,0.005,0.005\\n1,2020-01-02 10:00,,Hole,Open,0.005,0.005\\n1,2020-01-02 "
    "10'. Close it in its line, or fetch the file again.",
    DOOR,
)
def a_quote_of_reports_that_closes_where_the_columns_fit_again(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW + ROW.replace("Hole", '"Hole') + ROW + QUOTED + ROW)


@refused(
    "A quote opens in line 2 of r.csv and closes in line 6, so the rows between them are taken for "
    "one cell: '\"Hole,Open,0.005,0.005\\n1,2020-01-02 10:00,,Hole,Open,0.005,0.005\\n1,2020-01-02 "
    "10'. Close it in its line, or fetch the file again.",
    DOOR,
)
def a_quote_of_reports_that_closes_at_the_mark_for_inches(folder: Path) -> Path:
    return _reports(
        folder, HEADER + ROW.replace("Hole", '"Hole') + ROW * 3 + ROW.replace("Hole", 'Hole of 5"')
    )


@refused(
    "A quote opens in line 2 of r.csv and does not close, so all that follows is taken for one "
    "cell: '\"Hole,Open,0.005,0.005\\n1,2020-01-02 10:00,,Hole,Open,0.005,0.005\\n1,2020-01-02 "
    "10'. Close it, or fetch the file again.",
    DOOR,
)
def a_quote_of_reports_that_swallows_as_much_as_a_book(folder: Path) -> Path:
    return _reports(folder, HEADER + ROW.replace("Hole", '"Hole') + ROW * 9_000)


@found("1 rows read", 1, DOOR)
def a_report_with_lines_in_a_cell(folder: Path) -> Path:
    """Sound: what looks broken to a hurried eye."""
    lines = '"Hole\nby the 5"" kerb,\na, b, c, d, e, f, g\n"'
    written(folder, MAPPING.replace("precision", 'description = "text"\nprecision'), "m.toml")
    header, row = HEADER.replace("\n", ",text\n"), ROW.replace("\n", f",{lines}\n")
    return written(folder, header + row, "r.csv")
