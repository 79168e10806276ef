"""``manage.py import_addresses FILE --street COLUMN --number COLUMN``: the city's addresses."""

from typing import Any

from django.core.management.base import CommandParser

from layers.importing.command import ImportCommand, add_source_arguments, source_name
from layers.importing.importers import import_addresses
from layers.importing.targets import AddressesTarget


class Command(ImportCommand):
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
        parser.add_argument("--residents", default="", metavar="COLUMN", help="how many live there")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and count."""
        columns = {"street_name": options["street"], "number": options["number"]}
        if options["residents"]:
            columns["residents"] = options["residents"]
        target = AddressesTarget(source_name(options), columns)
        self.bring_in(import_addresses, target, "addresses", options)
        if not options["dry_run"]:
            self.stdout.write(
                "Now run manage.py make_masks, so that private places hide among them."
            )
