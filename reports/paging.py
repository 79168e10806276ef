"""Pages of the public list, as addresses name them: by the last row of the page before."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac

from layers.errors import InvalidInput
from reports.filters import ReportFilter
from reports.queries import PAGE_SIZE, Place, PublicRow, place_of, public_reports

SEPARATOR = "~"
QUARTER_S = 15 * 60
DIGEST_DIGITS = 24
NAME = re.compile(rf"(\d{{1,9}}){SEPARATOR}([0-9a-f]{{{DIGEST_DIGITS}}})", re.ASCII)


def after_row(row: PublicRow) -> str:
    """Return what names the page that follows this row.

    It names the row for a quarter of an hour. Reports without a public number change in batches,
    which begin with one in every time zone: by the names before and after nobody can tell which
    it was that changed.
    """
    quarter = str(int(timezone.now().timestamp()) // QUARTER_S)
    digest = hashlib.sha256(_salt(quarter) + row.key.encode()).hexdigest()[:DIGEST_DIGITS]
    return f"{row.shown_at.isoformat()}{SEPARATOR}{quarter}{SEPARATOR}{digest}"


def _salt(quarter: str) -> bytes:
    return salted_hmac("reports.paging", quarter, algorithm="sha256").digest()


def parse(text: str) -> Place | None:
    """Read `after_row`'s answer; None for an empty text.

    Raises
    ------
    InvalidInput
        When it is none of ours.
    """
    if not text:
        return None
    moment, _, name = text.partition(SEPARATOR)
    try:
        shown_at = datetime.fromisoformat(moment)
    except ValueError:
        shown_at = None
    # Rows are named in UTC; the database does not know every offset that Python reads.
    is_utc = shown_at is not None and shown_at.utcoffset() == timedelta(0)
    named = NAME.fullmatch(name)
    if shown_at is None or not is_utc or named is None:
        message = f"after is {text!r}; begin at the first page of the list again."
        raise InvalidInput(message, field="after")
    quarter, digest = named.groups()
    return place_of(shown_at, _salt(quarter), digest)


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
