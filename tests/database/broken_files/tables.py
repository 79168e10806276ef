"""Tables that are ragged, headless, of odd letters, or without places."""

from pathlib import Path

from tests.database.broken_files.case import found, refused
from tests.database.broken_files.sound import written


def _csv(folder: Path, text: str | bytes) -> Path:
    return written(folder, text, "a.csv")


@refused(
    "a.csv has no header: its first row is '-71.1, 42.3, x'. Put the names of the "
    "columns into the first row."
)
def a_table_without_a_header(folder: Path) -> Path:
    return _csv(folder, "-71.1,42.3,x\n-71.2,42.3,y\n")


@refused(
    "a.csv does not say which columns hold the places. Name them, for example "
    "--longitude COLUMN --latitude COLUMN, or --wkt COLUMN. Its columns are: street, "
    "number."
)
def a_table_without_coordinates(folder: Path) -> Path:
    return _csv(folder, "street,number\nElm Street,7\n")


@refused("a.csv holds no rows. Check what was sent, or choose another layer.")
def a_table_of_a_header_alone(folder: Path) -> Path:
    return _csv(folder, "lon,lat,name\n")


@refused(
    "a.csv holds no places: none of its 1 rows has a geometry. 1 coordinates of a.csv "
    "are no numbers, such as 'west' in column 'lon' of row 1."
)
def a_table_whose_coordinates_are_words(folder: Path) -> Path:
    return _csv(folder, "lon,lat\nwest,42\n")


@refused(
    "a.csv has no column 'GPS_X'. Its columns are: lon, lat.", longitude="GPS_X", latitude="lat"
)
def a_column_of_coordinates_that_is_not_there(folder: Path) -> Path:
    return _csv(folder, "lon,lat\n1,2\n")


@refused(
    "Row 2 of a.csv has 4 cells where the header names 3: '1,2,Elm, corner of Oak'. Mend "
    "the row, or save the table again."
)
def a_row_with_a_cell_too_many(folder: Path) -> Path:
    return _csv(folder, "lon,lat,name\n1,2,a\n1,2,Elm, corner of Oak\n1,2,c\n")


@refused(
    "Row 2 of a.csv has 2 cells where the header names 3: '1,2'. Mend the row, or save "
    "the table again."
)
def a_row_with_a_cell_too_few(folder: Path) -> Path:
    return _csv(folder, "lon,lat,name\n1,2,a\n1,2\n")


@refused(
    "A quote opens in line 2 of a.csv and does not close, so all that follows is taken "
    "for one cell: '\"a\\n1,2,b'. Close it, or fetch the file again."
)
def a_quote_that_does_not_close(folder: Path) -> Path:
    return _csv(folder, 'lon,lat,name\n1,2,"a\n1,2,b\n')


@refused(
    "A quote opens in line 3 of a.csv and does not close, so all that follows is taken "
    "for one cell: '\"b'. Close it, or fetch the file again."
)
def a_table_cut_short_inside_a_quote(folder: Path) -> Path:
    return _csv(folder, 'lon,lat,name\n1,2,a\n1,2,"b')


@refused(
    "A quote opens in line 2 of a.csv and closes in line 4, so the rows between them are taken "
    'for one cell: \'"a\\n1,2,b\\n1,2,"c"\'. Close it in its line, or fetch the file again.'
)
def a_quote_that_closes_where_the_columns_fit_again(folder: Path) -> Path:
    return _csv(folder, 'lon,lat,name\n1,2,"a\n1,2,b\n1,2,"c"\n1,2,d\n')


@refused(
    "A quote opens in line 2 of a.csv and closes in line 4, so the rows between them are taken "
    'for one cell: \'"2\\n1,2,b\\n1,"2",c,c\'. Close it in its line, or fetch the file again.'
)
def a_quote_that_closes_where_the_columns_do_not_fit(folder: Path) -> Path:
    return _csv(folder, 'lon,lat,name\n1,"2\n1,2,b\n1,"2",c,c\n1,2,d\n')


@found("1 rows read: 1 features in, 0 left out", 1)
def a_table_with_lines_in_a_cell(folder: Path) -> Path:
    return _csv(folder, 'lon,lat,name\n1,2,"a, b, c\n""d"", e, f\n"\n')


@refused(
    "a.csv is none of the formats that can be read: GeoPackage, GeoJSON, "
    "newline-delimited GeoJSON, FlatGeobuf, Shapefile, File Geodatabase, KML, CSV, "
    "GeoParquet, GML, GPX, TopoJSON, Esri JSON, SpatiaLite, MapInfo TAB, MapInfo MIF, "
    "DXF."
)
def a_table_with_zero_bytes_in_its_header(folder: Path) -> Path:
    return _csv(folder, b"lon,lat,na\x00me\n1,2,a\n")


