"""A collection of an OGC API Features server, read along its ``next`` links."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from layers.errors import InvalidInput
from layers.sync.answers import document, from_geojson
from layers.sync.client import Client, Unreadable, with_query
from layers.sync.connection import Answer, shown
from layers.sync.spool import Incomplete, Page, Record

GEOJSON = "application/geo+json"
ACCEPT = f"{GEOJSON}, application/json;q=0.9"
PAGE = 1_000
DEGREES = ("/CRS84", ":CRS84", "/CRS84h")
"""How the names of longitude and latitude end; what is read may come in no other system."""


@dataclass(frozen=True)
class Collection:
    """A collection and what is wanted of it."""

    address: str
    """Of the collection, or of its items."""
    key_field: str = ""
    """The property that tells features apart from run to run; empty: the feature's id."""
    page_size: int = PAGE


@dataclass(frozen=True)
class Description:
    """What a collection says of itself."""

    title: str
    attribution: str
    items: str
    """Address of its features."""


def describe(client: Client, source: Collection) -> Description:
    """Ask a collection for its title and for where its features are.

    Raises
    ------
    InvalidInput
        When the address is no collection.
    """
    if urlsplit(source.address).path.rstrip("/").endswith("/items"):
        return Description("", "", source.address)
    said = client.get(source.address, document, accept="application/json")
    links = said.get("links")
    if not isinstance(links, list):
        message = f"{shown(source.address)} is no collection: it has no links."
        raise InvalidInput(message, field="address")
    found = _link(links, "items")
    if found is None:
        inside = [str(c.get("id")) for c in said.get("collections") or []]
        hint = f" Its collections are: {', '.join(inside)}." if inside else ""
        message = f"{shown(source.address)} has no link to items.{hint}"
        raise InvalidInput(message, field="address")
    items = same_host(source.address, found)
    return Description(str(said.get("title") or ""), str(said.get("attribution") or ""), items)


def pages(
    client: Client, source: Collection, layer: Description, last: Page | None
) -> Iterator[Page]:
    """Yield the pages after `last` (None: from the first).

    Raises
    ------
    InvalidInput
        When a link leaves the host, or features come in another coordinate system.
    Incomplete
        When the links go round in a circle, or more was announced than came.
    """
    if last and last.then is None:
        return
    first = with_query(layer.items, {"limit": str(source.page_size)})
    cursor = (last and last.then) or {"next": first, "came": 0}
    address, came = str(cursor["next"]), int(cursor["came"])
    asked = set()
    while address:
        if address in asked:
            message = f"{shown(address)} names itself as its next page."
            raise Incomplete(message, field="address")
        asked.add(address)
        records, following, matched = client.get(address, _Reader(source), accept=ACCEPT)
        came += len(records)
        if not following and matched is not None and came < matched:
            message = (
                f"{shown(address)} announces {matched:,} features, and {came:,} came. Nothing is "
                "replaced; the next run reads it anew."
            )
            raise Incomplete(message, field="address")
        address = same_host(layer.items, following) if following else ""
        yield Page(records, {"next": address, "came": came} if address else None)


@dataclass(frozen=True)
class _Reader:
    """Reads a page of features, the link to the next one, and how many there are in all."""

    source: Collection

    def __call__(self, answer: Answer) -> tuple[list[Record], str, int | None]:
        said = document(answer)
        found = said.get("features")
        if not isinstance(found, list):
            message = f"{shown(answer.address)} answers without features."
            raise Unreadable(message, field="address")
        _check_crs(answer)
        matched = said.get("numberMatched")
        following = _link(said.get("links") or [], "next")
        try:
            records = [from_geojson(each, self.source.key_field) for each in found]
        except AttributeError as error:
            message = f"{shown(answer.address)} holds a feature that is none: {error}."
            raise Unreadable(message, field="address") from error
        return (
            records,
            urljoin(answer.address, following) if following else "",
            matched if isinstance(matched, int) else None,
        )


def _check_crs(answer: Answer) -> None:
    named = answer.headers.get("Content-Crs", "").strip(" <>")
    if named and not named.endswith(DEGREES):
        message = (
            f"{shown(answer.address)} answers in {named}; wanted are longitude and latitude, which "
            "is what a server gives unless another system is asked for."
        )
        raise InvalidInput(message, field="address")


def _link(links: list[Any], relation: str) -> str | None:
    """Return where a relation leads, to GeoJSON rather than to something else."""
    found: list[Mapping[str, Any]] = [
        link for link in links if isinstance(link, dict) and link.get("rel") == relation
    ]
    found = [link for link in found if isinstance(link.get("href"), str)]
    found.sort(key=lambda link: "json" not in str(link.get("type", "json")))
    found.sort(key=lambda link: link.get("type") != GEOJSON)
    return str(found[0]["href"]) if found else None


def same_host(address: str, link: str) -> str:
    """Return a link of an answer, whole, if it stays on the address's host.

    A server behind a proxy may name itself by http although it is reached by https: that is mended.

    Raises
    ------
    InvalidInput
        When it leads elsewhere.
    """
    here, there = urlsplit(address), urlsplit(urljoin(address, link))
    if here.scheme == "https" and there.scheme == "http" and here.hostname == there.hostname:
        there = there._replace(scheme="https", netloc=here.netloc)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        message = f"{shown(address)} leads to {there.netloc} for more; only {here.netloc} is asked."
        raise InvalidInput(message, field="address")
    return urlunsplit(there)
