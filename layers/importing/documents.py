"""What a text of JSON or XML is: places, or a web page, an error message, a link to elsewhere."""

import codecs
import html
import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO
from xml.parsers import expat

import ijson
from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.errors import InvalidInput

UTF8_BOM = codecs.BOM_UTF8
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SHOWN = 160
GEOMETRIES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}


def as_utf8(head: bytes) -> bytes:
    """Return the beginning of a text without its byte order mark, in UTF-8 if it was UTF-16."""
    if head.startswith(UTF16):
        return head.decode("utf-16", "ignore").encode()
    return head.removeprefix(UTF8_BOM)


# ---- JSON ----


def judge_json(head: bytes, name: str) -> str:
    """Return the name of the `Format` of a JSON text.

    Raises
    ------
    InvalidInput
        When it is JSON of another kind, or none; shows how it begins.
    """
    head = head.lstrip()
    if head.startswith(b"\x1e") or _is_lines(head):
        return "GEOJSON_LINES"
    members = _first_members(head, name)
    kind = members.get("type")
    if kind == "Topology":
        return "TOPOJSON"
    if "geometryType" in members and "features" in members:
        return "ESRI_JSON"
    if kind in {"FeatureCollection", "Feature", *GEOMETRIES} or (
        kind is None and "features" in members
    ):
        return "GEOJSON"
    said = f"its type is {kind!r}" if kind else f"it begins {_beginning(head)}"
    message = (
        f"{name} is JSON, but not a GeoJSON FeatureCollection ({said}). Open it to see what came "
        "instead of the places, and fetch it again."
    )
    raise InvalidInput(message, field="file")


def _is_lines(head: bytes) -> bool:
    """Tell whether the first line is a feature by itself, and more may follow."""
    line, end, _rest = head.partition(b"\n")
    if not end or not line.startswith(b"{"):
        return False
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and first.get("type") == "Feature"


def _first_members(head: bytes, name: str) -> dict[str, Any]:
    """Return the members of the outermost object, as far as the head goes; values if simple."""
    members: dict[str, Any] = {}
    try:
        for where, event, value in _walked(BytesIO(head)):
            if where == () and event == "map_key":
                members[value] = None
            elif len(where) == 1 and where[0] in members and event == "string":
                members[where[0]] = value
    except ijson.IncompleteJSONError:
        pass  # The head ends somewhere; what is no whole JSON is told when it is read.
    except (ijson.JSONError, UnicodeDecodeError) as error:
        message = f"{name} is no JSON: {error}. It begins {_beginning(head)}. Fetch it again."
        raise InvalidInput(message, field="file") from error
    return members


Where = tuple[str, ...]


def _walked(file: BinaryIO) -> Iterator[tuple[Where, str, Any]]:
    """Yield where each event of a JSON stands, what it is and its value.

    Only the first steps of a path are told: the whole one grows with the square of the depth.
    """
    steps: list[str] = []
    kinds: list[str] = []
    for event, value in ijson.basic_parse(file, multiple_values=True):
        if event in {"end_map", "end_array"}:
            kinds.pop()
            del steps[len(kinds) :]
        if event == "map_key":
            del steps[len(kinds) - 1 :]
        yield tuple(steps[:TOLD_STEPS]), event, value
        if event == "map_key":
            steps.append(value)
        elif event in {"start_map", "start_array"}:
            kinds.append(event)
            if event == "start_array":
                steps.append("item")


TOLD_STEPS = 5


def _beginning(head: bytes) -> str:
    return repr(" ".join(head[:SHOWN].decode("utf-8", "replace").split()))


# ---- the coordinate system of a GeoJSON ----

PLAIN_CRS = re.compile(
    r"EPSG:\d{4,6}|urn:ogc:def:crs:(EPSG:[\d.]*:\d{4,6}|OGC:[\d.]*:CRS84)", re.IGNORECASE
)
CRS_MEMBER = re.compile(rb'"crs"\s*:\s*(?!null)')
ESCAPED_NAME = re.compile(rb"\\u00[4-7]", re.IGNORECASE)
MOST_CRS_BYTES = 2_000
GOVERNING: set[Where] = {
    ("crs",),
    ("geometry", "crs"),
    ("features", "item", "crs"),
    ("features", "item", "geometry", "crs"),
}
"""Where in a GeoJSON a coordinate system may stand that a reader would follow."""


def may_have_odd_crs(text: bytes) -> bool:
    """Tell whether a piece of GeoJSON may name its system otherwise than by a plain name."""
    for found in CRS_MEMBER.finditer(text):
        piece = text[found.end() : found.end() + MOST_CRS_BYTES].decode("utf-8", "replace")
        try:
            crs, _ = json.JSONDecoder().raw_decode(piece)
        except (ValueError, RecursionError):
            return True
        if not is_plain(crs):
            return True
    return ESCAPED_NAME.search(text) is not None


