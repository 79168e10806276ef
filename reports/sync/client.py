"""Reads the requests of an Open311 GeoReport v2 server: window by window, page by page.

The standard gives at most 90 days and 1000 requests at once. Many servers know pages beyond it;
whether one does, and whether it counts from 0 or from 1, is found out from its answers. Where it
knows none, windows are halved until less comes than the server could have cut off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from layers.errors import InvalidInput
from layers.sync.client import Client, Refused, Unreadable
from layers.sync.connection import Answer, Unreachable, shown
from layers.sync.spool import Cursor, Incomplete, Page, Record
from reports.sync.answers import Unparsable, errors_of, listed, parse

STANDARD = "georeport_v2"
LONGEST = timedelta(days=90)
SHORTEST = timedelta(seconds=1)
SMALLEST_PAGE = 50
"""Known servers give pages of 50 and multiples of it: such a count may be a cut."""
MOST_PAGES = 10_000
CUT = "cut_at"
"""Marks a record that is none: here more requests bear one time than the server gives."""

Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Server:
    """A server and how it is asked."""

    address: str
    """Of its GeoReport, or of its discovery document."""
    jurisdiction: str = ""
    key: str = ""
    format: str = "auto"
    """``json``, ``xml`` or ``auto``."""
    paging: str = "auto"
    """``from-0``, ``from-1``, ``none`` or ``auto``."""
    page_size: int = 500
    cap: int = 1000
    use: str = "production"
    """Which of its endpoints: ``production`` or ``test``."""


@dataclass(frozen=True)
class Service:
    """A kind of request that the server knows."""

    code: str
    name: str


def found(client: Client, server: Server) -> Server:
    """Return the server with the address of its GeoReport, as its discovery document has it.

    Raises
    ------
    InvalidInput
        When that names no GeoReport v2 of the wanted use.
    """
    if not server.address.endswith(("/discovery.xml", "/discovery.json")):
        return server
    said = client.get(server.address, _parsed)
    endpoints = (
        listed(said.get("endpoints"), "endpoints", "endpoint") if isinstance(said, dict) else []
    )
    for endpoint in endpoints:
        is_wanted = str(endpoint.get("type") or server.use) == server.use
        if is_wanted and STANDARD in str(endpoint.get("specification")).lower():
            address = str(endpoint.get("url")).rstrip("/")
            return replace(server, address=address, format=_format(server, endpoint))
    message = f"{shown(server.address)} names no GeoReport v2 for {server.use}."
    raise InvalidInput(message, field="address")


def _format(server: Server, endpoint: Record) -> str:
    formats = [str(each) for each in endpoint.get("formats") or []]
    if server.format == "auto" and formats and not any("json" in each for each in formats):
        return "xml"
    return server.format


def services(client: Client, server: Server) -> tuple[Server, list[Service]]:
    """Ask for the server's services, in JSON where it has that; return it with its format.

    Raises
    ------
    Refused, Unreachable
        When it answers in no format.
    """
    formats = ["json", "xml"] if server.format == "auto" else [server.format]
    for position, format_ in enumerate(formats):
        settled = replace(server, format=format_)
        try:
            items = _items(client, settled, "services", {}, "services", "service")
        except (Refused, Unreadable):
            if position == len(formats) - 1:
                raise
        else:
            return settled, [
                Service(str(each["service_code"]), str(each.get("service_name") or ""))
                for each in items
                if each.get("service_code") is not None
            ]
    raise AssertionError


def windows(start: datetime, end: datetime) -> list[Window]:
    """Cut a span into windows of at most 90 days, the oldest first; neighbours share a second."""
    cut = []
    while end - start > LONGEST:
        cut.append((start, start + LONGEST))
        start += LONGEST
    return [*cut, (start, end)]


def pages(
    client: Client, server: Server, spans: Sequence[Window], last: Page | None
) -> Iterator[Page]:
    """Yield the requests of the windows after the page `last` (None: from the first).

    Raises
    ------
    Incomplete
        When the pages of a window have no end.
    """
    if last and last.then is None:
        return
    cursor = last.then if last and last.then else _beginning(server, spans)
    while cursor:
        if cursor["paging"] == "auto":
            answers, cursor = _learn(client, server, cursor)
        elif cursor["paging"] == "none":
            answers, cursor = _whole(client, server, cursor)
        else:
            answers, cursor = _one_page(client, server, cursor)
        records = [_with_id(client, server, each) for each in answers]
        if not cursor["windows"]:
            yield Page(records, None)
            return
        yield Page(records, cursor)


def _beginning(server: Server, spans: Sequence[Window]) -> Cursor:
    return {
        "windows": [[start.isoformat(), end.isoformat()] for start, end in spans],
        "paging": server.paging,
        "page": None,
        "ids": [],
    }


def _window(cursor: Cursor) -> Window:
    start, end = cursor["windows"][0]
    return datetime.fromisoformat(start), datetime.fromisoformat(end)


def _next_window(cursor: Cursor, **changes: Any) -> Cursor:
    return {**cursor, "windows": cursor["windows"][1:], "page": None, "ids": [], **changes}


def _learn(client: Client, server: Server, cursor: Cursor) -> tuple[list[Record], Cursor]:
    """Read the first page and find out how the server counts pages, if it does."""
    window = _window(cursor)
    try:
        zeroth = _requests(client, server, window, 0)
    except (Refused, Unreachable):
        zeroth = []
    if 0 < len(zeroth) < SMALLEST_PAGE:
        return zeroth, _next_window(cursor)
    first = _requests(client, server, window, 1)
    if not zeroth and not first:
        return [], _next_window(cursor)
    if not zeroth:
        return first, {**cursor, "paging": "from-1", "page": 2, "ids": _ids(first)}
    if _ids(zeroth) != _ids(first):
        return zeroth, {**cursor, "paging": "from-0", "page": 1, "ids": _ids(zeroth)}
    if _ids(_requests(client, server, window, 2)) == _ids(first):
        return _whole(client, server, {**cursor, "paging": "none"})
    return first, {**cursor, "paging": "from-1", "page": 2, "ids": _ids(first)}


def _whole(client: Client, server: Server, cursor: Cursor) -> tuple[list[Record], Cursor]:
    """Read a window at once; halve it when its answer may be cut."""
    start, end = _window(cursor)
    records = _requests(client, server, (start, end), None)
    if not _may_be_cut(server, len(records)):
        return records, _next_window(cursor)
    if end - start <= SHORTEST:
        return [*records, {CUT: start.isoformat()}], _next_window(cursor)
    half = timedelta(seconds=(end - start) // SHORTEST // 2)
    middle = (start + max(half, SHORTEST)).isoformat()
    halves = [[start.isoformat(), middle], [middle, end.isoformat()]]
    return [], {**cursor, "windows": [*halves, *cursor["windows"][1:]]}


def _may_be_cut(server: Server, count: int) -> bool:
    return count >= server.cap or (count > 0 and count % SMALLEST_PAGE == 0)


def _one_page(client: Client, server: Server, cursor: Cursor) -> tuple[list[Record], Cursor]:
    """Read the next page of a window; one that is empty or brings nothing new ends it."""
    first = 0 if cursor["paging"] == "from-0" else 1
    page = first if cursor["page"] is None else cursor["page"]
    if page - first >= MOST_PAGES:
        message = f"{shown(server.address)} has no end after {MOST_PAGES:,} pages."
        raise Incomplete(message, field="address")
    records = _requests(client, server, _window(cursor), page)
    if not records or _ids(records) == cursor["ids"]:
        return [], _next_window(cursor)
    return records, {**cursor, "page": page + 1, "ids": _ids(records)}


def _ids(records: Sequence[Record]) -> list[str]:
    return [str(each.get("service_request_id")) for each in records]


def _requests(client: Client, server: Server, window: Window, page: int | None) -> list[Record]:
    """Ask for the requests of a window; an empty one may be said by 404."""
    start, end = window
    query = {"start_date": _moment(start), "end_date": _moment(end)}
    if page is not None:
        query |= {"page": str(page), "page_size": str(server.page_size)}
    try:
        return _items(client, server, "requests", query, "service_requests", "request")
    except Refused as refused:
        if refused.answer.status == HTTPStatus.NOT_FOUND:
            return []
        raise


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_id(client: Client, server: Server, record: Record) -> Record:
    """Return a request with its id, asked for by its token where it came without one."""
    token = record.get("token")
    if record.get("service_request_id") is not None or token is None:
        return record
    resource = f"tokens/{quote(str(token), safe='')}"
    try:
        known = _items(client, server, resource, {}, "service_requests", "request")
    except Refused:
        return record
    return {**record, "service_request_id": known[0].get("service_request_id") if known else None}


def _items(
    client: Client, server: Server, resource: str, query: dict[str, str], container: str, item: str
) -> list[Record]:
    address = f"{server.address}/{resource}.{server.format}"
    asked = {"jurisdiction_id": server.jurisdiction, "api_key": server.key, **query}
    try:
        return listed(client.get(address, _parsed, asked), container, item)
    except Refused as refused:
        told = _told(refused.answer)
        raise Refused(f"{refused.message} {told}".strip(), refused.answer) from refused


def _parsed(answer: Answer) -> Any:
    """Return an answer's value; a list of errors is one, whatever its status."""
    try:
        value = parse(answer.body)
    except Unparsable as error:
        message = f"{shown(answer.address)} answers with {error}."
        raise Unreadable(message, field="address") from error
    if errors_of(value):
        raise Refused(f"{shown(answer.address)} refuses.", answer)
    return value


def _told(answer: Answer) -> str:
    """Return what the server says of its refusal, at most a few sentences."""
    try:
        return "; ".join(errors_of(parse(answer.body)))[:500]
    except Unparsable:
        return ""
