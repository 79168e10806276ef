"""``manage.py undo_import SUBJECT``: brings back what the last import of a subject replaced."""

from typing import Any

from django.core.management.base import CommandParser

from layers.commands import CivicCommand
from layers.importing.undo import undo


class Command(CivicCommand):
    """Undo the last import of a subject, all or nothing."""

    help = (
        "Undoes the last import of a subject: areas:KIND, streets:SOURCE, addresses:SOURCE, "
        "assets:KIND, layer:SLUG or raster:SLUG."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subject."""
        parser.add_argument("subject", help="such as areas:ward or layer:flood-plain")
        parser.add_argument(
            "--yes",
            action="store_true",
            help="agree that reports and crews lose what came to refer to the import's rows since",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Undo and say so."""
        last = undo(options["subject"], may_lose=options["yes"])
        self.stdout.write(
            f"The import of {last.file_name} as {last.subject} is undone: what was there before is "
            "back."
        )