@found("1 texts, such as in 'name', held a zero byte, which was taken out", 1)
def a_table_with_a_zero_byte_far_in(folder: Path) -> Path:
    return _csv(folder, b"lon,lat,name\n1,2,a" + b" " * 300_000 + b"\x00\n")


@refused(
    "a.csv could not be read as CSV: field larger than field limit (131072). Open it in "
    "a spreadsheet and save it again as CSV."
)
def a_header_as_long_as_a_book(folder: Path) -> Path:
    return _csv(folder, "lon,lat," + "x" * 300_000 + "\n1,2,3\n")


@refused(
    "a.csv is cut short, or not in the encoding utf-8 ('utf-8' codec can't decode byte "
    "0xe9 in position 20: invalid continuation byte). Fetch it again, or give the right "
    "one, for example --encoding cp1252.",
    encoding="utf-8",
)
def a_table_of_other_letters_than_was_said(folder: Path) -> Path:
    return _csv(folder, "lon,lat,name\n1,2,Café\n".encode("cp1252"))


@refused(
    "a.csv is cut short, or not in the encoding ascii ('ascii' codec can't decode byte "
    "0xc3 in position 20: ordinal not in range(128)). Fetch it again, or give the right "
    "one, for example --encoding cp1252.",
    encoding="ascii",
)
def a_table_of_more_letters_than_was_said(folder: Path) -> Path:
    return _csv(folder, "lon,lat,name\n1,2,Café\n")


@found("The text of a.csv is no UTF-8; it was read as cp1252 (Windows)", 1)
def a_table_of_windows_letters(folder: Path) -> Path:
    return _csv(folder, "lon,lat,name\n1,2,Café\n".encode("cp1252"))


@found("2 columns of a.csv have no name of their own; column 4 is called 'name 2'", 2)
def columns_of_one_name(folder: Path) -> Path:
    return _csv(folder, "lon,lat,name,name,\n1,2,a,b,c\n3,4,a,b,c\n")


@found("1 coordinates of a.csv are no numbers, such as 'west' in column 'lon' of row 2", 2)
def decimal_commas_and_one_word(folder: Path) -> Path:
    return _csv(folder, "lon;lat\n1,5;2,5\nwest;2,5\n")


@found("2 rows have no geometry", 3)
def coordinates_without_end(folder: Path) -> Path:
    return _csv(folder, "lon,lat\n1,2\ninf,2\nnan,2\n")


@found(
    "1 rows have coordinates that are nowhere on earth and count as without geometry, "
    "such as 1, 100 in row 2",
    3,
)
def a_latitude_of_a_hundred(folder: Path) -> Path:
    return _csv(folder, "lon,lat\n1,2\n1,100\n1,3\n")


@found("1 geometries of a.csv are neither WKT nor WKB, such as 'POINT (1' in row 2", 2)
def a_shape_that_is_none(folder: Path) -> Path:
    return _csv(folder, "wkt\nSRID=4326;POINT (1 2)\nPOINT (1\n")


@refused(
    "a.csv does not say its coordinate system. Its coordinates look like longitude and "
    "latitude: if they are, give --crs 4326."
)
def shapes_that_do_not_say_their_system(folder: Path) -> Path:
    return _csv(folder, "wkt\nPOINT (1 2)\n")


@refused(
    "a.csv holds no places: none of its 1 rows has a geometry. 1 geometries of a.csv are "
    "neither WKT nor WKB, such as 'ELM STREET 7' in row 1."
)
def nothing_but_shapes_that_are_none(folder: Path) -> Path:
    return _csv(folder, "wkt,name\nELM STREET 7,a\n")


@refused(
    "a.csv holds no places: none of its 1 rows has a geometry. 1 geometries of a.csv are "
    "neither WKT nor WKB, such as '0101000000000000000000F03F' in row 1.",
    crs=4326,
)
def a_shape_in_letters_of_a_machine_cut_short(folder: Path) -> Path:
    return _csv(folder, "wkb\n0101000000000000000000F03F\n")


@found("1 numbers, such as in 'n', of over 18 digits stay text", 1)
def a_whole_number_of_twenty_digits(folder: Path) -> Path:
    return _csv(folder, "lon,lat,n\n1,2,98765432109876543210\n")


@found("1 rows read: 1 features in, 0 left out", 1)
def a_date_that_there_is_not(folder: Path) -> Path:
    return _csv(folder, "lon,lat,day\n1,2,2020-02-31\n")


@refused(
    "a.csv is cut short, or not in the encoding utf-16 ('utf-16-le' codec can't decode "
    "byte 0x0a in position 0: truncated data). Fetch it again, or give the right one, "
    "for example --encoding cp1252."
)
def two_bytes_for_each_letter_of_a_table_cut_short(folder: Path) -> Path:
    return _csv(folder, "lon,lat,name\n1,2,Café\n".encode("utf-16")[:-1])
