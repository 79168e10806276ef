"""What the environment says: addresses, secrets, the database. Read once, by the settings."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

WEB_ROLE = "civicgrid_web"
PROJECT = Path(__file__).resolve().parent.parent
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class ConfigurationError(Exception):
    """A setting is missing or wrong; the message names it and the remedy."""


def state_folder() -> Path:
    """Folder of everything that this installation makes: secrets, logs, caches."""
    return Path(os.environ.get("CIVICGRID_STATE", PROJECT / ".state"))


def secret(name: str) -> str:
    """Return the secret `name`, generated on first use into a file with mode 0600.

    The environment variable ``CIVICGRID_<NAME>`` comes first.
    """
    if value := os.environ.get(f"CIVICGRID_{name.upper()}"):
        return value
    folder = state_folder() / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        value = secrets.token_urlsafe(48)
        file.write(value)
    return value


@dataclass(frozen=True)
class Address:
    """The public address of the site and what follows from it."""

    url: str
    host: str
    is_production: bool


def site_address() -> Address:
    """Parse ``CIVICGRID_URL``; https switches production on.

    Raises
    ------
    ConfigurationError
        For anything but an http or https address with a host.
    """
    url = os.environ.get("CIVICGRID_URL", "http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"CIVICGRID_URL is {url!r}; give an address such as https://reports.example.org"
        raise ConfigurationError(message)
    return Address(url=url, host=parts.hostname, is_production=parts.scheme == "https")


MAIL_TIMEOUT_S = 20
MAIL_SCHEMES = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


def mail() -> dict[str, Any]:
    """Django's settings for sending mail, from ``CIVICGRID_SMTP``; empty when it is not set.

    ``smtp://user:password@host`` upgrades the connection by STARTTLS, ``smtps://`` is encrypted
    from the first byte, ``smtp+plain://`` is for a relay on the same machine.

    Raises
    ------
    ConfigurationError
        For anything else.
    """
    url = os.environ.get("CIVICGRID_SMTP", "")
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname:
        message = "CIVICGRID_SMTP is not an address such as smtp://user:password@mail.example.org"
        raise ConfigurationError(message)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or MAIL_SCHEMES[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": MAIL_TIMEOUT_S,
    }


def database(role: Literal["owner", "web"], options: dict[str, Any]) -> dict[str, Any]:
    """Django's database entry for one of the two roles.

    ``DATABASE_URL`` is the owner's; pages and jobs use the same address as ``civicgrid_web``.

    Raises
    ------
    ConfigurationError
        When ``DATABASE_URL`` is missing or is not a PostgreSQL address.
    """
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith(("postgresql://", "postgres://")):
        message = (
            "DATABASE_URL is not set to a postgresql:// address. script/server and script/test "
            "set it for the private cluster; script/database prints it."
        )
        raise ConfigurationError(message)
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    entry = {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        # Only the cursors of `layers.statements.cursor_for` prepare what they run.
        "OPTIONS": {**parts, "prepare_threshold": 2, **options},
    }
    if role == "web":
        entry |= {"USER": WEB_ROLE, "PASSWORD": secret("web_password")}
    return entry
