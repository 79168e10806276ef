"""One request to one checked address: opened, timed, measured and unpacked with limits."""

import http.client
import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from urllib.parse import SplitResult, urlsplit

from layers.errors import CivicError, InvalidInput, TooLarge
from layers.sync.addresses import Reach

CHUNK_BYTES = 65_536
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST_ADDRESS = 8_000
USER_AGENT = "CivicGrid"


class Unreachable(CivicError):
    """Nobody answered, or the answer broke off; trying again may help."""


@dataclass(frozen=True)
class Limits:
    """How long one answer may take and how large it may be."""

    silence_s: float = 30.0
    """Longest wait for the next bytes."""
    answer_s: float = 300.0
    """Longest time from the first byte sent to the last one received."""
    bytes: int = 64_000_000
    """Most bytes of an answer, unpacked; what travels may not be more either."""


@dataclass(frozen=True)
class Answer:
    """What a server answered, unpacked."""

    address: str
    status: int
    headers: Message
    body: bytes


def shown(address: str) -> str:
    """Return an address as messages name it: without the query, which may hold a key."""
    return address.partition("?")[0]


def request(address: str, headers: Mapping[str, str], reach: Reach, limits: Limits) -> Answer:
    """GET an address; no redirect is followed.

    The name is resolved once, every address that it has is checked, and the connection goes to
    one of those: a name that changes meanwhile leads nowhere else.

    Raises
    ------
    InvalidInput
        When the address is none of http or https, or leads where `reach` does not.
    Unreachable
        When nobody answers in time, or the answer breaks off.
    TooLarge
        When more comes than the limits allow.
    """
    parts = checked(address)
    with _saying_what_failed(address, limits):
        sock = _connected(parts, reach, limits)
        # A server that sends a byte now and then keeps every single wait short.
        watched = sock.dup()
        watchdog = threading.Timer(limits.answer_s, _cut, [watched])
        watchdog.daemon = True
        watchdog.start()
        try:
            sock = _encrypted(sock, parts)
            connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
            connection.sock = sock
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers=_headers(parts) | dict(headers))
            with closing(connection.getresponse()) as response:
                body = _body(address, response, limits)
        finally:
            watchdog.cancel()
            watched.close()
            sock.close()
    return Answer(address, response.status, response.headers, body)


def checked(address: str) -> SplitResult:
    """Return the parts of an address that may be asked.

    Raises
    ------
    InvalidInput
        When it is no http or https address, too long, or holds a password.
    """
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, is_whole = urlsplit(""), False
    plain = address.isascii() and address.isprintable() and " " not in address
    if parts.scheme not in DEFAULT_PORTS or not is_whole or not plain:
        message = f"{shown(address)!r} is no address that starts with https:// or http://."
        raise InvalidInput(message, field="address")
    if len(address) > LONGEST_ADDRESS:
        message = f"{shown(address)[:200]}… has {len(address):,} characters; that is no address."
        raise InvalidInput(message, field="address")
    if parts.username is not None or parts.password is not None:
        message = f"The address on {parts.hostname} holds a name or password; leave it out."
        raise InvalidInput(message, field="address")
    return parts


@contextmanager
def _saying_what_failed(address: str, limits: Limits) -> Iterator[None]:
    """Turn what the network raises into an error of ours that names the address."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        message = f"{shown(address)} does not prove who it is: {error.verify_message}."
        raise InvalidInput(message, field="address") from error
    except (OSError, http.client.HTTPException, EOFError, zlib.error, ValueError) as error:
        reason = (
            f"it was silent for {limits.silence_s:g} s"
            if isinstance(error, TimeoutError)
            else str(error) or type(error).__name__
        )
        message = f"{shown(address)} could not be read: {reason}."
        raise Unreachable(message, field="address") from error


def _headers(parts: SplitResult) -> dict[str, str]:
    return {"Host": parts.netloc, "User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}


def _connected(parts: SplitResult, reach: Reach, limits: Limits) -> socket.socket:
    """Open a connection to the first address of the name that answers, all having been checked."""
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        message = f"There is no host {parts.hostname!r} ({error}). Check the address."
        raise Unreachable(message, field="address") from error
    targets = [(family, where) for family, _type, _protocol, _name, where in found]
    for _family, where in targets:
        # Behind a percent sign stands the network card of a link-local address.
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        if not reach.allows(address):
            message = (
                f"{parts.hostname} leads to {address}, inside a private network. If this server "
                "is the city's own, allow that by CIVICGRID_SYNC_PRIVATE."
            )
            raise InvalidInput(message, field="address")
    failure: OSError = OSError(f"{parts.hostname} has no address")
    for family, where in targets:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(limits.silence_s)
        try:
            sock.connect(where)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


def _encrypted(sock: socket.socket, parts: SplitResult) -> socket.socket:
    """Return the connection itself for http, and one that has proved its name for https."""
    if parts.scheme == "http":
        return sock
    return ssl.create_default_context().wrap_socket(sock, server_hostname=parts.hostname)


def _cut(sock: socket.socket) -> None:
    """Wake whoever waits for this connection; it may have ended by itself meanwhile."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _body(address: str, response: http.client.HTTPResponse, limits: Limits) -> bytes:
    """Read the answer to its end, unpacked, and no further than the limit."""
    announced = response.length
    if announced is not None and announced > limits.bytes:
        raise _too_large(address, limits)
    match response.headers.get("Content-Encoding", "identity").strip().lower():
        case "gzip" | "x-gzip" | "deflate":
            pieces = _unpacked(_raw(response), limits)
        case "identity" | "":
            pieces = _raw(response)
        case other:
            message = f"{shown(address)} is packed as {other!r}, which was not asked for."
            raise InvalidInput(message, field="address")
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limits.bytes:
            raise _too_large(address, limits)
    return bytes(body)


def _raw(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Yield what arrives, as it arrives; an answer that breaks off is an error."""
    while piece := response.read1(CHUNK_BYTES):
        yield piece
    if response.length:
        raise EOFError(f"{response.length:,} announced bytes did not come")


def _unpacked(pieces: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Yield unpacked bytes in bounded portions: a small answer may unpack to a huge one."""
    decoder = zlib.decompressobj(GZIP_OR_ZLIB)
    for piece in pieces:
        waiting = piece
        while waiting and not decoder.eof:
            yield decoder.decompress(waiting, min(CHUNK_BYTES * 16, limits.bytes + 1))
            waiting = decoder.unconsumed_tail
        if decoder.eof:
            return
    raise EOFError("the packed answer breaks off")


def _too_large(address: str, limits: Limits) -> TooLarge:
    message = f"{shown(address)} answers with more than {limits.bytes:,} bytes."
    return TooLarge(message, field="address")
