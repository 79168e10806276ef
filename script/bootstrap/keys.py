"""Keys and passwords that are generated on first run and stay in the state folder."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def read_or_make(path: Path) -> str:
    """Return the secret in `path`, which is written once, readable by its owner alone.

    The finished file is linked into place, so that of two first runs at the same time one wins and
    neither reads an empty secret.
    """
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        with suppress(FileExistsError):
            os.link(name, path)
        Path(name).unlink()
    return path.read_text().strip()


def make_all(folder: Path) -> None:
    """Write every secret that the site reads: its key and the passwords of the two roles."""
    for name in ("secret_key", "web_password", "owner_password"):
        read_or_make(folder / name)
