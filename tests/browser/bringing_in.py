"""The pages that bring a city's places and reports in, and their states, by name."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import geopandas as gpd
from django.utils import timezone
from playwright.sync_api import Page, expect

from layers import jobs
from layers.access import Viewer
from layers.importing import asked as places
from layers.importing import undo, uploads
from layers.importing.asked import Asked
from layers.importing.load import Provenance
from layers.importing.reading import Options
from layers.importing.uploads import StoredFile
from layers.models import Dataset, ImportJob, Upload
from layers.sync.models import SyncRun
from reports.importing import asked as reports
from reports.models import ReportImport
from tests.browser.acts import Act
from tests.browser.conftest import Site
from tests.browser.sight import Sight

MAPPING = """
source = "seen-calls"
key = "ID"
precision = "exact"

[time]
opened = "OPENED"
format = "%Y-%m-%d %H:%M:%S"
zone = "Europe/Dublin"

[place]
longitude = "LON"
latitude = "LAT"

[category]
column = "TYPE"
values = {Pothole = "pothole"}

[state]
column = "STATUS"
values = {Open = "accepted"}
"""
CHOICES = {
    "key": "ID",
    "opened": "OPENED",
    "longitude": "LON",
    "latitude": "LAT",
    "category": "TYPE",
    "state": "STATUS",
}


def bringing_in(site: Site, administrator: Viewer) -> dict[str, Sight]:
    """Return each page and state, by name; what jobs show is done here."""
    made = _Made(site, administrator)
    layers, calls = "/layers/import/", "/reports/import/"
    seen = {
        "import list": Sight(layers),
        "import file": Sight(layers, act=_send("parks.geojson", _parks(site))),
        "import file astray": Sight(layers, act=_send("parks.geojson", _parks(site, metres=True))),
        "import file refused": Sight(layers, act=_send_page_of_errors),
        "import without terms": Sight(layers, act=_ask_without_terms(_parks(site))),
        "import waiting": Sight(f"{layers}{made.waiting()}/"),
        "import done": Sight(f"{layers}{made.done()}/"),
        "import undone": Sight(f"{layers}{made.undone()}/"),
        "import failed": Sight(f"{layers}{made.failed()}/"),
        "reports import list": Sight(calls),
        "reports import file": Sight(calls, act=_send("calls.csv", _calls(site))),
        "reports import values": Sight(calls, act=_map_calls(_calls(site))),
        "reports import trial": Sight(f"{calls}{made.trial()}/"),
        "reports import failed": Sight(f"{calls}{made.calls_failed()}/"),
        "sources": Sight("/sources/"),
    }
    made.sources()
    return {name: Sight(one.address, "administrator", one.act) for name, one in seen.items()}


# ---- files ----


def _parks(site: Site, *, metres: bool = False) -> bytes:
    """Return areas as GeoJSON; in metres they claim to be longitude and latitude."""
    zones = gpd.GeoDataFrame(
        {"name": [f"Park {n}" for n, _ in enumerate(site.city.zones, 1)]},
        geometry=[zone.polygon.buffer(-0.001) for zone in site.city.zones],
        crs=4326,
    )
    placed = zones.to_crs(zones.estimate_utm_crs()) if metres else zones
    document = json.loads(placed.to_json(drop_id=True))
    document.pop("crs", None)
    return json.dumps(document).encode()


def _calls(site: Site) -> bytes:
    """Return calls as CSV: two in three stand at one point, some are of no known kind."""
    place = site.city.zones[0].polygon.representative_point()
    lines = ["ID,TYPE,STATUS,OPENED,LON,LAT"]
    for number in range(1, 31):
        lon = place.x + number / 1e5 if number % 3 == 0 else place.x
        kind = "Pothole" if number % 2 else "Noise at night"
        day = f"2025-01-{number:02}" if number != 7 else "7 January"
        lines.append(f"{number},{kind},Open,{day} 12:30:00,{lon:.6f},{place.y:.6f}")
    return "\n".join(lines).encode()


# ---- acts ----


def _send(name: str, content: bytes, then: str = "#found, #columns, form#import, main form") -> Act:
    def act(page: Page) -> None:
        _choose(page, name, content)
        page.wait_for_url("**/files/**")
        expect(page.locator(then).first).to_be_visible()
        page.wait_for_load_state("networkidle")

    return act


def _choose(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )
    page.locator("main form button[type=submit]").first.click()


def _send_page_of_errors(page: Page) -> None:
    _choose(page, "streets.geojson", b"<!doctype html><title>502</title><p>Bad gateway")
    expect(page.locator("#form-errors")).to_be_visible()


def _ask_without_terms(content: bytes) -> Act:
    def act(page: Page) -> None:
        _send("parks.geojson", content)(page)
        page.locator("button[form=import]").click()
        expect(page.locator("#form-errors")).to_be_visible()

    return act


def _map_calls(content: bytes) -> Act:
    def act(page: Page) -> None:
        _send("calls.csv", content)(page)
        for name, column in CHOICES.items():
            page.locator(f"select[name={name}]").select_option(column)
        page.locator("button[name=look]").first.click()
        expect(page.locator("select[name=category-0]")).to_be_visible()

    return act


# ---- jobs ----


class _Made:
    """Makes jobs of each end, by the verbs that a worker calls: the demo's own door is shut."""

    def __init__(self, site: Site, administrator: Viewer) -> None:
        self._site, self._who = site, administrator

    def _job(self, name: str, content: bytes, title: str) -> ImportJob:
        wanted = Asked(
            target=ImportJob.Target.LAYER,
            options=Options(),
            provenance=Provenance("Office of parks", "CC0-1.0", "Office of parks"),
            slug=title.lower(),
            title=title,
            audience=Dataset.Audience.PUBLIC,
        )
        return ImportJob.objects.create(
            upload=self._upload(name, content),
            target=wanted.target,
            file_name=name,
            asked=asdict(wanted),
            asked_by_id=self._who.user_id,
        )

    def _upload(self, name: str, content: bytes) -> Upload:
        key = uuid4()
        folder = uploads.folder_of(key)
        folder.mkdir(parents=True)
        path: Path = folder / name
        path.write_bytes(content)
        file = StoredFile(key, path, len(content), has_room=True)
        return uploads.keep([file], self._who.user_id)

    def waiting(self) -> int:
        return int(self._job("meadows.geojson", _parks(self._site), "Meadows").pk)

    def done(self) -> int:
        return self._ended(self._job("gardens.geojson", _parks(self._site), "Gardens"))

    def undone(self) -> int:
        key = self._ended(self._job("squares.geojson", _parks(self._site), "Squares"))
        undo.undo("layer:squares")
        return key

    def failed(self) -> int:
        astray = _parks(self._site, metres=True)
        return self._ended(self._job("banks.geojson", astray, "Banks"))

    def _ended(self, job: ImportJob) -> int:
        places.execute(job.pk)
        job.refresh_from_db()
        assert not job.is_under_way()
        return int(job.pk)

    def trial(self) -> int:
        return self._calls_ended("calls.csv", is_trial=True)

    def calls_failed(self) -> int:
        return self._calls_ended("lost.csv", is_trial=False)

    def _calls_ended(self, name: str, *, is_trial: bool) -> int:
        content = _calls(self._site) if is_trial else b"NUMBER,KIND\n1,Pothole\n"
        job = ReportImport.objects.create(
            upload=self._upload(name, content),
            source="seen-calls",
            files=[name],
            mapping=MAPPING,
            is_trial=is_trial,
            asked_by_id=self._who.user_id,
        )
        reports.execute(job.pk)
        job.refresh_from_db()
        assert not job.is_under_way()
        return int(job.pk)

    def sources(self) -> None:
        """Leave a source that brought something, one that failed, one not run, one broken."""
        now = timezone.now()
        runs: Sequence[dict[str, Any]] = (
            {
                "source": "lamps",
                "state": jobs.Job.State.SUCCEEDED,
                "came": 1204,
                "added": 12,
                "changed": 3,
            }
            | {"unchanged": 1189, "vanished": 2, "notes": ["2 lamps are no longer in the source."]},
            {"source": "wards", "state": jobs.Job.State.FAILED}
            | {"error": "wards-2025.geojson is empty. Fetch it again."},
        )
        for run in runs:
            SyncRun.objects.create(**run, started_at=now, finished_at=now)
        folder = self._site.sources
        (folder / "drop").mkdir(exist_ok=True)
        for name, title in {"lamps": "Street lamps", "wards": "Wards", "trees": "Trees"}.items():
            (folder / f"{name}.toml").write_text(
                f'kind = "folder"\ntitle = "{title}"\nevery = "never"\nfolder = "drop"\n'
                f'[[files]]\nmatch = "{name}*.geojson"\n'
                f'command = "import_layer {{file}} --slug {name}"\n'
            )
        (folder / "broken.toml").write_text('kind = "carrier-pigeon"\n')
