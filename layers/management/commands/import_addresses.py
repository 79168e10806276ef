"""``manage.py import_addresses FILE --street COLUMN --number COLUMN``: the city's addresses."""

from typing import Any

from django.core.management.base import CommandParser

from layers.city import refuse_demo
from layers.commands import CivicCommand
from layers.importing.command import add_source_arguments, provenance_of, told
from layers.importing.load import load_addresses
from layers.importing.read import read_features


class Command(CivicCommand):
    """Bring in addresses, all or nothing; running it again replaces those of the same source."""

    help = (
        "Imports postal addresses as points. People find places by them, and private places hide "
        "among them: run make_masks afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare file and columns."""
        add_source_arguments(parser)
        parser.add_argument("--street", required=True, metavar="COLUMN")
        parser.add_argument("--number", required=True, metavar="COLUMN")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and count."""
        refuse_demo()
        columns = {"street_name": options["street"], "number": options["number"]}
        frame = read_features(options["file"], columns, srid=options["crs"])
        loaded = load_addresses(frame, provenance_of(options))
        self.stdout.write(told(loaded, len(frame), "addresses"))
        self.stdout.write("Now run manage.py make_masks, so that private places hide among them.")
