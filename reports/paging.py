"""Pages of the public list, as addresses name them: by the last row of the page before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict

from layers.errors import InvalidInput
from reports.filters import ReportFilter
from reports.queries import PAGE_SIZE, PublicRow, public_reports

SEPARATOR = "~"


def after_row(row: PublicRow) -> str:
    """Return what names the page that follows this row."""
    return f"{row.shown_at.isoformat()}{SEPARATOR}{row.key}"


def parse(text: str) -> tuple[datetime, str] | None:
    """Read `after_row`'s answer; None for an empty text.

    Raises
    ------
    InvalidInput
        When it is none of ours.
    """
    if not text:
        return None
    moment, _, key = text.partition(SEPARATOR)
    try:
        shown_at = datetime.fromisoformat(moment)
    except ValueError:
        shown_at = None
    # Rows are named in UTC; the database does not know every offset that Python reads.
    if shown_at is None or shown_at.utcoffset() != timedelta(0) or not key.isalnum():
        message = f"after is {text!r}; begin at the first page of the list again."
        raise InvalidInput(message, field="after")
    return shown_at, key


@dataclass(frozen=True)
class PublicPage:
    """One page of the public list; `after` names the next one and is empty at the end."""

    rows: list[PublicRow]
    after: str


def public_page(wanted: ReportFilter, after: str, limit: int = PAGE_SIZE) -> PublicPage:
    """Return the page of reports that begins after the row that `after` names.

    Raises
    ------
    InvalidInput
        When `after` is none of ours.
    """
    found = public_reports(wanted, after=parse(after), limit=limit + 1)
    rows = found[:limit]
    return PublicPage(rows, after_row(rows[-1]) if len(found) > limit else "")


def values_of(query: QueryDict) -> dict[str, str]:
    """Return an address's values, several of one name joined by commas as scripts write them.

    Zero bytes, which no text in the database can have, are left out.
    """
    return {name: ",".join(filter(None, query.getlist(name))).replace("\0", "") for name in query}


def first_address(query: QueryDict) -> str:
    """Return the query string of the first page with the same filters."""
    kept = {n: value for n, value in values_of(query).items() if value and n != "after"}
    return urlencode(kept, safe=",")


def next_address(query: QueryDict, page: PublicPage) -> str:
    """Return the query string of the next page, or nothing at the end."""
    if not page.after:
        return ""
    return "&".join(filter(None, (first_address(query), urlencode({"after": page.after}))))
