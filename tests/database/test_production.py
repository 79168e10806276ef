"""An https address switches production on; each case is a process of its own."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from geo.environment import PROJECT
from tests.conftest import database_url

ADDRESS = "https://reports.example.org"
ASK = """
import json
from django.conf import settings
names = ("DEBUG ALLOWED_HOSTS SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_HTTPONLY "
         "SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS SECURE_HSTS_INCLUDE_SUBDOMAINS").split()
print(json.dumps({name: getattr(settings, name) for name in names}))
"""
FETCH = """
import django; django.setup()
from django.test import Client
client = Client(headers={"Host": "reports.example.org"})
plain = client.get("/health/")
print(plain.status_code, plain["Location"])
secure = client.get("/health/", secure=True)
print(secure.status_code, secure["Strict-Transport-Security"])
print(Client(headers={"Host": "evil.example"}).get("/health/", secure=True).status_code)
"""


def database() -> dict[str, str]:
    """Return what leads a process to this run's database, as the pages reach it."""
    password = str(connection.settings_dict["PASSWORD"])
    return {"DATABASE_URL": database_url(), "CIVICGRID_WEB_PASSWORD": password}


def run(*arguments: str, state: Path, url: str = ADDRESS, **environment: str):
    inherited = {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={
            **inherited,
            "DJANGO_SETTINGS_MODULE": "geo.settings",
            "CIVICGRID_URL": url,
            "CIVICGRID_STATE": str(state),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_deployment_check_has_nothing_to_say(tmp_path):
    checked = run("manage.py", "check", "--deploy", "--fail-level", "INFO", state=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


def test_cookies_redirect_and_hsts_follow_the_address(tmp_path):
    settings = run("-c", ASK, state=tmp_path).stdout
    assert '"DEBUG": false' in settings
    assert f'"ALLOWED_HOSTS": ["{ADDRESS.removeprefix("https://")}"]' in settings
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY"):
        assert f'"{name}": true' in settings
    assert '"SECURE_SSL_REDIRECT": true' in settings
    assert '"SECURE_HSTS_SECONDS": 31536000' in settings


def test_proxies_may_be_listed_with_blanks(tmp_path):
    ask = "from django.conf import settings; print(settings.TRUSTED_PROXIES)"
    listed = run("-c", ask, state=tmp_path, CIVICGRID_TRUSTED_PROXIES="192.0.2.1, 192.0.2.2,")
    assert listed.stdout.strip() == "['192.0.2.1', '192.0.2.2']"


def test_a_local_http_address_needs_no_certificate(tmp_path):
    settings = run("-c", ASK, state=tmp_path, url="http://127.0.0.1:8000").stdout
    assert '"SECURE_SSL_REDIRECT": false' in settings
    assert '"SECURE_HSTS_SECONDS": 0' in settings
    assert '"DEBUG": false' in settings


@pytest.mark.django_db(transaction=True)
def test_plain_http_is_led_to_https_and_other_hosts_are_refused(tmp_path):
    fetched = run("-c", FETCH, state=tmp_path, **database())
    assert fetched.stdout.splitlines() == [
        f"301 {ADDRESS}/health/",
        "200 max-age=31536000; includeSubDomains; preload",
        "400",
    ], fetched.stderr


@pytest.mark.django_db(transaction=True)
def test_no_receipt_reaches_the_log(tmp_path):
    ask = (
        "import django; django.setup(); from django.test import Client; "
        "Client().post('/r/0123456789abcdefghjkmnpq/', headers={'Host': 'localhost'})"
    )
    logged = run("-c", ask, state=tmp_path, url="http://localhost:8000", **database()).stderr
    assert "Method Not Allowed" in logged
    assert "/r/…/" in logged
    assert "0123456789" not in logged


def test_secrets_are_made_on_the_first_run_and_kept(tmp_path):
    run("-c", "import geo.settings", state=tmp_path)
    folder = tmp_path / "secrets"
    files = {path.name: path for path in folder.iterdir()}
    assert set(files) == {"secret_key", "web_password"}
    first = {name: path.read_text() for name, path in files.items()}
    for path in files.values():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(path.read_text()) >= 50
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    run("-c", "import geo.settings", state=tmp_path)
    assert {name: path.read_text() for name, path in files.items()} == first


def test_the_demo_city_stays_away_from_production(tmp_path):
    web = {"CIVICGRID_WEB_PASSWORD": str(connection.settings_dict["PASSWORD"])}
    refused = run("manage.py", "load_demo", state=tmp_path, **web)
    assert refused.returncode == 3
    assert "The demo city is for trying things out" in refused.stderr


@pytest.mark.parametrize("url", ["reports.example.org", "ftp://reports.example.org", "https://"])
def test_an_address_that_is_none_stops_the_start_and_is_named(tmp_path, url):
    refused = run("manage.py", "check", state=tmp_path, url=url)
    assert refused.returncode != 0
    assert re.search(r"CIVICGRID_URL is '.*'; give an address such as https://", refused.stderr)


@pytest.mark.parametrize("url", ["", "mysql://localhost/civicgrid"])
def test_a_missing_database_address_names_the_remedy(tmp_path, url):
    refused = run("manage.py", "check", state=tmp_path, DATABASE_URL=url)
    assert refused.returncode != 0
    assert "script/database prints it" in refused.stderr
