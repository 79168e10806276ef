"""``manage.py draft_mapping FILE…``: a mapping of another system's reports, as it is guessed."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from layers.commands import CivicCommand
from reports.importing.draft import draft
from reports.importing.draft_text import as_text
from reports.importing.sample import MOST_ROWS, read_sample
from reports.importing.surroundings import surroundings


class Command(CivicCommand):
    """Look at files of reports and write a commented mapping; nothing is brought in."""

    help = "Writes a commented mapping for import_reports, guessed from files of reports."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the files."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--rows", type=int, default=MOST_ROWS, help="how many are looked at")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read a sample, guess, write."""
        sample = read_sample(options["files"], options["rows"])
        self.stdout.write(as_text(draft(sample, surroundings())))
