"""``manage.py load_demo``: the demo city, once."""

from typing import Any

from geo.demo import load_demo
from layers.commands import CivicCommand


class Command(CivicCommand):
    """Load the demo city where no city is yet."""

    help = "Loads the demo city with its reports, crews and accounts, once."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load and say what came."""
        count = load_demo()
        self.stdout.write(f"{count} reports" if count else "There is a city already; nothing to do")
