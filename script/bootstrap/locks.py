"""The lock files: written by `script/lock`, and checked to hold hashes and no address."""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bootstrap.environment import node_environment
from bootstrap.place import Place, here
from bootstrap.steps import SetupError, run, say, step

# A later file is resolved under the pins of an earlier one, so that they agree.
REQUIREMENTS = {"base": None, "dev": "base", "node": None}
PIN = re.compile(r"^[\w.\[\]-]+==\S+")
OF_NO_USE = ("resolved", "funding")


def main(arguments: Sequence[str]) -> int:
    """Write every lock file anew; with `--check` only look at them."""
    parser = argparse.ArgumentParser(
        prog="script/lock", description="Write the lock files from *.in and package.json."
    )
    parser.add_argument("--check", action="store_true", help="only check what is there")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    options = parser.parse_args(arguments)
    place = here()
    if not options.check:
        place.prepare()
        _write(place, ["--upgrade"] if options.upgrade else [])
    if found := problems(place.root):
        raise SetupError("\n".join([*found, "Run script/lock to write the lock files anew."]))
    say("The lock files hold hashes and no address.")
    return 0


def without_addresses(lock: Any) -> Any:
    """Return a copy of npm's lock without the members that name hosts and serve no install."""
    if isinstance(lock, dict):
        return {
            name: without_addresses(value) for name, value in lock.items() if name not in OF_NO_USE
        }
    return [without_addresses(each) for each in lock] if isinstance(lock, list) else lock


def pins(text: str) -> set[str]:
    """Return every `name==version` of a requirements file; a name may stand for two Pythons."""
    found = (PIN.match(line) for line in text.splitlines())
    return {match[0] for match in found if match}


def problems(root: Path) -> list[str]:
    """Return a sentence for everything in the lock files that should not be so."""
    paths = {name: f"requirements/{name}.txt" for name in REQUIREMENTS}
    texts = {name: (root / path).read_text() for name, path in paths.items()}
    npm = (root / "package-lock.json").read_text()
    files = {"package-lock.json": npm} | {paths[name]: text for name, text in texts.items()}
    unhashed = [
        f"{paths[name]}: {entry} has no pin with a hash."
        for name, text in texts.items()
        for entry in unhashed_requirements(text)
    ]
    return [
        *unhashed,
        *(f"{path} names an address of a host." for path, text in files.items() if "://" in text),
        *(f"package-lock.json: {path} has no hash." for path in unhashed_packages(npm)),
        *(
            f"{paths['dev']} does not hold {pin} of {paths['base']}."
            for pin in sorted(pins(texts["base"]) - pins(texts["dev"]))
        ),
    ]


def unhashed_requirements(text: str) -> list[str]:
    """Return the entries of a requirements file that are not a pin with a hash."""
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE))
    return [
        entry.split()[0]
        for entry in entries
        if entry.strip() and not (PIN.match(entry) and "--hash=sha256:" in entry)
    ]


def unhashed_packages(lock: str) -> list[str]:
    """Return the packages of npm's lock, the project itself left out, without a hash."""
    packages = json.loads(lock)["packages"]
    return [path for path, package in packages.items() if path and "integrity" not in package]


def _write(place: Place, upgrade: list[str]) -> None:
    log = place.logs / "lock.log"
    remedy = "The network is needed, and script/test once before (it installs uv)."
    for name, constraint in REQUIREMENTS.items():
        limits = ["--constraint", f"requirements/{constraint}.txt"] if constraint else []
        with step(f"Locking requirements/{name}.txt"):
            uv = [str(place.venv / "bin" / "uv"), "pip", "compile", "--quiet"]
            shape = ["--universal", "--generate-hashes", "--python-version=3.11", "--no-header"]
            silent = ["--no-emit-index-url", "--no-emit-find-links"]
            stem = f"requirements/{name}"
            files = [f"{stem}.in", "--output-file", f"{stem}.txt"]
            argv = [*uv, *shape, *silent, *limits, *upgrade, *files]
            run(argv, log=log, cwd=place.root, remedy=remedy)
    with step("Locking package-lock.json"):
        npm = ["npm", "update" if upgrade else "install", "--package-lock-only"]
        env = node_environment(place)
        run([*npm, "--ignore-scripts"], log=log, cwd=place.root, env=env, remedy=remedy)
        path = place.root / "package-lock.json"
        lock = without_addresses(json.loads(path.read_text()))
        path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
