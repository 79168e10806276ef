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

    def handle(self, *_args: Any, **options: Any) -> None:
        """Undo and say so."""
        last = undo(options["subject"])
        self.stdout.write(
            f"The import of {last.file_name} as {last.subject} is undone: what was there before is "
            "back."
        )
