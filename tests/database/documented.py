"""The commands of `docs/import-your-city.md`, run as they stand there: the two cannot drift."""

import io
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest_django
from django.core.management import call_command
from django.db import connection, transaction

from geo.base_data import load_base
from geo.environment import PROJECT

DOCUMENT = PROJECT / "docs/import-your-city.md"
# Stands in for the document's own: tells the words that the shell has made of each line.
MANAGE = """manage() { printf '%s\\0' "$#" "$@"; }\n"""


def commands(heading: str, data: Path) -> list[list[str]]:
    """Return the words of each ``manage`` line below a heading, as the shell expands them."""
    text = DOCUMENT.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = "".join(block for block in blocks if block.startswith("manage "))
    shown = subprocess.run(
        ["bash", "-euc", MANAGE + lines], env={"DATA": str(data)}, capture_output=True, check=True
    )
    words = iter(shown.stdout.decode().split("\0")[:-1])
    return [[next(words) for _ in range(int(count))] for count in words]


@contextmanager
def city_of(
    heading: str, data: Path, blocker: pytest_django.DjangoDbBlocker
) -> Iterator[dict[str, list[str]]]:
    """Bring a city in and take it out again; what each line said, by its first words.

    A line is known by its command and what it is about: ``import_areas ward``, ``study trend``.
    """
    with blocker.unblock(), transaction.atomic():
        load_base()
        said = {}
        for words in commands(heading, data):
            out = io.StringIO()
            call_command(*words, stdout=out)
            said[_name(words)] = out.getvalue().splitlines()
        # Once here: left to the end of each test, every foreign key would be looked up every time.
        connection.check_constraints()
        yield said
        transaction.set_rollback(True)


def _name(words: list[str]) -> str:
    for option in ("--kind", "--slug"):
        if option in words:
            return f"{words[0]} {words[words.index(option) + 1]}"
    return " ".join(words[:2]) if words[0] == "study" else words[0]
