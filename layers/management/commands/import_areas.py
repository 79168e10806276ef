"""``manage.py import_areas FILE --kind KIND --name COLUMN``: a way of dividing the city."""

from typing import Any

from django.core.management.base import CommandParser

from layers.importing.command import ImportCommand, add_source_arguments
from layers.importing.importers import import_areas
from layers.importing.targets import AreasTarget
from layers.queries import area_kind


class Command(ImportCommand):
    """Bring in areas, all or nothing; running it again brings changes and keeps the rest."""

    help = "Imports areas of one kind: wards, neighbourhoods, crew zones."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare file, kind and columns."""
        add_source_arguments(parser)
        parser.add_argument("--kind", required=True, help="such as ward or neighbourhood")
        parser.add_argument(
            "--name", default="", metavar="COLUMN", help="(default: the code, else numbers)"
        )
        parser.add_argument(
            "--code",
            default="",
            metavar="COLUMN",
            help="a different value at each (default: the name)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and count."""
        kind = area_kind(options["kind"])
        target = AreasTarget(kind.slug, options["name"], options["code"])
        self.bring_in(import_areas, target, kind.title_plural.lower(), options)
