"""A layer of an Esri FeatureServer (or MapServer), read page by page.

Pages are asked for by offset where the server can do that, else by lists of object ids. A page
that is too large is asked for again in halves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layers.datasets import Column
from layers.errors import InvalidInput, TooLarge
from layers.sync.answers import document, feature, from_geojson
from layers.sync.client import PASSING, Client, Refused, Unreadable
from layers.sync.columns import named
from layers.sync.connection import Answer, shown
from layers.sync.esri_geometry import as_geojson
from layers.sync.spool import Incomplete, Page, Record

PAGE = 2_000
MOST_ID_CHARACTERS = 1_500
"""Of the ids in one address: servers and proxies refuse addresses much over 2,000 characters."""

TYPES: Mapping[str, str] = {
    "esriFieldTypeOID": "integer",
    "esriFieldTypeSmallInteger": "integer",
    "esriFieldTypeInteger": "integer",
    "esriFieldTypeBigInteger": "integer",
    "esriFieldTypeSingle": "number",
    "esriFieldTypeDouble": "number",
    "esriFieldTypeDate": "datetime",
}
LEFT_OUT = {"esriFieldTypeGeometry", "esriFieldTypeBlob", "esriFieldTypeRaster", "esriFieldTypeXML"}


@dataclass(frozen=True)
class FeatureServer:
    """A layer and what is wanted of it."""

    address: str
    """Of the layer, such as ``https://host/…/FeatureServer/0``."""
    where: str = "1=1"
    key_field: str = ""
    """The field that tells features apart from run to run; empty: the object id."""
    token: str = ""
    page_size: int = PAGE


@dataclass(frozen=True)
class Description:
    """What a layer says of itself."""

    title: str
    attribution: str
    object_id: str
    size: int
    """Features in a page."""
    has_offsets: bool
    format: str
    columns: tuple[tuple[str, Column], ...]
    """Each field's own name and our column for it."""


def describe(client: Client, source: FeatureServer) -> Description:
    """Ask a layer for its fields and for what it can do.

    Raises
    ------
    InvalidInput
        When the address is no layer that can be queried.
    """
    said = client.get(source.address, _esri, {"f": "json", "token": source.token})
    if "fields" not in said:
        inside = [f"{layer['id']} ({layer['name']})" for layer in said.get("layers") or []]
        hint = f" Add one of: {', '.join(inside)}." if inside else ""
        message = f"{shown(source.address)} is no layer with fields.{hint}"
        raise InvalidInput(message, field="address")
    fields = [f for f in said["fields"] if f["type"] not in LEFT_OUT]
    can = said.get("advancedQueryCapabilities") or said
    formats = {
        part.strip().lower() for part in said.get("supportedQueryFormats", "json").split(",")
    }
    ids = [f["name"] for f in fields if f["type"] == "esriFieldTypeOID"]
    object_id = said.get("objectIdField") or (ids[0] if ids else "OBJECTID")
    if source.key_field and source.key_field not in {f["name"] for f in fields}:
        known = ", ".join(f["name"] for f in fields)
        message = f"The layer has no field {source.key_field!r}. Its fields are: {known}."
        raise InvalidInput(message, field="key")
    return Description(
        title=said.get("name") or "",
        attribution=said.get("copyrightText") or "",
        object_id=object_id,
        size=max(1, min(source.page_size, int(said.get("maxRecordCount") or source.page_size))),
        has_offsets=bool(can.get("supportsPagination")),
        format="json" if "json" in formats else "geojson",
        columns=named([(f["name"], f.get("alias") or f["name"], _type(f)) for f in fields]),
    )


def _type(field: Mapping[str, Any]) -> str:
    return TYPES.get(field["type"], "string")


def count(client: Client, source: FeatureServer) -> int | None:
    """Ask how many features there are; None where the server does not say."""
    try:
        said = client.get(
            f"{source.address}/query", _esri, {**_asked(source), "returnCountOnly": "true"}
        )
    except Refused:
        return None
    total = said.get("count")
    return total if isinstance(total, int) else None


def pages(
    client: Client, source: FeatureServer, layer: Description, last: Page | None
) -> Iterator[Page]:
    """Yield the pages after `last` (None: from the first).

    Raises
    ------
    Incomplete
        When the server says that there is more, and gives none or the same.
    """
    if last and last.then is None:
        return
    if layer.has_offsets:
        cursor = (last and last.then) or {"offset": 0, "size": layer.size}
        yield from _by_offset(client, source, layer, cursor)
    else:
        yield from _by_ids(client, source, layer, (last and last.then) or {"after": None})


