"""Every door that is open to everybody, and what may be asked there about one report."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reports.intake import Submitted, submit
from reports.submission import Contact, NewReport
from tests.conftest import owner_connection
from tests.database.lived_in_city import HOME, LANE, LivedInCity
from tests.database.test_tiles import tile_of

K_OF = {"illegal-parking": 8, "theft": 20}
"""A kind of class P1 and one of P2."""
HIDDEN = "domestic-violence"
MASKED = (*K_OF, HIDDEN)
CONTACT = Contact("Ada Lovelace", "ada@example.org", "555-0199")
WORDS = "At the blue door"
FINEST = 22


@dataclass(frozen=True)
class Door:
    """Something that anybody can ask: an address with its query, and a header."""

    address: str
    fragment: str = ""


Place = tuple[float, float]


def tile(place: Place, zoom: int, query: str = "") -> Door:
    return Door("/tiles/reports/{}/{}/{}.mvt".format(*tile_of(*place, zoom)) + query)


def box(place: Place, side: float = 1e-5) -> str:
    """Return the box of about a metre around a place, as filters write it."""
    lon, lat = place
    return f"{lon - side / 2},{lat - side / 2},{lon + side / 2},{lat + side / 2}"


@dataclass(frozen=True)
class About:
    """The report that somebody wants to learn of."""

    category: str
    sent: Submitted
    shown: Place | None

    @property
    def at(self) -> Place:
        return self.shown or HOME


def list_doors(query: str) -> list[Door]:
    """Return every door that lists or draws reports, narrowed by a filter."""
    return [
        Door(f"/?{query}"),
        Door(f"/?{query}", "list"),
        Door(f"/api/v1/reports/?limit=100&{query}"),
        *(tile(HOME, zoom, f"?{query}") for zoom in (10, 13, 14, 18)),
    ]


def tile_doors(about: About) -> list[Door]:
    return [tile(place, zoom) for zoom in (10, 13, 14, 16, 18, 22) for place in (HOME, about.at)]


DOORS: Mapping[str, Callable[[About], list[Door]]] = {
    "home": lambda about: [
        Door("/"),
        Door("/", "list"),
        Door(f"/?selected={about.sent.public_id}", "chosen"),
        Door("/?near={},{}".format(*HOME)),
        Door("/?near={},{}".format(*HOME), "chosen"),
        Door(f"/?q={about.sent.public_id}", "list"),
        Door(f"/?q={LANE}", "list"),
    ],
    "tile": lambda about: [
        *tile_doors(about),
        Door("/tiles/catchments-8/12/2048/2047.mvt"),
        Door("/tiles/catchments-20/12/2048/2047.mvt"),
    ],
    "tile_json": lambda _: [Door("/tiles/reports.json"), Door("/tiles/catchments-8.json")],
    "public_report": lambda about: [Door(f"/reports/{about.sent.public_id}/")],
    "api_report": lambda about: [Door(f"/api/v1/reports/{about.sent.public_id}/")],
    "api_reports": lambda _: [Door("/api/v1/reports/?limit=100")],
    "api_privacy": lambda _: [Door("/api/v1/privacy/")],
    "privacy": lambda _: [Door("/privacy/")],
    "api_categories": lambda _: [Door("/api/v1/categories/")],
    "places": lambda about: [
        Door(f"/places/?q={about.sent.public_id}"),
        Door(f"/places/?q={about.sent.public_id[:9]}"),
        Door(f"/places/?q={WORDS.replace(' ', '+')}"),
    ],
    "report": lambda about: [Door(f"/report/?category={about.category}")],
    "similar": lambda about: [
        Door("/report/similar/?category={}&lon={}&lat={}".format(about.category, *HOME)),
        Door("/report/similar/?category=pothole&lon={}&lat={}".format(*HOME)),
    ],
}
TELLS_NOTHING = {
    "login logout set_language words theme health": "knows no report",
    "raster": "files of the city's own",
    "place_at": "reads streets, areas and addresses, which are public facts",
    "me_too verdict follow_report": "only takes; what it takes of whom is attack A8 below",
    "receipt own_verdict follow_own own_photo own_photo_small": "needs a receipt",
    "follow follow_stop": "needs a token that was mailed",
    "photo photo_small": "the class shows no photo: see test_permission_matrix",
    "report_photos report_photo report_photo_remove api_photos": "photos before they are sent",
    "crew crew_incident crew_step crew_photo": "for crews: see test_permission_matrix",
    "planning question run run_cancel run_again run_publish run_unpublish run_delete": "planners",
    "layers_import layers_import_file layers_import_sample": "administrators; their own files",
    "layers_import_job layers_import_progress layers_import_cancel": "administrators",
    "layers_import_again layers_import_undo sources source_run": "administrators",
    "reports_import reports_import_file reports_import_job reports_import_start": "administrators",
    "reports_import_progress reports_import_cancel": "administrators",
    "reports_import_mapping reports_import_rejects": "administrators; their own files",
    "run_map run_geojson run_progress": "planners; what they publish is attack A6 below",
}
RUNNING = 76_543_210
"""Where keys run from in a test that looks for them: no coordinate, time or count looks like it."""
LISTS = ("home", "tile", "api_reports")


def number_from(first: int) -> None:
    """Let the keys of reports, of their history and of their followers run from a number on."""
    with owner_connection() as owner:
        for name in ("reports_report", "reports_historyentry", "reports_follower"):
            owner.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [name, first])


def ask(client, door: Door) -> str:
    headers = {"X-Fragment": door.fragment} if door.fragment else {}
    response = client.get(door.address, headers=headers)
    assert response.status_code in {200, 404}, (door, response.content)
    text = response.content.decode(errors="replace")
    # What differs from one answer to the next: the forgery token, and a form's own key.
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)


def doors(about: About) -> Iterator[Door]:
    for asked in DOORS.values():
        yield from asked(about)


def secret(category: str, **values) -> NewReport:
    return NewReport(category, HOME, WORDS, CONTACT, **values)


def told_of(lived_in: LivedInCity, category: str, **values) -> About:
    k = K_OF.get(category)
    sent = submit(secret(category, **values))
    return About(category, sent, lived_in.shown(k) if k else None)
