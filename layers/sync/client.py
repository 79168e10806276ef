"""Asks other servers: follows redirects, waits when asked to, tries again, gives up in time."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from layers.errors import CivicError, InvalidInput
from layers.sync.addresses import Reach
from layers.sync.connection import Answer, Limits, Unreachable, request, shown

T = TypeVar("T")

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which trying again may help."""
MOST_REDIRECTS = 5


class Unreadable(Unreachable):
    """An answer came whole and is not what was asked for."""


class OutOfTime(CivicError):
    """What a run may take has passed; the next one goes on where this one stopped."""


class Refused(CivicError):
    """A server says no; `answer` holds what it said."""

    def __init__(self, message: str, answer: Answer) -> None:
        super().__init__(message, field="address")
        self.answer = answer


@dataclass(frozen=True)
class Patience:
    """How often to try, and how long to wait between tries."""

    tries: int = 5
    first_wait_s: float = 1.0
    """After the first failure; each further one doubles it."""
    longest_wait_s: float = 120.0
    """A server that asks for a longer one is left alone until the next run."""
    run_s: float = 3_600.0
    """The longest that one run may take."""


@dataclass
class Client:
    """Asks servers on behalf of one run."""

    reach: Reach
    limits: Limits = field(default_factory=Limits)
    patience: Patience = field(default_factory=Patience)
    sleep: Callable[[float], None] = time.sleep
    began: float = field(default_factory=time.monotonic)

    def get(
        self,
        address: str,
        parse: Callable[[Answer], T],
        query: Mapping[str, str] | None = None,
        accept: str = "*/*",
    ) -> T:
        """Return what `parse` makes of an address's answer.

        Parameters
        ----------
        address, query
            The query is added to the one that the address has; empty values are left out.
        parse
            Raises `Unreadable` for an answer that may come better the next time.
        accept
            Media types, as the header names them.

        Raises
        ------
        Refused
            When the server answers with an error that trying again does not mend.
        Unreachable
            When it failed at every try.
        OutOfTime
            When the time of the run has passed.
        InvalidInput, TooLarge
            As `connection.request` does.
        """
        whole = with_query(address, query or {})
        wait_s = self.patience.first_wait_s
        for attempt in range(1, self.patience.tries + 1):
            self._check_time(address)
            try:
                answer = self._followed(whole, accept)
                if answer.status not in PASSING:
                    return parse(_accepted(answer))
                failure, asked_s = _failed(answer), _asked_wait(answer)
            except Unreachable as error:
                failure, asked_s = error, None
            if attempt == self.patience.tries:
                break
            self._wait(failure, wait_s if asked_s is None else asked_s)
            wait_s *= 2
        message = f"{failure.message} It was tried {self.patience.tries} times."
        raise type(failure)(message, field="address") from failure

    def _wait(self, failure: Unreachable, wait_s: float) -> None:
        if wait_s > self.patience.longest_wait_s:
            message = f"{failure.message} It asks to be left alone for {wait_s:,.0f} s."
            raise Unreachable(message, field="address") from failure
        self.sleep(wait_s)

    def _check_time(self, address: str) -> None:
        if time.monotonic() - self.began > self.patience.run_s:
            message = (
                f"{shown(address)} was not read to its end in {self.patience.run_s / 60:g} "
                "minutes. The next run goes on from here."
            )
            raise OutOfTime(message)

    def _followed(self, address: str, accept: str) -> Answer:
        """Return the answer behind any redirects, each of them checked as the first address is."""
        for _ in range(MOST_REDIRECTS + 1):
            answer = request(address, {"Accept": accept}, self.reach, self.limits)
            target = answer.headers.get("Location")
            if answer.status not in REDIRECTS or not target:
                return answer
            onward = urljoin(address, target)
            if urlsplit(address).scheme == "https" and urlsplit(onward).scheme == "http":
                message = f"{shown(address)} leads to {shown(onward)}, which is not encrypted."
                raise InvalidInput(message, field="address")
            address = onward
        message = f"{shown(address)} leads on and on; after {MOST_REDIRECTS} redirects it ends."
        raise InvalidInput(message, field="address")


def with_query(address: str, query: Mapping[str, str]) -> str:
    """Add to an address's query; values that are empty are left out.

    >>> with_query("https://a.example/x?f=json", {"where": "1=1", "token": ""})
    'https://a.example/x?f=json&where=1%3D1'
    """
    parts = urlsplit(address)
    added = urlencode({name: value for name, value in query.items() if value})
    joined = "&".join(part for part in (parts.query, added) if part)
    return urlunsplit(parts._replace(query=joined, fragment=""))


def _accepted(answer: Answer) -> Answer:
    if answer.status != HTTPStatus.OK:
        message = f"{shown(answer.address)} answers {_phrase(answer.status)}."
        raise Refused(message, answer)
    return answer


def _failed(answer: Answer) -> Unreachable:
    return Unreachable(
        f"{shown(answer.address)} answers {_phrase(answer.status)}.", field="address"
    )


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _asked_wait(answer: Answer) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, as a number or as a time."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
