"""Clients that send reports through HTTP as fast as they are answered, and try again when not."""

import http.client
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATH = "/api/v1/reports/"
ACCEPTED = (200, 201)
PATIENCE_S = 60


@dataclass(frozen=True)
class Answer:
    """What one report came back with, how long that took, and how often it was sent."""

    public_id: str
    seconds: float
    tries: int


def bodies(
    count: int, bounds: tuple[float, float, float, float], categories: Sequence[str]
) -> list[dict[str, Any]]:
    """Return reports spread evenly over a box, each with a UUID of its own."""
    west, south, east, north = bounds
    # Multiples of two irrational numbers fill the box without a pattern and without chance.
    return [
        {
            "category": categories[i % len(categories)],
            "lon": west + (east - west) * (i * 0.754877666 % 1),
            "lat": south + (north - south) * (i * 0.569840291 % 1),
            "description": "A deep hole by the bus stop",
            "client_uuid": str(uuid.uuid4()),
        }
        for i in range(1, count + 1)
    ]


def send_all(url: str, reports: Sequence[Mapping[str, Any]], clients: int) -> list[Answer]:
    """Send reports from several clients at once, each over a connection that it keeps."""
    shares = [reports[first::clients] for first in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        answers = pool.map(lambda share: _Client(url).send(share), shares)
        return [answer for share in answers for answer in share]


class _Client:
    def __init__(self, url: str) -> None:
        self._netloc = urlsplit(url).netloc
        self._connection: http.client.HTTPConnection | None = None

    def send(self, reports: Sequence[Mapping[str, Any]]) -> list[Answer]:
        try:
            return [self._until_taken(json.dumps(report).encode()) for report in reports]
        finally:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _until_taken(self, body: bytes) -> Answer:
        begin = time.perf_counter()
        tries = 0
        while time.perf_counter() - begin < PATIENCE_S:
            tries += 1
            if answer := self._once(body):
                return Answer(answer, time.perf_counter() - begin, tries)
            time.sleep(0.05)
        message = f"A report was not taken within {PATIENCE_S} s."
        raise TimeoutError(message)

    def _once(self, body: bytes) -> str | None:
        """Send once; None when the connection broke, which a killed worker looks like."""
        self._connection = self._connection or http.client.HTTPConnection(self._netloc, timeout=20)
        try:
            self._connection.request("POST", PATH, body, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return None
        if response.status not in ACCEPTED:
            message = f"The site answered {response.status}: {text[:500].decode()}"
            raise RuntimeError(message)
        public_id: str = json.loads(text)["public_id"]
        return public_id
