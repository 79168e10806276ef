"""Texts that are something else than they say: web pages, errors, half of a JSON."""

import gzip
import json
import os
from pathlib import Path

from tests.database.broken_files.case import found, refused
from tests.database.broken_files.sound import POINT, points, written

PAGE = "<!DOCTYPE html><html><head><title>Sign in – City portal</title></head><body/></html>"


@refused(
    "a.geojson is a web page titled 'Sign in – City portal', not a file of places. Open "
    "it in a browser to see what came instead, and fetch the file itself."
)
def a_saved_sign_in_page(folder: Path) -> Path:
    return written(folder, "\n\n" + PAGE)


@refused(
    "a.geojson.gz is a web page titled 'Sign in – City portal', not a file of places. "
    "Open it in a browser to see what came instead, and fetch the file itself."
)
def a_saved_page_packed(folder: Path) -> Path:
    return written(folder, gzip.compress(PAGE.encode()), "a.geojson.gz")


@refused(
    "a.csv is a web page, not a file of places. Open it in a browser to see what came "
    "instead, and fetch the file itself."
)
def a_page_called_a_table(folder: Path) -> Path:
    return written(folder, "<html><body>502 Bad Gateway</body></html>", "a.csv")


@refused("a.gml is a server's refusal: 'Layer <trees> is gone'. Fetch it again.")
def a_server_error_in_xml(folder: Path) -> Path:
    return written(
        folder,
        '<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows">'
        "<ows:Exception><ows:ExceptionText>Layer &lt;trees&gt; is gone</ows:ExceptionText>"
        "</ows:Exception></ows:ExceptionReport>",
        "a.gml",
    )


@refused(
    'a.geojson is JSON, but not a GeoJSON FeatureCollection (it begins \'{"error": '
    '{"code": 499, "message": "Token Required"}}\'). Open it to see what came instead of '
    "the places, and fetch it again."
)
def a_server_error_in_json(folder: Path) -> Path:
    return written(folder, '{"error": {"code": 499, "message": "Token Required"}}')


@refused(
    "a.geojson is JSON, but not a GeoJSON FeatureCollection (its type is 'about:blank'). "
    "Open it to see what came instead of the places, and fetch it again."
)
def a_server_error_in_json_among_others(folder: Path) -> Path:
    return written(folder, '{"type": "about:blank", "title": "Not Found", "status": 404}')


@refused(
    "a.geojson is JSON, but not a GeoJSON FeatureCollection (it begins '[1, 2, 3]'). "
    "Open it to see what came instead of the places, and fetch it again."
)
def json_that_is_a_list(folder: Path) -> Path:
    return written(folder, "[1, 2, 3]")


@refused(
    "a.geojson is no whole GeoJSON: Failed to read GeoJSON data; At line 1, character "
    "709: Unterminated string. Fetch it again, or save it anew."
)
def json_that_is_cut_short(folder: Path) -> Path:
    return written(folder, points(20)[:-200])


@refused(
    "a.geojson is no whole GeoJSON: Failed to read GeoJSON data; At line 1, character "
    "49: Missing value. Fetch it again, or save it anew."
)
def json_with_a_trailing_comma(folder: Path) -> Path:
    return written(folder, POINT.replace(b"}]}", b"},]}"))


@refused(
    "a.geojson is JSON, but not a GeoJSON FeatureCollection (it begins \"{'type': "
    "'FeatureCollection', 'features': [{'type': 'Feature', 'properties': {'number': 0}, "
    "'geometry': {'type': 'Point', 'coordinates': [0.0, 0.0]}}]}\"). Open it to see what "
    "came instead of the places, and fetch it again."
)
def json_in_single_quotes(folder: Path) -> Path:
    return written(folder, POINT.replace(b'"', b"'"))


@refused(
    "a.geojson is no whole GeoJSON: Failed to read GeoJSON data; At line 1, character "
    "1033: Too many nested objects and/or arrays. Fetch it again, or save it anew."
)
def json_nested_a_hundred_thousand_times(folder: Path) -> Path:
    return written(folder, b'{"type": "FeatureCollection", "features": ' + b"[" * 100_000)


@refused(
    "a.geojson is no whole GeoJSON: Failed to read GeoJSON data; At line 1, character "
    "1045: Too many nested objects and/or arrays. Fetch it again, or save it anew."
)
def a_property_nested_a_hundred_thousand_times(folder: Path) -> Path:
    deep = b"[" * 100_000 + b"]" * 100_000
    return written(folder, POINT.replace(b'"number": 0', b'"number": ' + deep))


@refused("a.geojson holds no rows. Check what was sent, or choose another layer.")
def a_collection_without_features(folder: Path) -> Path:
    return written(folder, '{"type": "FeatureCollection", "features": []}')


