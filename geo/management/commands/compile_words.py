"""``manage.py compile_words``: translations into the form that the site reads."""

from typing import Any

from geo import words
from layers.commands import CivicCommand


class Command(CivicCommand):
    """Compile the catalogues of words."""

    help = "Compiles geo/locale; script/server and script/test run it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Compile and count."""
        self.stdout.write(f"{words.compile_all()} words")
