"""``manage.py import_assets FILE --kind hydrant``: things that the city looks after."""

from typing import Any

from django.core.management.base import CommandParser

from layers.importing.command import ImportCommand, add_source_arguments
from layers.importing.importers import import_assets
from layers.importing.targets import AssetsTarget


class Command(ImportCommand):
    """Bring in things, all or nothing; those that come again keep their keys."""

    help = "Imports things of one kind as points: hydrants, lamps, bins."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare file, kind and columns."""
        add_source_arguments(parser)
        parser.add_argument("--kind", required=True, help="such as hydrant; made if it is new")
        parser.add_argument("--title", default="", help="of a new kind, such as 'Fire hydrant'")
        parser.add_argument("--title-plural", default="", help="of a new kind: 'Fire hydrants'")
        parser.add_argument("--name", default="", metavar="COLUMN")
        parser.add_argument(
            "--code",
            default="",
            metavar="COLUMN",
            help="a different value at each (default: the place)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and count."""
        target = AssetsTarget(
            options["kind"],
            options["name"],
            options["code"],
            options["title"],
            options["title_plural"],
        )
        self.bring_in(import_assets, target, f"{options['kind']}s", options)