@refused(
    "a.geojson is no whole GeoJSON: Failed to read GeoJSON data; Layer schema generation "
    "failed.; Invalid FeatureCollection object. Missing 'features' member. Fetch it "
    "again, or save it anew."
)
def a_collection_whose_features_are_nothing(folder: Path) -> Path:
    return written(folder, '{"type": "FeatureCollection", "features": null}')


@refused("a.geojson holds no rows. Check what was sent, or choose another layer.")
def a_collection_whose_features_are_words(folder: Path) -> Path:
    return written(folder, '{"type": "FeatureCollection", "features": ["a", 1, null]}')


@refused("a.geojson holds no places: none of its 1 rows has a geometry.")
def a_geometry_that_is_a_word(folder: Path) -> Path:
    one = {"type": "Feature", "properties": {}, "geometry": "POINT (1 2)"}
    return written(folder, json.dumps({"type": "FeatureCollection", "features": [one]}))


@refused("a.geojson holds no places: none of its 1 rows has a geometry.")
def coordinates_that_are_words(folder: Path) -> Path:
    return written(folder, POINT.replace(b"[0.0, 0.0]", b'["west", "south"]'))


@refused("a.geojson holds no places: none of its 1 rows has a geometry.")
def coordinates_that_are_not_numbers(folder: Path) -> Path:
    return written(folder, POINT.replace(b"[0.0, 0.0]", b"[NaN, Infinity]"))


@refused(
    "a.geojson is no whole GeoJSON: Failed to read GeoJSON data; At line 1, character "
    "43: Unrecognized number: 1e400. Fetch it again, or save it anew."
)
def coordinates_beyond_any_number(folder: Path) -> Path:
    return written(folder, POINT.replace(b"[0.0, 0.0]", b"[1e400, -1e400]"))


@refused(
    'Line 2 of a.geojsonl is no feature: \'{"type": "Feature", "properties": {"numb\'. '
    "Mend it, or fetch the file again."
)
def a_line_that_is_no_feature(folder: Path) -> Path:
    one = json.dumps(json.loads(POINT)["features"][0])
    return written(folder, f"{one}\n{one[:40]}\n{one}\n", "a.geojsonl")


@refused(
    'Line 2 of a.geojsonl is no feature: \'{"error": "quota"}\'. Mend it, or fetch the file again.'
)
def a_line_of_a_server_error(folder: Path) -> Path:
    one = json.dumps(json.loads(POINT)["features"][0])
    return written(folder, f'{one}\n{{"error": "quota"}}\n', "a.geojsonl")


@refused("a.geojson is empty. Fetch it again.")
def an_empty_file(folder: Path) -> Path:
    return written(folder, "")


@refused("a.csv is empty. Fetch it again.")
def a_file_of_blanks(folder: Path) -> Path:
    return written(folder, " \n\t\n", "a.csv")


@refused(
    "a.geojson is none of the formats that can be read: GeoPackage, GeoJSON, "
    "newline-delimited GeoJSON, FlatGeobuf, Shapefile, File Geodatabase, KML, CSV, "
    "GeoParquet, GML, GPX, TopoJSON, Esri JSON, SpatiaLite, MapInfo TAB, MapInfo MIF, "
    "DXF."
)
def a_file_of_zero_bytes(folder: Path) -> Path:
    return written(folder, bytes(5_000))


@refused(
    "a.gpkg is none of the formats that can be read: GeoPackage, GeoJSON, "
    "newline-delimited GeoJSON, FlatGeobuf, Shapefile, File Geodatabase, KML, CSV, "
    "GeoParquet, GML, GPX, TopoJSON, Esri JSON, SpatiaLite, MapInfo TAB, MapInfo MIF, "
    "DXF."
)
def a_file_of_noise(folder: Path) -> Path:
    return written(folder, bytes(range(128, 256)) * 40, "a.gpkg")


@refused("a.geojson is a PDF document. Ask for the data that it was made from.")
def a_pdf(folder: Path) -> Path:
    return written(folder, "%PDF-1.7\n", "a.geojson")


@refused("a.geojson is a picture, not a file of places. Ask for the data that it shows.")
def a_photo(folder: Path) -> Path:
    return written(folder, b"\xff\xd8\xff\xe0\x00\x10JFIF", "a.geojson")


@refused("a.geojson is a picture, not a file of places. Ask for the data that it shows.")
def a_picture_of_a_map(folder: Path) -> Path:
    return written(folder, b"\x89PNG\r\n\x1a\n" + bytes(50), "a.geojson")


@refused(
    "a.geojson is a drawing (SVG), which does not say where on earth it is. Ask for the map's data."
)
def a_drawing(folder: Path) -> Path:
    return written(folder, '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>')


@refused(
    "a.geojson is none of the formats that can be read: GeoPackage, GeoJSON, "
    "newline-delimited GeoJSON, FlatGeobuf, Shapefile, File Geodatabase, KML, CSV, "
    "GeoParquet, GML, GPX, TopoJSON, Esri JSON, SpatiaLite, MapInfo TAB, MapInfo MIF, "
    "DXF."
)
def a_letter(folder: Path) -> Path:
    return written(folder, "Dear colleagues, the data follows next week.", "a.geojson")


