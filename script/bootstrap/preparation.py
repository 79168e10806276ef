"""What script/server and script/test have in common, up to a database that answers."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bootstrap import environment, keys, packages, shared
from bootstrap.place import Place
from bootstrap.steps import say, step


def install(place: Place, *, development: bool, script: str) -> None:
    """Install what is missing on the machine and in the clone, and make the secrets."""
    place.prepare()
    with _alone(place):
        needs = packages.missing(
            venv=not environment.is_usable(place),
            database=not own_database(),
            browser=development,
        )
        if needs:
            become = packages.administrator(needs, script)
            with step(f"Installing {', '.join(need.what for need in needs)}"):
                packages.install(place, needs, become)
        environment.install_python_packages(place, development=development)
        environment.install_front_end_packages(place)
        keys.make_all(place.secrets)


def own_database() -> str:
    """Return the address of the database that the user chose, or an empty string."""
    return os.environ.get("DATABASE_URL", "")


@contextmanager
def database(place: Place) -> Iterator[str]:
    """Yield the address of the user's database, or of the private one while it runs."""
    if chosen := own_database():
        say("Using the database of DATABASE_URL")
        yield chosen
        return
    password = keys.read_or_make(place.secrets / "owner_password")
    with ExitStack() as stack:
        with step("Starting the private database"):
            url = stack.enter_context(shared.running(place, password))
        yield url


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    with (place.state / "install.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with step("Waiting for another script of this clone that installs"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield
