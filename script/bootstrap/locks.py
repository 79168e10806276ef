"""The lock files: written by `script/lock`, and checked to hold hashes and no address."""

import argparse
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bootstrap.environment import search_path
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
    found = []
    texts = {name: (root / "requirements" / f"{name}.txt").read_text() for name in REQUIREMENTS}
    for name, text in texts.items():
        for entry in re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE)):
            if entry.strip() and not (PIN.match(entry) and "--hash=sha256:" in entry):
                found.append(f"requirements/{name}.txt: {entry.split()[0]} has no pin with a hash.")
    npm = (root / "package-lock.json").read_text()
    for path, text in {"package-lock.json": npm, **_named(texts)}.items():
        if "://" in text:
            found.append(f"{path} names an address of a host.")
    for path, package in json.loads(npm)["packages"].items():
        if path and "integrity" not in package:
            found.append(f"package-lock.json: {path} has no integrity hash.")
    for pin in sorted(pins(texts["base"]) - pins(texts["dev"])):
        found.append(f"requirements/dev.txt does not hold {pin} of base.txt.")
    return found


def _named(texts: dict[str, str]) -> dict[str, str]:
    return {f"requirements/{name}.txt": text for name, text in texts.items()}


def _write(place: Place, upgrade: list[str]) -> None:
    folder = place.root / "requirements"
    log = place.logs / "lock.log"
    remedy = "The network is needed, and script/test once before (it installs uv)."
    for name, constraint in REQUIREMENTS.items():
        limits = ["--constraint", folder / f"{constraint}.txt"] if constraint else []
        with step(f"Locking requirements/{name}.txt"):
            uv: list[str | Path] = [place.venv / "bin" / "uv", "pip", "compile", "--quiet"]
            shape = ["--universal", "--generate-hashes", "--python-version=3.11", "--no-header"]
            silent = ["--no-emit-index-url", "--no-emit-find-links"]
            files = [folder / f"{name}.in", "--output-file", folder / f"{name}.txt"]
            argv = [*uv, *shape, *silent, *limits, *upgrade, *files]
            run(argv, log=log, cwd=place.root, remedy=remedy)
    with step("Locking package-lock.json"):
        npm = ["npm", "update" if upgrade else "install", "--package-lock-only"]
        env = os.environ | {"PATH": search_path(place)}
        run([*npm, "--ignore-scripts"], log=log, cwd=place.root, env=env, remedy=remedy)
        path = place.root / "package-lock.json"
        lock = without_addresses(json.loads(path.read_text()))
        path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
