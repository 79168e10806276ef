"""Python and front-end packages, from the lock files, into the clone."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bootstrap.place import Place
from bootstrap.steps import run, step

NODE_MAJOR = 22
REMEDY = "Check the network and that the package registry answers, then run this again."


def install_python_packages(place: Place, *, development: bool) -> None:
    """Bring `.venv` to the state of the lock file; nothing happens when it is there already."""
    if not is_usable(place):
        with step("Making a virtual environment"):
            run(
                [sys.executable, "-m", "venv", "--clear", place.venv],
                log=place.logs / "venv.log",
                remedy="Python's venv and ensurepip are needed for it.",
            )
            _remember(place, {"root": str(place.root)})
    # What the checks need contains what the service needs.
    names = ("base", "dev") if development else ("base",)
    _install_locked(place, names, "Installing Python packages")


def install_front_end_packages(place: Place) -> None:
    """Bring `node_modules` to the state of the lock file, with Node.js from PyPI if need be."""
    if system_node() is None:
        _install_locked(place, ("node",), "Installing Node.js")
    stamp = place.root / "node_modules" / ".civicgrid"
    wanted = _digest(place.root / "package.json", place.root / "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with step("Installing front-end packages"):
        run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            log=place.logs / "npm.log",
            cwd=place.root,
            env=node_environment(place),
            remedy=REMEDY,
        )
        stamp.write_text(wanted)


def system_node() -> Path | None:
    """Return the folder of the machine's own Node.js where it is new enough and has npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = re.match(r"v(\d+)\.", done.stdout)
    return Path(node).parent if major and int(major[1]) >= NODE_MAJOR else None


def search_path(place: Place) -> str:
    """Return the PATH of everything that is started here: the clone's own programs come first."""
    return os.pathsep.join([str(place.venv / "bin"), os.environ.get("PATH", os.defpath)])


def node_environment(place: Place) -> dict[str, str]:
    """Return the environment of npm, which is to trust whom the machine trusts.

    Node.js brings certificates of its own; a network may have added one to the machine's.
    """
    machine = Path("/etc/ssl/certs/ca-certificates.crt")
    added = {"NODE_EXTRA_CA_CERTS": str(machine)} if machine.exists() else {}
    return {**added, **os.environ, "PATH": search_path(place)}


def numba_cache(place: Place) -> Path:
    """Return the folder of compiled kernels for this source and these versions.

    Numba's own cache looks at the file of a function alone and misses a change in what it calls.
    """
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    lock = (place.root / "requirements" / "dev.txt").read_text()
    for pin in re.findall(r"^(?:numba|numpy|llvmlite)==\S+", lock, re.MULTILINE):
        digest.update(pin.encode())
    for source in sorted((place.root / "planning").rglob("*.py")):
        digest.update(str(source.relative_to(place.root)).encode() + source.read_bytes())
    return place.state / "numba" / digest.hexdigest()[:16]


def is_usable(place: Place) -> bool:
    """Tell whether `.venv` can be used as it is."""
    # The programs in it name its place, so that a clone that was moved wants a new one.
    if _memory(place).get("root", str(place.root)) != str(place.root):
        return False
    try:
        done = subprocess.run(
            [place.python, "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _install_locked(place: Place, names: tuple[str, ...], title: str) -> None:
    files = {name: place.root / "requirements" / f"{name}.txt" for name in names}
    wanted = {name: _digest(path) for name, path in files.items()}
    if wanted.items() <= _memory(place).items():
        return
    pip = [str(place.python), "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    with step(title):
        run(
            [*pip, "--require-hashes", "--only-binary=:all:", "-r", str(files[names[-1]])],
            log=place.logs / f"pip-{names[-1]}.log",
            cwd=place.root,
            remedy=REMEDY,
        )
        _remember(place, wanted)


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _memory(place: Place) -> dict[str, str]:
    path = place.venv / "civicgrid.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return known


def _remember(place: Place, facts: dict[str, str]) -> None:
    path = place.venv / "civicgrid.json"
    path.write_text(json.dumps(_memory(place) | facts))