def check_crs(file: BinaryIO, name: str) -> None:
    """Refuse a GeoJSON that names its coordinate system by anything but a plain name.

    Slow and exact: for the few files of which `may_have_odd_crs` is true.

    Raises
    ------
    InvalidInput
        When it does; a link would be followed to a file or to another server.
    """
    builder, depth = None, 0
    try:
        for where, event, value in _walked(file):
            if builder is None and where in GOVERNING and event not in {"null", "map_key"}:
                builder = ijson.ObjectBuilder()
            if builder is None:
                continue
            builder.event(event, value)
            depth += event.startswith("start") - event.startswith("end")
            if not depth:
                if not is_plain(builder.value):
                    raise InvalidInput(_odd_crs(name, builder.value), field="crs")
                builder = None
    except (ijson.JSONError, UnicodeDecodeError) as error:
        message = f"{name} is no whole GeoJSON: {error}. Fetch it again."
        raise InvalidInput(message, field="file") from error


def _odd_crs(name: str, crs: Any) -> str:
    return (
        f"{name} names its coordinate system by {json.dumps(crs, default=str)[:120]}. Only a "
        "plain name of a system that there is, such as EPSG:2249, is followed; remove the crs "
        "member and give --crs."
    )


def is_plain(crs: Any) -> bool:
    """Tell whether a ``crs`` member is a plain EPSG or OGC name, of a system that there is.

    >>> is_plain({"type": "name", "properties": {"name": "EPSG:2249"}})
    True
    >>> is_plain({"type": "link", "properties": {"href": "/etc/passwd"}})
    False
    """
    if not isinstance(crs, dict) or crs.get("type") != "name":
        return False
    properties = crs.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    return isinstance(name, str) and PLAIN_CRS.fullmatch(name) is not None and _is_known(name)


def _is_known(name: str) -> bool:
    code = name.rpartition(":")[2]
    if not code.isdigit():
        return True
    for authority in ("EPSG", "ESRI"):  # Esri's codes go under the other name in many files.
        try:
            CRS.from_authority(authority, code)
        except CRSError:
            continue
        return True
    return False


# ---- XML ----

ROOT = re.compile(rb"<(?:(?P<prefix>[\w.-]+):)?(?P<name>[\w.-]+)(?P<rest>[^>]*)")
NOT_ROOT = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
DOCTYPE = re.compile(rb"<!DOCTYPE\b", re.IGNORECASE)
TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
TAGS = re.compile(rb"<[^>]*>")
PLACES = {b"kml": "KML", b"gpx": "GPX"}
WEB_PAGE = {b"html", b"head", b"body", b"script", b"div"}
OTHER_XML = {
    b"OGRVRTDataSource": "a virtual file, which leads to other files. Give those",
    b"VRTDataset": "a virtual file, which leads to other files. Give those",
    b"GDALG": "a virtual file, which leads to other files. Give those",
    b"svg": "a drawing (SVG), which does not say where on earth it is. Ask for the map's data",
    b"osm": "OpenStreetMap XML. Fetch it as .osm.pbf, which import_osm brings in",
    b"qgis": "a QGIS project, which leads to other files. Give those",
    b"Workbook": "an Excel workbook. Save the sheet as CSV",
}


def judge_xml(head: bytes, name: str) -> str:
    """Return the name of the `Format` of an XML text.

    Raises
    ------
    InvalidInput
        When it is a web page, a server's error, a virtual file or has a document type.
    """
    at = 0
    while found := NOT_ROOT.match(head, at):
        at = found.end()
    root = ROOT.match(head, at)
    tag = root["name"] if root else b""
    if tag.lower() in WEB_PAGE or re.match(rb"<!doctype\s+html", head[at:], re.IGNORECASE):
        title = TITLE.search(head)
        said = f" titled {_plain(title[1])!r}" if title else ""
        message = (
            f"{name} is a web page{said}, not a file of places. Open it in a browser to see what "
            "came instead, and fetch the file itself."
        )
        raise InvalidInput(message, field="file")
    if DOCTYPE.search(head):
        message = (
            f"{name} is XML with a document type, which could lead to other files. Remove the "
            "DOCTYPE, or save it as GeoPackage."
        )
        raise InvalidInput(message, field="file")
    if tag in PLACES:
        return PLACES[tag]
    if what := OTHER_XML.get(tag):
        raise InvalidInput(f"{name} is {what}.", field="file")
    if b"Exception" in tag or tag.lower() in {b"error", b"errors"}:
        message = f"{name} is a server's refusal: {_plain(head[at:])!r}. Fetch it again."
        raise InvalidInput(message, field="file")
    if b"opengis.net/gml" in head or b"opengis.net/wfs" in head:
        return "GML"
    message = (
        f"{name} is XML (<{tag.decode('utf-8', 'replace')}>), but neither KML, GML nor GPX. Open "
        "it to see what came instead of the places."
    )
    raise InvalidInput(message, field="file")


def check_xml(file: BinaryIO, name: str) -> None:
    """Raise `InvalidInput` for XML that is not whole: a reader would take its beginning for all."""
    try:
        expat.ParserCreate().ParseFile(file)
    except (expat.ExpatError, ValueError, LookupError) as error:
        message = f"{name} is no whole XML: {error}. Fetch it again."
        raise InvalidInput(message, field="file") from error


def _plain(marked: bytes) -> str:
    text = html.unescape(TAGS.sub(b" ", marked).decode("utf-8", "replace"))
    return " ".join(text.split())[:SHOWN]
