"""``manage.py import_osm FILE``: what OpenStreetMap knows of the city."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from layers.city import refuse_demo
from layers.commands import CivicCommand, watched
from layers.importing.load import Provenance
from layers.importing.osm.extract import extracted
from layers.importing.osm.importing import SUBJECTS, kinds_by_level, store
from layers.importing.osm.telling import told_extract, told_stored
from layers.models import Dataset


class Command(CivicCommand):
    """Bring in an extract, all or nothing; running it again brings changes and keeps the rest."""

    help = (
        "Imports streets, areas, addresses, points of interest and assets from an .osm.pbf. What "
        "another source has brought is left alone unless --only names it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare file, subjects and terms."""
        parser.add_argument("file", type=Path, help="an extract of OpenStreetMap, .osm.pbf")
        parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=[], metavar="SUBJECT")
        parser.add_argument(
            "--level",
            action="append",
            default=[],
            metavar="LEVEL=KIND",
            help="kind of area of an admin_level, such as 9=ward (default: admin-9)",
        )
        parser.add_argument(
            "--audience",
            choices=Dataset.Audience.values,
            default=Dataset.Audience.PLANNERS,
            help="who sees the points of interest",
        )
        parser.add_argument("--source", default="OpenStreetMap", help="name of the data set")
        parser.add_argument("--licence", default="ODbL-1.0")
        parser.add_argument("--attribution", default="© OpenStreetMap contributors")
        parser.add_argument("--dry-run", action="store_true", help="read and count, store nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and count."""
        refuse_demo()
        levels = kinds_by_level(options["level"])
        provenance = Provenance(options["source"], options["licence"], options["attribution"])
        with watched() as watch, extracted(options["file"], levels, watch) as found:
            if options["dry_run"]:
                self.stdout.write(told_extract(found))
                return
            stored = store(
                found,
                provenance,
                only=options["only"],
                audience=options["audience"],
                watch=watch,
            )
        self.stdout.write(told_stored(found, stored))
