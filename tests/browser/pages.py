"""Every page of the site and its states, by name: for axe, and for pictures."""

import json
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.browser.conftest import Site

PHASES = ("new", "open", "working", "done", "closed")


@dataclass(frozen=True)
class Sights:
    """Where pages of each state are to be found in the demo city."""

    site: Site

    def _ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.site.url + path,
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json"} if body else {},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def report(self, **wanted: str) -> str:
        """Return the public page of the newest report that passes a filter."""
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        features = self._ask(f"/api/v1/reports/?limit=100&{query}")["features"]
        return f"/reports/{next(f['id'] for f in features if 'id' in f)}/"

    def receipt(self, category: str) -> str:
        """Send a report and return its receipt's page."""
        place = self.site.city.zones[0].polygon.representative_point()
        body = {
            "category": category,
            "lon": place.x,
            "lat": place.y,
            "description": "Seen from the corner, since Friday",
            "client_uuid": str(uuid.uuid4()),
        }
        return f"/r/{self._ask('/api/v1/reports/', body)['receipt']}/"

    @cached_property
    def addresses(self) -> dict[str, tuple[str, str]]:
        """Return the address of each page, and the role that opens it (empty: nobody)."""
        public = {
            f"report {phase}": (self.report(phase=phase, category="pothole"), "")
            for phase in PHASES
        }
        crew_code = self.report(phase="open", cat="roads").strip("/").rsplit("/", 1)[-1]
        return public | {
            "home": ("/", ""),
            "home filtered": ("/?cat=roads&phase=done", ""),
            "home empty": ("/?q=zzzzzz", ""),
            "new report": ("/report/", ""),
            "report personal": (self.report(category="neighbour-noise"), ""),
            "receipt": (self.receipt("pothole"), ""),
            "receipt crime": (self.receipt("theft"), ""),
            "privacy": ("/privacy/", ""),
            "sign in": ("/sign-in/", ""),
            "not found": ("/reports/0000000000/", ""),
            "crew list": ("/crew/", "crew"),
            "crew report": (f"/crew/{crew_code}/", "dispatcher"),
            "planning": ("/planning/", "planner"),
            "question": ("/planning/new/hot-spots/", "planner"),
        }
