"""Reads a TOML file strictly: whatever is missing, wrong or unknown is said by its name."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from layers.errors import InvalidInput

REQUIRED: Any = object()


class Table:
    """A table of the file. Each value is taken once; `end` refuses what nobody took."""

    def __init__(self, path: Path, name: str, values: object) -> None:
        self.path = path
        self.name = name
        if not isinstance(values, dict):
            raise self.wrong("must be a table")
        self.values: dict[str, Any] = dict(values)

    def wrong(self, what: str) -> InvalidInput:
        """Return an error about this table."""
        return InvalidInput(f"{self.path.name}: {self.name} {what}.", field=self.name)

    def table(self, name: str) -> "Table":
        """Return the table of this name; an empty one where there is none."""
        return Table(self.path, name, self.values.pop(name, {}))

    def tables(self, name: str) -> list["Table"]:
        """Return the tables of an array ``[[name]]``."""
        values = self.values.pop(name, [])
        if not isinstance(values, list):
            raise self.wrong(f"needs {name} as [[{name}]]")
        return [Table(self.path, f"{name} {i}", value) for i, value in enumerate(values, start=1)]

    def text(self, name: str, default: str = REQUIRED) -> str:
        """Return a text."""
        value = self.values.pop(name, default)
        if not isinstance(value, str) or (not value and default is REQUIRED):
            raise self.wrong(f"needs {name} (a text)")
        return value

    def choice(self, name: str, allowed: Iterable[str], default: str = REQUIRED) -> str:
        """Return one of the texts that are allowed."""
        value = self.text(name, default)
        if value not in (names := list(allowed)):
            raise self.wrong(f"has {name} = {value!r}; choose one of {', '.join(names)}")
        return value

    def whole(self, name: str, default: int, least: int = 1) -> int:
        """Return a whole number that is not below `least`."""
        value = self.values.pop(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(f"has {name} = {value!r}; give a whole number from {least}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.values.pop(name, default)
        if not isinstance(value, bool):
            raise self.wrong(f"has {name} = {value!r}; give true or false")
        return value

    def texts(self) -> Mapping[str, str]:
        """Return every value of this table, all of which are texts."""
        return {name: self.text(name) for name in list(self.values)}

    def end(self) -> None:
        """Refuse what nobody asked for: a slip in a name would be ignored otherwise."""
        if self.values:
            raise self.wrong(f"has {', '.join(self.values)}, which means nothing here")


def read(path: Path, name: str) -> Table:
    """Return a file's uppermost table, called `name` in messages.

    Raises
    ------
    InvalidInput
        When it cannot be read or is no TOML.
    """
    try:
        return Table(path, name, tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} could not be read: {error}.", field=name) from error