def _by_offset(
    client: Client, source: FeatureServer, layer: Description, cursor: Mapping[str, int]
) -> Iterator[Page]:
    offset, size = cursor["offset"], cursor["size"]
    total = count(client, source)
    before: list[Record] = []
    while True:
        wanted = {
            **_features(source, layer),
            "orderByFields": layer.object_id,
            "resultOffset": str(offset),
            "resultRecordCount": str(size),
        }
        try:
            records, is_cut = client.get(f"{source.address}/query", _Reader(source, layer), wanted)
        except TooLarge:
            if size == 1:
                raise
            size //= 2
            continue
        if records and records == before:
            message = f"{shown(source.address)} gives the same features for every offset."
            raise Incomplete(message, field="address")
        before = records
        offset += len(records)
        is_short = len(records) < size if total is None else offset >= total
        goes_on = bool(records) and (is_cut or not is_short)
        if is_cut and not records:
            message = (
                f"{shown(source.address)} says that there is more after {offset:,} features, and "
                "gives none."
            )
            raise Incomplete(message, field="address")
        yield Page(records, {"offset": offset, "size": size} if goes_on else None)
        if not goes_on:
            return


def _by_ids(
    client: Client, source: FeatureServer, layer: Description, cursor: Mapping[str, int | None]
) -> Iterator[Page]:
    said = client.get(f"{source.address}/query", _esri, {**_asked(source), "returnIdsOnly": "true"})
    after = cursor["after"]
    left = sorted(i for i in said.get("objectIds") or [] if after is None or i > after)
    if not left:
        yield Page([], None)
    size = layer.size
    while left:
        chunk = _fitting(left[:size])
        wanted = {**_features(source, layer), "objectIds": ",".join(map(str, chunk))}
        try:
            records, _ = client.get(f"{source.address}/query", _Reader(source, layer), wanted)
        except TooLarge:
            if len(chunk) == 1:
                raise
            size = len(chunk) // 2
            continue
        left = left[len(chunk) :]
        yield Page(records, {"after": chunk[-1]} if left else None)


def _fitting(ids: Sequence[int]) -> Sequence[int]:
    """Return as many of the first ids as fit into an address."""
    length = 0
    for position, key in enumerate(ids):
        length += len(str(key)) + 3
        if length > MOST_ID_CHARACTERS:
            return ids[:position]
    return ids


def _asked(source: FeatureServer) -> dict[str, str]:
    return {"where": source.where, "token": source.token, "f": "json"}


def _features(source: FeatureServer, layer: Description) -> dict[str, str]:
    return {
        **_asked(source),
        "f": layer.format,
        "outFields": "*",
        "outSR": "4326",
        "returnGeometry": "true",
        "returnZ": "false",
        "returnM": "false",
    }


def _esri(answer: Answer) -> Record:
    """Return an answer's object; an error that comes with status 200 is one all the same."""
    said = document(answer)
    error = said.get("error")
    if not error:
        return said
    code, text = (error.get("code"), error.get("message")) if isinstance(error, dict) else ("", "")
    message = f"{shown(answer.address)} answers with error {code}: {text or error}."
    if code in PASSING:
        raise Unreadable(message, field="address")
    raise Refused(message, answer)


@dataclass(frozen=True)
class _Reader:
    """Reads a page of features, in Esri's JSON or in GeoJSON, and whether it was cut short."""

    source: FeatureServer
    layer: Description

    def __call__(self, answer: Answer) -> tuple[list[Record], bool]:
        said = _esri(answer)
        found = said.get("features")
        if not isinstance(found, list):
            message = f"{shown(answer.address)} answers without features."
            raise Unreadable(message, field="address")
        is_cut = said.get("exceededTransferLimit") or (said.get("properties") or {}).get(
            "exceededTransferLimit"
        )
        try:
            return [self._feature(each) for each in found], bool(is_cut)
        except (AttributeError, TypeError, ValueError, IndexError) as error:
            message = f"{shown(answer.address)} holds a feature that is none: {error}."
            raise Unreadable(message, field="address") from error

    def _feature(self, value: Mapping[str, Any]) -> Record:
        key = self.source.key_field
        if value.get("type") == "Feature":
            return from_geojson(value, key or self._object_id_of(value))
        properties = value.get("attributes") or {}
        geometry = as_geojson(value.get("geometry"))
        return feature(properties.get(key or self.layer.object_id), properties, geometry)

    def _object_id_of(self, value: Mapping[str, Any]) -> str:
        """Return the object id's name, or nothing where only the feature's own id has it."""
        name = self.layer.object_id
        return name if name in (value.get("properties") or {}) else ""
