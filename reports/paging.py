"""Pages of the public list, as addresses name them: by the last row of the page before."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac

from layers.errors import InvalidInput
from layers.queries import city
from reports.filters import ReportFilter
from reports.queries import PAGE_SIZE, Place, PublicRow, name_of, public_reports

SEPARATOR = "~"
QUARTER_S = 15 * 60
NAME = re.compile(r"(\d{1,9})~([0-9A-Za-z]{1,64})", re.ASCII)


def _quarter() -> int:
    return int(timezone.now().timestamp()) // QUARTER_S


def _salt(quarter: int) -> bytes:
    return salted_hmac("reports.paging", str(quarter), algorithm="sha256").digest()


def after_row(row: PublicRow, quarter: int) -> str:
    """Return what names the page that follows this row, in the order of a quarter of an hour.

    Reports without a public number change in batches, which begin with a quarter in every time
    zone. By the names and the orders before and after nobody can tell which it was that changed.
    """
    name = name_of(row, _salt(quarter))
    return f"{row.shown_at.isoformat()}{SEPARATOR}{quarter}{SEPARATOR}{name}"


def parse(text: str) -> tuple[int, Place | None]:
    """Read `after_row`'s answer: the quarter whose order to keep, and the place in it.

    An order is kept while no batch can have begun since, which is with a month: after that the
    place is before all rows of its time. Some come twice then, and none is lost.

    Raises
    ------
    InvalidInput
        When it is none of ours.
    """
    now = _quarter()
    if not text:
        return now, None
    moment, _, rest = text.partition(SEPARATOR)
    try:
        shown_at = datetime.fromisoformat(moment)
    except ValueError:
        shown_at = None
    # Rows are named in UTC; the database does not know every offset that Python reads.
    is_utc = shown_at is not None and shown_at.utcoffset() == timedelta(0)
    named = NAME.fullmatch(rest)
    if shown_at is None or not is_utc or named is None:
        message = f"after is {text!r}; begin at the first page of the list again."
        raise InvalidInput(message, field="after")
    quarter = int(named[1])
    if quarter != now and (quarter > now or _month(quarter) != _month(now)):
        return now, Place(shown_at, "")
    return quarter, Place(shown_at, named[2])


def _month(quarter: int) -> tuple[int, int]:
    moment = datetime.fromtimestamp(quarter * QUARTER_S, tz=ZoneInfo(city().time_zone))
    return moment.year, moment.month


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
    quarter, place = parse(after)
    found = public_reports(wanted, _salt(quarter), after=place, limit=limit + 1)
    rows = found[:limit]
    return PublicPage(rows, after_row(rows[-1], quarter) if len(found) > limit else "")


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
