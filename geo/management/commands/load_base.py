"""``manage.py load_base``: categories and kinds of areas."""

from typing import Any

from geo.base_data import load_base
from layers.commands import CivicCommand


class Command(CivicCommand):
    """Load the base data; running it again brings changes and keeps the rest."""

    help = "Loads categories and kinds of areas from fixtures/."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load and count."""
        self.stdout.write(f"{load_base()} categories")
