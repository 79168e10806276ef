"""``manage.py import_streets FILE --name COLUMN --class COLUMN``: the street network."""

from typing import Any

from django.core.management.base import CommandParser

from layers.errors import InvalidInput
from layers.importing.command import (
    ImportCommand,
    add_field_argument,
    add_source_arguments,
    fields_of,
    source_name,
)
from layers.importing.importers import import_streets
from layers.importing.load import STREET_COLUMNS
from layers.importing.targets import StreetsTarget

COLUMNS = ("name", "street_class", "code")
FIELDS = tuple(column for column in STREET_COLUMNS if column != "source_id")


class Command(ImportCommand):
    """Bring in streets, all or nothing; running it again brings changes and keeps the rest."""

    help = "Imports the centre lines of streets."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare file and columns."""
        add_source_arguments(parser)
        parser.add_argument("--name", metavar="COLUMN")
        parser.add_argument(
            "--class", dest="street_class", metavar="COLUMN", help="such as OpenStreetMap's highway"
        )
        parser.add_argument("--code", metavar="COLUMN")
        add_field_argument(parser, "one of " + ", ".join(FIELDS))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and count."""
        columns = {column: options[column] for column in COLUMNS if options[column]}
        columns |= fields_of(options)
        if unknown := sorted(set(columns) - set(FIELDS)):
            message = f"Streets have no {unknown[0]!r}. They have: {', '.join(FIELDS)}."
            raise InvalidInput(message, field="field")
        target = StreetsTarget(source_name(options), columns)
        self.bring_in(import_streets, target, "streets", options)
