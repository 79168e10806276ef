"""``manage.py import_areas FILE --kind KIND --name COLUMN``: a way of dividing the city."""

from typing import Any

from django.core.management.base import CommandParser

from layers.city import refuse_demo
from layers.commands import CivicCommand
from layers.importing.command import add_source_arguments, provenance_of, told
from layers.importing.load import load_areas
from layers.importing.read import read_features
from layers.queries import area_kind


class Command(CivicCommand):
    """Bring in areas, all or nothing; running it again brings changes and keeps the rest."""

    help = "Imports areas of one kind: wards, neighbourhoods, crew zones."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare file, kind and columns."""
        add_source_arguments(parser)
        parser.add_argument("--kind", required=True, help="such as ward or neighbourhood")
        parser.add_argument("--name", required=True, metavar="COLUMN")
        parser.add_argument(
            "--code", metavar="COLUMN", help="a different value at each (default: the name)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and count."""
        refuse_demo()
        kind = area_kind(options["kind"])
        columns = {"name": options["name"], "code": options["code"] or options["name"]}
        frame = read_features(options["file"], columns, srid=options["crs"])
        loaded = load_areas(frame, kind, provenance_of(options))
        self.stdout.write(told(loaded, len(frame), kind.title_plural.lower()))