@refused("data is a folder without a File Geodatabase in it. Give a file.")
def a_folder(folder: Path) -> Path:
    (folder / "data").mkdir()
    return folder / "data"


@refused("{folder}/a.geojson could not be opened: No such file or directory. Check the path.")
def a_file_that_is_not_there(folder: Path) -> Path:
    return folder / "a.geojson"


@refused("{folder}/a.geojson is a folder, a pipe or a device, not a file. Check the path.")
def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.geojson")
    return folder / "a.geojson"


@refused("{folder}/a.geojson is a folder, a pipe or a device, not a file. Check the path.")
def a_device(folder: Path) -> Path:
    (folder / "a.geojson").symlink_to("/dev/zero")
    return folder / "a.geojson"


@refused(
    "a.geojson has 151 bytes; at most 100 are taken. Cut it into parts, or raise "
    "CIVICGRID_IMPORT_MOST_BYTES.",
    settings={"IMPORT_MOST_BYTES": 100},
)
def a_file_over_the_limit(folder: Path) -> Path:
    return written(folder, POINT)


@refused(
    "There is no encoding 'klingon'. Give one such as cp1252, latin-1 or utf-8.", encoding="klingon"
)
def an_encoding_that_there_is_not(folder: Path) -> Path:
    return written(folder, POINT)


@refused(
    "There is no encoding 'base64'. Give one such as cp1252, latin-1 or utf-8.", encoding="base64"
)
def an_encoding_that_is_none_of_texts(folder: Path) -> Path:
    return written(folder, POINT)


@refused(
    "a.geojson is cut short, or not in the encoding utf-8 ('utf-8' codec can't decode "
    "byte 0xdf in position 83: invalid continuation byte). Fetch it again, or give the "
    "right one, for example --encoding cp1252.",
    encoding="utf-8",
)
def another_encoding_than_was_given(folder: Path) -> Path:
    return written(folder, POINT.replace(b'"number"', b'"Stra\xdfe"'))


@refused(
    "a.geojson is cut short, or not in the encoding utf-16 ('utf-16-le' codec can't "
    "decode byte 0x7d in position 0: truncated data). Fetch it again, or give the right "
    "one, for example --encoding cp1252."
)
def two_bytes_for_each_letter_cut_short(folder: Path) -> Path:
    return written(folder, POINT.decode().encode("utf-16")[:-1])


@refused(
    "a.geojson is none of the formats that can be read: GeoPackage, GeoJSON, "
    "newline-delimited GeoJSON, FlatGeobuf, Shapefile, File Geodatabase, KML, CSV, "
    "GeoParquet, GML, GPX, TopoJSON, Esri JSON, SpatiaLite, MapInfo TAB, MapInfo MIF, "
    "DXF."
)
def four_bytes_for_each_letter(folder: Path) -> Path:
    return written(folder, POINT.decode().encode("utf-32"))


@found("The text of a.geojson is no UTF-8; it was read as cp1252 (Windows)", 1)
def windows_letters(folder: Path) -> Path:
    return written(folder, POINT.replace(b'"number"', b'"Stra\xdfe"'))


@found("1 rows read: 1 features in, 0 left out", 1)
def half_of_a_letter(folder: Path) -> Path:
    return written(folder, POINT.replace(b'"number": 0', b'"number": "\\ud800"'))


@found("1 numbers, such as in 'number', are too big to keep all their digits", 1)
def a_number_of_thirty_digits(folder: Path) -> Path:
    return written(
        folder, POINT.replace(b'"number": 0', b'"number": 123456789012345678901234567890')
    )


@found("a.geojson has texts with a zero byte in them, which end there", 1)
def a_zero_byte_in_a_text(folder: Path) -> Path:
    return written(folder, POINT.replace(b'"number": 0', b'"number": "a\\u0000b"'))


@found("1 columns hold lists or objects, such as 'number': kept as JSON", 1)
def lists_and_objects_as_values(folder: Path) -> Path:
    return written(folder, POINT.replace(b'"number": 0', b'"number": {"a": [1, {"b": null}]}'))


@found("1 texts, such as in 'number', are longer than 10,000 characters", 1)
def a_text_as_long_as_a_book(folder: Path) -> Path:
    return written(folder, POINT.replace(b'"number": 0', b'"number": "' + b"x" * 10_001 + b'"'))


@refused(
    "a.geojson has 2,000 columns, more than a table can hold (about 400 texts, or 1,000 "
    "numbers). Leave out those that are not needed."
)
def more_columns_than_a_table_has(folder: Path) -> Path:
    wide = json.dumps({f"c{n}": n for n in range(2_000)}).encode()
    return written(folder, POINT.replace(b'{"number": 0}', wide))
