"""A real server with real workers on a real database, and Chromium in front of it.

The demo city is loaded once; stories add to it. Every page fails its test on a request to another
host, on a console error and on a script's fault.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from fixtures.city import DemoCity
from geo import demo
from tests.conftest import database_url, empty_database, owner_connection

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_SECONDS = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Site:
    """The running site and its processes, how to sign in to it, and the city that it shows."""

    url: str
    accounts: dict[str, dict[str, str]]
    city: DemoCity
    running: dict[str, subprocess.Popen[bytes]]
    sources: Path
    """Where the files of its sources lie."""

    @contextmanager
    def held(self, worker: str) -> Iterator[None]:
        """Hold a worker where it is, so that what is asked of it waits in the queue."""
        process = self.running[worker]
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def sign_in(self, page: Page, role: str) -> None:
        # All come from one address, and a fast machine signs in more often than that may.
        with owner_connection() as owner:
            owner.execute("DELETE FROM layers_ratecount WHERE key LIKE 'sign-in%'")
        account = self.accounts[role]
        page.goto(f"{self.url}/sign-in/")
        # By name: the words are in the reader's language.
        page.locator("input[name=username]").fill(account["email"])
        page.locator("input[name=password]").fill(account["password"])
        page.locator("main form button[type=submit]").click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{url}/health/", timeout=10):  # noqa: S310
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    pytest.fail(f"The server did not answer:\n{log.read_text()[-2000:]}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the stories: they need the test database, which is made for tests that say so."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db)


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """Open no transaction: the mark asks for the database, and the stories use it as people do."""


@pytest.fixture(scope="session")
def site(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        empty_database()
        patch.setattr(settings, "STATE_DIR", folder)
        city = demo.usual_city(reports=2000)
        demo.load_demo(city)
        accounts = json.loads((folder / "secrets" / demo.ACCOUNTS_FILE).read_text())
        address = database_url()
    call_command("collectstatic", interactive=False, verbosity=0)
    url = f"http://127.0.0.1:{_free_port()}"
    sources = tmp_path_factory.mktemp("sources")
    env = os.environ | {
        "DATABASE_URL": address,
        "CIVICGRID_URL": url,
        "CIVICGRID_DB_ROLE": "web",
        "CIVICGRID_SYNC": str(sources),
        # All stories come from one address.
        "CIVICGRID_REPORT_TRIES": "1000",
    }
    commands = {
        "web": [
            *("-m", "gunicorn", "geo.wsgi", "--bind", urlsplit(url).netloc),
            *("--threads", "4", "--no-control-socket"),
        ],
        "quick": ["manage.py", "run_worker", "quick"],
        "study": ["manage.py", "run_worker", "study"],
    }
    running = {}
    for name, command in commands.items():
        with (folder / f"{name}.log").open("wb") as log:
            running[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=settings.BASE_DIR,
                env=env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
    try:
        _wait_for(url, running["web"], folder / "web.log")
        yield Site(url, {account["role"]: account for account in accounts}, city, running, sources)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait(timeout=10)
        with django_db_blocker.unblock():
            connection.close()
            empty_database()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@dataclass
class Watch:
    """What went wrong on any page of a test."""

    host: str
    faults: list[str] = field(default_factory=list)

    def on(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda e: self.faults.append(f"script: {e.error}"))

    def _console(self, message) -> None:
        # Chromium logs every refused form by itself; the page that it shows is the answer.
        is_refused_form = "status of 422" in message.text
        if message.type == "error" and not is_refused_form:
            self.faults.append(f"console: {message.text}")

    def _request(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.host:
            self.faults.append(f"another host: {request.url}")


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    watching = Watch(urlsplit(site.url).netloc)
    yield watching
    assert not watching.faults


def open_context(browser: Browser, watch: Watch, **options: object) -> BrowserContext:
    """Open a browser window of its own, watched."""
    context = browser.new_context(**options)
    context.set_default_timeout(15_000)
    watch.on(context)
    return context


IN_EVERY_LANGUAGE = pytest.mark.parametrize(
    "language",
    [
        pytest.param(code, marks=[] if code == settings.LANGUAGE_CODE else pytest.mark.slow)
        for code, _name in settings.LANGUAGES
    ],
)
"""Marks a story that is told in the first language always, in the others where there is time."""


@pytest.fixture
def language() -> str:
    """The language of the browser; a story in several sets it by its parameter."""
    return settings.LANGUAGE_CODE


@dataclass(frozen=True)
class Words:
    """Says the words of a page in the language of its reader, as the catalogue has them."""

    language: str

    def __call__(self, text: str) -> str:
        with translation.override(self.language):
            return gettext(text)


@pytest.fixture
def words(language: str) -> Words:
    return Words(language)


@pytest.fixture
def phone(browser, watch, language) -> Iterator[Page]:
    context = open_context(browser, watch, viewport=PHONE, has_touch=True, locale=language)
    yield context.new_page()
    context.close()


@pytest.fixture
def desktop(browser, watch, language) -> Iterator[Page]:
    context = open_context(browser, watch, viewport=DESKTOP, locale=language)
    yield context.new_page()
    context.close()


@pytest.fixture
def no_script(browser, watch, language) -> Iterator[Page]:
    context = open_context(
        browser, watch, viewport=PHONE, java_script_enabled=False, locale=language
    )
    yield context.new_page()
    context.close()
