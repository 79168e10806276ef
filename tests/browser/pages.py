"""Every page of the site and its states, by name: for axe, and for pictures."""

import json
import time
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone

from geo.accounts.models import User
from geo.viewer import viewer_of
from layers.access import Viewer
from planning import runs, studies
from planning.models import Run
from reports import followers, identifiers, lifecycle, voices
from reports.models import Follower
from reports.workflow import WAY, State
from tests.browser import acts
from tests.browser.acts import answer, press
from tests.browser.bringing_in import bringing_in
from tests.browser.conftest import Site
from tests.browser.sight import Sight

PHASES = ("new", "open", "working", "done", "closed")
RUN_S = 60


@dataclass(frozen=True)
class Sent:
    """A report of our own, with its receipt."""

    code: str
    receipt: str


@dataclass(frozen=True)
class Sights:
    """Where pages of each state are to be found in the demo city."""

    site: Site

    @cached_property
    def all(self) -> dict[str, Sight]:
        """Return every page in every state, by name."""
        return (
            self._home()
            | self._reporting()
            | self._reports()
            | self._desks()
            | self._studies()
            | bringing_in(self.site, self.viewer("administrator"))
        )

    def _home(self) -> dict[str, Sight]:
        house = self.site.city.addresses[10]
        return {
            "home": Sight("/"),
            "home menu": Sight("/", act=press(".menu > summary", ".menu-list")),
            "home search": Sight("/", act=acts.search_home),
            "home filters": Sight("/", act=press("details.filters > summary", ".filters-body")),
            "home list": Sight("/?cat=roads&phase=done", act=acts.open_list),
            "home empty": Sight("/?q=zzzzzz", act=acts.open_list),
            "home report chosen": Sight(f"/?selected={self.public(phase='open')}"),
            "home place chosen": Sight(f"/?near={house.lon},{house.lat}"),
            "privacy": Sight("/privacy/"),
            "sign in": Sight("/sign-in/"),
            "sign in refused": Sight(
                "/sign-in/",
                act=answer("main form", ".summary", username="ada@example.org", password="no"),
            ),
            "not found": Sight("/reports/0000000000/"),
        }

    def _reporting(self) -> dict[str, Sight]:
        house = self.site.city.addresses[600]
        here = f"/report/?lon={house.lon}&lat={house.lat}"
        near = self._ask("/api/v1/reports/?limit=1&phase=new&category=pothole")["features"][0]
        lon, lat = near["geometry"]["coordinates"]
        return {
            "report place": Sight(here),
            "report place outside": Sight("/report/?lon=-7.2&lat=53.0"),
            "report kind": Sight(here, act=acts.to_kinds),
            "report kind refused": Sight(here, act=acts.without_kind),
            "report kind searched": Sight(here, act=acts.searched_kinds),
            "report danger": Sight(here, act=acts.to_danger("theft")),
            "report details": Sight(here, act=acts.to_details("street-light")),
            "report details crime": Sight(here, act=acts.to_details("theft")),
            "report details photos": Sight(here, act=acts.with_photos("street-light")),
            "receipt with photos": Sight(here, act=acts.sent_with_photos("graffiti")),
            "report preview": Sight(here, act=acts.to_preview("pothole")),
            "report preview crime": Sight(here, act=acts.to_preview("theft")),
            "report similar": Sight(
                f"/report/?lon={lon}&lat={lat}", act=acts.to_preview("pothole")
            ),
            "report kept": Sight(here, act=acts.keep_without_network),
        }

    def _reports(self) -> dict[str, Sight]:
        by_phase = {
            f"public {phase}": Sight(f"/reports/{self.public(phase=phase, category='pothole')}/")
            for phase in PHASES
        }
        new, done, judged, again = (self.send("pothole") for _ in range(4))
        crime = self.send("theft")
        for sent in (done, judged, again):
            self.close(sent.code)
        voices.judge_own(judged.receipt, "partly", len(WAY))
        voices.judge_own(again.receipt, "not_fixed", len(WAY))
        say_me_too = press("#voices button", "#voices [name=undo]")
        say_partly = press("#voices [value=partly]", "#voices [name=undo]")
        return by_phase | {
            "public overdue": Sight(f"/reports/{self.overdue()}/"),
            "public personal": Sight(f"/reports/{self.public(category='neighbour-noise')}/"),
            "public me too": Sight(f"/reports/{new.code}/", act=say_me_too),
            "public judged": Sight(f"/reports/{done.code}/", act=say_partly),
            "public opened again": Sight(f"/reports/{again.code}/"),
            "receipt just sent": Sight(f"/r/{new.receipt}/?sent"),
            "receipt": Sight(f"/r/{new.receipt}/"),
            "receipt crime": Sight(f"/r/{crime.receipt}/"),
            "receipt done": Sight(f"/r/{done.receipt}/"),
            "receipt judged": Sight(f"/r/{judged.receipt}/"),
            "receipt opened again": Sight(f"/r/{again.receipt}/"),
            "follow": Sight(f"/follow/{self.token(new.code)}/"),
            "follow stop": Sight(f"/follow/{self.token(new.code)}/stop/"),
            "follow used up": Sight("/follow/aaaaaaaaaaaaaaaaaaaaaaaaaa/"),
        }

    def _desks(self) -> dict[str, Sight]:
        code = self.public(phase="open", cat="roads")
        return {
            "crew list": Sight("/crew/", "crew"),
            "crew map": Sight("/crew/?view=map", "crew"),
            "crew done": Sight("/crew/?show=done", "crew"),
            "crew after the last": Sight("/crew/?show=done&after=0", "crew"),
            "desk list": Sight("/crew/", "dispatcher"),
            "desk incident": Sight(f"/crew/{code}/", "dispatcher"),
            "desk incident overdue": Sight(f"/crew/{self.overdue()}/", "dispatcher"),
            "no crew": Sight("/crew/", "citizen"),
            "no planner": Sight("/planning/", "crew"),
        }

    def _studies(self) -> dict[str, Sight]:
        planner = self.viewer("planner")
        category = self.site.city.truth.hot_spots[0].category
        found = studies.create("hot-spots", planner, filters={"category": category})
        done, public = (self.run(lambda: runs.ask(found, planner)) for _ in range(2))
        runs.publish(public, planner)
        none = studies.create(
            "hot-spots", planner, filters={"since": "2001-01-01", "until": "2001-02-01"}
        )
        failed = self.run(lambda: runs.ask(none, planner))
        # A run without a job, so that it keeps waiting.
        waiting, stopped = (runs.prepare(found, planner) for _ in range(2))
        runs.cancel(stopped, planner)
        assert public.result is not None
        return {
            "planning": Sight("/planning/", "planner"),
            "question": Sight("/planning/new/hot-spots/", "planner"),
            "question refused": Sight("/planning/new/hot-spots/", "planner", acts.refused_question),
            "run waiting": Sight(f"/planning/runs/{waiting.pk}/", "planner"),
            "run stopped": Sight(f"/planning/runs/{stopped.pk}/", "planner"),
            "run failed": Sight(f"/planning/runs/{failed.pk}/", "planner"),
            "result": Sight(f"/planning/runs/{done.pk}/", "planner"),
            "result public": Sight(f"/planning/runs/{public.pk}/", "planner"),
            "home finding": Sight(f"/?layer={public.result.slug}"),
        }

    # ---- what is found or made for them ----

    def _ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.site.url + path,
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json"} if body else {},
        )
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return json.load(reply)

    def public(self, **wanted: str) -> str:
        """Return the number of the newest report that passes a filter."""
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        features = self._ask(f"/api/v1/reports/?limit=100&{query}")["features"]
        return str(next(f["id"] for f in features if "id" in f))

    def overdue(self) -> str:
        """Return the number of a report that should be done by now."""
        now = timezone.now().isoformat()
        features = self._ask("/api/v1/reports/?limit=100&phase=open&cat=roads")["features"]
        return str(next(f["id"] for f in features if (f["properties"]["promised"] or now) < now))

    def send(self, category: str) -> Sent:
        """Send a report from the middle of a zone."""
        place = self.site.city.zones[0].polygon.representative_point()
        body = {
            "category": category,
            "lon": place.x,
            "lat": place.y,
            "description": "Seen from the corner, since Friday",
            "client_uuid": str(uuid.uuid4()),
        }
        made = self._ask("/api/v1/reports/", body)
        return Sent(made["public_id"], made["receipt"])

    def close(self, code: str) -> None:
        """Take a report all the way, as a dispatcher."""
        for state in WAY[1:]:
            note = "Filled" if state == State.DONE else ""
            lifecycle.transition(code, state, self.viewer("dispatcher"), note=note)

    def viewer(self, role: str) -> Viewer:
        """Return the person of the demo who has a role."""
        return viewer_of(User.objects.get(email=self.site.accounts[role]["email"]))

    def token(self, code: str) -> str:
        """Ask for news of a report, and return what opens the pages about it."""
        followers.follow(code, f"{uuid.uuid4()}@example.org")
        return identifiers.follow_token(Follower.objects.latest("created_at").key)

    def run(self, ask: Callable[[], Run]) -> Run:
        """Have the worker carry out a run, and return it as it ended."""
        run = ask()
        end = time.monotonic() + RUN_S
        while run.state in {"queued", "running"} and time.monotonic() < end:
            time.sleep(0.2)
            run.refresh_from_db()
        return run
