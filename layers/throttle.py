"""Limits how often one address may try something.

Counts stand in the database, so that all web workers count together. Whose address it is
comes from one configured proxy or from the connection, never from a header that anyone may
write; an IPv6 caller is counted by its /64, which is one household. What is stored is a keyed
digest that goes soon after its window: beside the time of a report, an address would name its
reporter.
"""

import hashlib
import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from layers.errors import TooMany
from layers.statements import cursor_for

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], R]


def client_address(request: HttpRequest) -> str:
    """Return the caller's address; the last hop that a trusted proxy reports, if one is set."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if address in settings.TRUSTED_PROXIES or (not address and settings.TRUSTED_PROXIES):
        forwarded = str(request.headers.get("X-Forwarded-For", ""))
        return forwarded.rsplit(",", 1)[-1].strip() or address
    return address


def household(address: str) -> str:
    """Return what is counted as one caller: an IPv4 address or an IPv6 /64.

    >>> household("2001:db8:1:2:3:4:5:6"), household("192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


# Rows of others that are being counted are skipped: two that clean up must not wait for each other.
COUNT = """
WITH gone AS (
    DELETE FROM layers_ratecount WHERE key IN (
        SELECT key FROM layers_ratecount
        WHERE window_end < now() - interval '1 hour' AND key <> %(key)s
        FOR UPDATE SKIP LOCKED
    )
)
INSERT INTO layers_ratecount AS counted (key, window_end, tries)
VALUES (%(key)s, now() + make_interval(secs => %(seconds)s), 1)
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN counted.window_end < now() THEN 1 ELSE counted.tries + 1 END,
    window_end = CASE
        WHEN counted.window_end < now() THEN EXCLUDED.window_end ELSE counted.window_end END
RETURNING tries, ceil(extract(epoch FROM window_end - now()))::int
"""


def _count(key: str, seconds: int) -> tuple[int, int]:
    with cursor_for(1) as cursor:
        cursor.execute(COUNT, {"key": key, "seconds": seconds})
        tries, wait = cursor.fetchone()
    return tries, wait


def _key(scope: str, address: str) -> str:
    secret = hashlib.sha256(f"throttle:{settings.SECRET_KEY}".encode()).digest()
    caller = hashlib.blake2b(household(address).encode(), key=secret, digest_size=16)
    return f"{scope}:{caller.hexdigest()}"


def enter(request: HttpRequest, scope: str, *, tries: int, seconds: int) -> None:
    """Count one try of the caller.

    Raises
    ------
    TooMany
        Beyond `tries` in a window of `seconds`; the message says when to come back.
    """
    tries_now, wait = _count(_key(scope, client_address(request)), seconds)
    if tries_now > tries:
        message = _("Too many tries from your address. Try again in %(wait)s seconds.")
        raise TooMany(message % {"wait": wait})


def limit(scope: str, *, tries: int, seconds: int) -> Callable[[View[P, R]], View[P, R]]:
    """Let one caller enter a view at most `tries` times in each window of `seconds`."""

    def decorate(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def limited(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> R:
            enter(request, scope, tries=tries, seconds=seconds)
            return view(request, *args, **kwargs)

        return cast("View[P, R]", limited)

    return decorate
