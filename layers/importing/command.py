"""What the commands that bring in places share: their options, and how they say what came."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command

from layers.city import refuse_demo
from layers.commands import CivicCommand, watched
from layers.errors import InvalidInput
from layers.importing.course import Imported
from layers.importing.formats import NAMES
from layers.importing.inspection import Inspection, inspect
from layers.importing.load import Provenance
from layers.importing.osm.extract import is_extract
from layers.importing.reading import Options

SHOWN = 10
TERMS = ("source", "licence", "attribution")
OSM_SUBJECTS = ("streets", "addresses")
"""What an extract of OpenStreetMap gives whole, without a kind or a column to name."""
Verb = Callable[..., Imported]


def add_source_arguments(parser: ArgumentParser) -> None:
    """Declare the file, how it is read, and its terms."""
    parser.add_argument("file", type=Path, help=f"{NAMES}; also gzipped or in a .zip")
    parser.add_argument("--crs", type=int, metavar="EPSG", help="where the file says none or lies")
    parser.add_argument("--swapped", action="store_true", help="latitude stands before longitude")
    parser.add_argument("--encoding", default="", help="of texts, such as cp1252")
    parser.add_argument("--layer", default="", help="which, of a file with several")
    parser.add_argument("--longitude", default="", metavar="COLUMN", help="of a table (or X)")
    parser.add_argument("--latitude", default="", metavar="COLUMN", help="of a table (or Y)")
    parser.add_argument("--wkt", default="", metavar="COLUMN", help="of a table: the geometry")
    parser.add_argument("--inside", action="store_true", help="leave out what is far off the city")
    parser.add_argument("--source", help="name of the data set (default: the file's name)")
    parser.add_argument("--licence", default="", help="such as ODbL-1.0")
    parser.add_argument("--attribution", default="", help="what the map must say")
    parser.add_argument("--dry-run", action="store_true", help="look the file over, store nothing")


def add_field_argument(parser: ArgumentParser, names: str) -> None:
    """Declare the mapping of further columns."""
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help=f"another column of the file (may be repeated); ours is {names}",
    )


def fields_of(options: dict[str, Any]) -> dict[str, str]:
    """Return the mapping that ``--field`` gives.

    Raises
    ------
    InvalidInput
        When one is no pair.
    """
    pairs = [text.partition("=") for text in options["field"]]
    for ours, mark, theirs in pairs:
        if not (ours.strip() and mark and theirs.strip()):
            message = (
                f"--field {ours!r} is no pair. Write it as ours=theirs, such as code=OBJECTID."
            )
            raise InvalidInput(message, field="field")
    return {ours.strip(): theirs.strip() for ours, _mark, theirs in pairs}


def options_of(options: dict[str, Any]) -> Options:
    """Return how the file is read, as the options say."""
    return Options(
        layer=options["layer"],
        srid=options["crs"],
        encoding=options["encoding"],
        longitude=options["longitude"],
        latitude=options["latitude"],
        wkt=options["wkt"],
        is_swapped=options["swapped"],
        is_inside_only=options["inside"],
    )


def source_name(options: dict[str, Any]) -> str:
    """Return the name of the data set."""
    return str(options["source"] or options["file"].name)


def provenance_of(options: dict[str, Any]) -> Provenance:
    """Return where the file comes from, as the options say."""
    return Provenance(source_name(options), options["licence"], options["attribution"])


class ImportCommand(CivicCommand):
    """A command that brings a file in, or only looks it over."""

    def bring_in(self, verb: Verb, target: Any, what: str, options: dict[str, Any]) -> None:
        """Import and say what came; Ctrl-C leaves nothing."""
        refuse_demo()
        subject = target.subject.partition(":")[0]
        if subject in OSM_SUBJECTS and is_extract(options["file"]):
            terms = {name: options[name] for name in TERMS if options[name]}
            call_command(
                "import_osm",
                options["file"],
                only=[subject],
                dry_run=options["dry_run"],
                stdout=self.stdout,
                **terms,
            )
            return
        if options["dry_run"]:
            seen = inspect(options["file"], options_of(options))
            self.stdout.write("\n".join(described(seen)))
            seen.require_usable()
            return
        with watched() as watch:
            imported = verb(
                options["file"],
                target,
                options_of(options),
                provenance_of(options),
                watch=watch,
            )
        self.stdout.write("\n".join(told(imported, what)))


def told(imported: Imported, what: str) -> Iterator[str]:
    """Say what became of a file's rows; they add up to those read."""
    if not imported.is_changed:
        yield (
            f"Nothing has changed: this file came in before in the same way, with "
            f"{imported.accepted:,} {what}."
        )
        return
    yield (
        f"{imported.rows:,} rows read: {imported.accepted:,} {what} in, "
        f"{imported.rows - imported.accepted:,} left out"
    )
    for finding in imported.findings:
        yield f"  found: {finding.message}"
    for row, reason in imported.left_out[:SHOWN]:
        yield f"  row {row + 1}: {reason}"
    if (more := len(imported.left_out) - SHOWN) > 0:
        yield f"  and {more:,} more"
    yield f"To undo it: manage.py undo_import {imported.subject!r}"


def described(seen: Inspection) -> Iterator[str]:
    """Say what a file is and holds, with its first rows and its extent."""
    yield f"{seen.format}, {seen.rows:,} rows. Nothing is stored."
    if len(seen.layers) > 1:
        yield f"Layers: {', '.join(seen.layers)}"
    said = f"EPSG:{seen.srid_said}" if seen.srid_said else "none that has a code"
    used = f"EPSG:{seen.srid_used}" if seen.srid_used else "none"
    yield f"Coordinate system: the file says {said}, read as {used}"
    if seen.extent:
        west, south, east, north = seen.extent
        yield f"Extent: west {west:.5f}, south {south:.5f}, east {east:.5f}, north {north:.5f}"
    types = ", ".join(f"{count:,} {name}" for name, count in seen.geometry_types.items())
    yield f"Geometry: {types or 'none'}"
    yield f"Columns: {', '.join(f'{f.name} ({f.stored_type})' for f in seen.fields) or 'none'}"
    for finding in seen.findings:
        yield f"  found: {finding.message}"
    for number, row in enumerate(seen.first_rows, start=1):
        yield f"Row {number}: " + ", ".join(f"{name}={value}" for name, value in row.items())
