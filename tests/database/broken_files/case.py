"""What is known of a broken file: how it is made, which door it is given to, what is then said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Maker = Callable[[Path], Path | str]
"""Writes a file (and what belongs to it) into an empty folder; returns what is given."""


@dataclass(frozen=True)
class Case:
    """A file, and the sentence that is expected."""

    name: str
    make: Maker
    door: str
    says: str
    """The whole message; ``{folder}`` stands for the folder of the file."""
    options: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    in_boston: bool = False
    """Whether the installation knows a city when the file comes."""
    rows_in: int | None = None
    """None: the file is refused. Else it comes in with so many rows, and this is found."""


CASES: list[Case] = []
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "import_layer": {"slug": "it", "title": "It"},
    "import_areas": {"kind": "ward"},
    "import_streets": {},
    "import_assets": {"kind": "hydrant"},
    "import_addresses": {"street": "street", "number": "number"},
    "import_osm": {},
    "import_raster": {"slug": "it"},
    "import_reports": {"mapping": "{folder}/m.toml"},
}
"""``{folder}`` stands for the folder of the file."""


def refused(
    says: str,
    door: str = "import_layer",
    *,
    settings: Mapping[str, Any] | None = None,
    in_boston: bool = False,
    **options: Any,
) -> Callable[[Maker], Maker]:
    """Declare that the file which the function makes is refused with this message."""

    def add(make: Maker) -> Maker:
        name = make.__name__.replace("_", " ")
        given = {**DEFAULTS[door], **options}
        CASES.append(Case(name, make, door, says, given, settings or {}, in_boston))
        return make

    return add


def found(
    says: str, rows_in: int, door: str = "import_layer", *, in_boston: bool = False, **options: Any
) -> Callable[[Maker], Maker]:
    """Declare that the file comes in with so many rows, and that this is said of it."""

    def add(make: Maker) -> Maker:
        name = make.__name__.replace("_", " ")
        given = {**DEFAULTS[door], **options}
        CASES.append(Case(name, make, door, says, given, {}, in_boston, rows_in))
        return make

    return add
