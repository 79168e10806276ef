"""``manage.py import_streets FILE --name COLUMN --class COLUMN``: the street network."""

from typing import Any

from django.core.management.base import CommandParser

from layers.city import refuse_demo
from layers.commands import CivicCommand
from layers.importing.command import add_source_arguments, bar, provenance_of, told
from layers.importing.load import load_streets
from layers.importing.read import read_features

COLUMNS = ("name", "street_class", "code")


class Command(CivicCommand):
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

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and count."""
        refuse_demo()
        columns = {column: options[column] for column in COLUMNS if options[column]}
        frame = read_features(options["file"], columns, srid=options["crs"])
        loaded = load_streets(frame, provenance_of(options), bar("streets"))
        self.stdout.write(told(loaded, len(frame), "streets"))
