"""Answers of Open311 servers, in XML or JSON of any age, as the same plain values.

A container becomes a list even with a single child, an empty element None, everything else text
or a mapping, as the JSON of GeoReport v2 is derived from its XML. XML is read without document
types, and so without entities; names are taken without their namespaces.
"""

import json
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

Value = Any
"""A list, a mapping, a text, a number, a truth or None."""

CONTAINERS = frozenset(
    ("services", "attributes", "values", "service_requests", "errors", "endpoints", "formats")
)
DEEPEST = 32


class Unparsable(ValueError):
    """An answer that is neither XML nor JSON, or XML that is refused; says why."""


def parse(body: bytes) -> Value:
    """Return the value of an answer. What it is, its first sign says, not its content type.

    Raises
    ------
    Unparsable
        When it is a web page, breaks off, has a document type, or nests too deeply.

    >>> parse(b"<errors><error><code>404</code><description/></error></errors>")
    [{'code': '404', 'description': None}]
    """
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        if start[:200].lower().startswith((b"<!doctype html", b"<html")):
            raise Unparsable("a web page")
        return _xml(start)
    try:
        return json.loads(start)
    except (ValueError, RecursionError) as error:
        raise Unparsable(f"neither XML nor JSON that can be read ({error})") from error


class _Reader:
    """Builds values from what the XML parser meets."""

    def __init__(self) -> None:
        self.open: list[tuple[str, list[str], list[tuple[str, Value]]]] = []
        self.root: Value = None

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if len(self.open) == DEEPEST:
            raise Unparsable(f"XML that is nested more than {DEEPEST} deep")
        self.open.append((name.rpartition(" ")[2], [], []))

    def text(self, text: str) -> None:
        if self.open:
            self.open[-1][1].append(text)

    def end(self, _name: str) -> None:
        name, texts, children = self.open.pop()
        value = _value(name, "".join(texts).strip(), children)
        if self.open:
            self.open[-1][2].append((name, value))
        else:
            self.root = value


def _value(name: str, text: str, children: list[tuple[str, Value]]) -> Value:
    """Return what an element holds; equal children of what is no container are a list as well."""
    if name in CONTAINERS:
        return [value for _, value in children]
    if not children:
        return text or None
    if len(children) > 1 and len({child for child, _ in children}) == 1:
        return [value for _, value in children]
    return dict(children)


def _refuse_document_type(*_: object) -> None:
    raise Unparsable("XML with a document type, which is refused")


def _xml(body: bytes) -> Value:
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Unparsable(f"XML that cannot be read ({error})") from error
    return reader.root


def listed(value: Value, container: str, item: str) -> list[dict[str, Any]]:
    """Return the items of an answer, whatever stands around them.

    Old servers keep the container's name in their JSON, or that of each item, or leave the list
    around a single one out.

    >>> listed({"service_requests": {"request": {"service_request_id": 7}}},
    ...        "service_requests", "request")
    [{'service_request_id': 7}]
    """
    match value:
        case list():
            return [found for each in value for found in listed(each, container, item)]
        case dict() if container in value:
            return listed(value[container], container, item)
        case dict() if set(value) == {item}:
            return listed(value[item], container, item)
        case dict() if value:
            return [value]
        case _:
            return []


def errors_of(value: Value) -> list[str]:
    """Return what an answer says went wrong; nothing when it is no list of errors."""
    items = listed(value, "errors", "error")
    if not items or not all("code" in each and "description" in each for each in items):
        return []
    return [f"{each['code']}: {each['description']}" for each in items]


def is_true(value: Value) -> bool:
    """Tell whether a truth is meant, written as a word or as one."""
    return value is True or str(value).strip().lower() in {"true", "1", "yes"}
