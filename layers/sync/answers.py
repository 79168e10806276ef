"""What features' servers have in common: their JSON, and a feature as our pages keep it."""

import json
from collections.abc import Mapping
from typing import Any

from layers.sync.client import Unreadable
from layers.sync.connection import Answer, shown
from layers.sync.spool import Record


def document(answer: Answer) -> Record:
    """Return an answer's JSON object.

    Raises
    ------
    Unreadable
        When it is none: a web page, half an answer, another kind of value.
    """
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        start = answer.body.lstrip()[:1]
        what = "a web page or XML" if start == b"<" else f"no JSON that can be read ({error})"
        message = f"{shown(answer.address)} answers with {what}."
        raise Unreadable(message, field="address") from error
    if not isinstance(value, dict):
        message = f"{shown(answer.address)} answers with a JSON {type(value).__name__}, no object."
        raise Unreadable(message, field="address")
    return value


def feature(key: object, properties: Mapping[str, Any] | None, geometry: object) -> Record:
    """Return a feature as pages keep it; `geometry` is GeoJSON's (EPSG:4326) or None."""
    return {
        "key": None if key is None or key == "" else str(key),
        "properties": dict(properties or {}),
        "geometry": geometry,
    }


def from_geojson(value: Mapping[str, Any], key_field: str = "") -> Record:
    """Return a GeoJSON feature as pages keep it; its key is its id, or the named property."""
    properties = value.get("properties") or {}
    key = properties.get(key_field) if key_field else value.get("id")
    return feature(key, properties, value.get("geometry"))
