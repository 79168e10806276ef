"""Real servers for tests: each answers on a port of its own, as a function of the request says."""

import gzip
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.2"
"""A loopback address that nothing else listens on; 127.0.0.1 stays one that may not be reached."""
REACH = f"{HOST}/32"


@dataclass(frozen=True)
class Asked:
    """A request: its path and its query, each name with its last value."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What to answer. `breaks_at` sends so many bytes of the body and hangs up."""

    body: bytes | str | dict[str, Any] | list[Any] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    breaks_at: int | None = None
    is_packed: bool = False

    def content(self) -> bytes:
        match self.body:
            case bytes():
                plain = self.body
            case str():
                plain = self.body.encode()
            case _:
                plain = json.dumps(self.body).encode()
        return gzip.compress(plain) if self.is_packed else plain


Answering = Callable[[Asked], Reply]


@dataclass
class Server:
    """A server under way; `asked` is what came, in order."""

    url: str
    answer: Answering
    asked: list[Asked] = field(default_factory=list)

    def queries(self, path: str) -> list[dict[str, str]]:
        return [each.query for each in self.asked if each.path == path]


@contextmanager
def served(answer: Answering, certificate: Path | None = None) -> Iterator[Server]:
    """Serve while the block runs; `answer` of the server may be exchanged meanwhile.

    With a certificate, in one file with its key, it serves by HTTPS.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query, keep_blank_values=True)
            asked = Asked(parts.path, {k: v[-1] for k, v in query.items()}, dict(self.headers))
            server.asked.append(asked)
            reply = server.answer(asked)
            content = reply.content()
            self.send_response(reply.status)
            headers = {"Content-Length": str(len(content))} | reply.headers
            if reply.is_packed:
                headers["Content-Encoding"] = "gzip"
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: reply.breaks_at])

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer((HOST, 0), Handler)
    http.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        http.socket = context.wrap_socket(
            http.socket, server_side=True, do_handshake_on_connect=False
        )
    server = Server(f"http{'s' if certificate else ''}://{HOST}:{http.server_port}", answer)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
