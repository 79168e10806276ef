"""What the operating system must have: found, installed by apt, or named for an administrator."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap.place import Place
from bootstrap.postgres import installed
from bootstrap.steps import SetupError, run

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Its wheel brings a Node.js, but not this library; a minimal Debian has none of it.
PLAYWRIGHT_LIBRARY = "libatomic.so.1"
POSTGRES_OF_RELEASE = {"bookworm": 15, "trixie": 17}

# The package would otherwise start a server of its own on port 5432, which nobody asked for.
CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")
NO_MAIN_CLUSTER = (
    f"test -e {CREATE_CLUSTER} || {{ mkdir -p {CREATE_CLUSTER.parent} && "
    f"echo 'create_main_cluster = false' > {CREATE_CLUSTER}; }}"
)


@dataclass(frozen=True)
class Need:
    """Something that neither PyPI nor npm can bring.

    Parameters
    ----------
    what : str
        Its name in a sentence.
    packages : tuple of str
        The Debian packages that bring it.
    """

    what: str
    packages: tuple[str, ...]


def missing(*, venv: bool, database: bool, browser: bool) -> list[Need]:
    """Return what this machine lacks for a `venv`, a private `database`, tests in a `browser`."""
    needs = []
    if venv and not importlib.util.find_spec("ensurepip"):
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        needs.append(Need("Python's venv", (f"{version}-venv",)))
    if database and not installed():
        needs.append(Need("PostgreSQL with PostGIS", postgis_packages(debian_release())))
    if browser and not chromium():
        needs.append(Need("Chromium", ("chromium",)))
    if browser and not _loads(PLAYWRIGHT_LIBRARY):
        needs.append(Need("the library of Playwright's driver", ("libatomic1",)))
    return needs


def _loads(library: str) -> bool:
    """Tell whether the system's loader finds a C library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def chromium() -> str:
    """Return the path of the machine's Chromium, or an empty string."""
    return next((path for path in map(shutil.which, BROWSERS) if path), "")


def debian_release() -> str:
    """Return the code name of the operating system's release, or an empty string."""
    path = Path("/etc/os-release")
    for line in path.read_text().splitlines() if path.exists() else ():
        name, _, value = line.partition("=")
        if name == "VERSION_CODENAME":
            return value.strip("\"' ")
    return ""


def postgis_packages(release: str) -> tuple[str, ...]:
    """Return PostGIS's packages in a Debian release; elsewhere those without a version."""
    major = POSTGRES_OF_RELEASE.get(release)
    if major is None:
        return ("postgresql", "postgresql-postgis")
    return (f"postgresql-{major}", f"postgresql-{major}-postgis-3")


def sentence(needs: Sequence[Need], script: str) -> str:
    """Return what someone without root's rights tells an administrator."""
    things = " and ".join(", ".join(need.what for need in needs).rsplit(", ", 1))
    verb = "is" if len(needs) == 1 else "are"
    return (
        f"{things} {verb} missing: ask an administrator to run "
        f"`apt-get install --no-install-recommends {' '.join(_names(needs))}`, "
        f"then run {script} again."
    )


def administrator(needs: Sequence[Need], script: str) -> list[str]:
    """Return what stands before a command to run it as root: nothing, or sudo.

    Raises
    ------
    SetupError
        Where this user may not, or there is no apt: the sentence for an administrator.
    """
    if shutil.which("apt-get"):
        if os.geteuid() == 0:
            return []
        if shutil.which("sudo"):
            done = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
            if done.returncode == 0:
                return ["sudo", "-n"]
    raise SetupError(sentence(needs, script))


def install(place: Place, needs: Sequence[Need], become: Sequence[str]) -> None:
    """Install what is missing by apt.

    Raises
    ------
    SetupError
        When apt fails.
    """
    if any("postgresql" in name for name in _names(needs)):
        _apt(place, [*become, "sh", "-c", NO_MAIN_CLUSTER])
    # An earlier run may have been interrupted inside dpkg.
    _apt(place, [*become, "dpkg", "--configure", "-a"])
    words = [*become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    get = [*words, "install", "-y", "-q", "--no-install-recommends", *_names(needs)]
    if any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        try:
            _apt(place, get)
        except SetupError:  # the lists of packages are too old
            pass
        else:
            return
    _apt(place, [*words, "update", "-q"])
    _apt(place, get)


def _apt(place: Place, argv: Sequence[str]) -> None:
    run(
        argv,
        log=place.logs / "apt.log",
        remedy="Check the network and the package sources in /etc/apt, then run this again.",
    )


def _names(needs: Iterable[Need]) -> list[str]:
    return [name for need in needs for name in need.packages]
