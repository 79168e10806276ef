"""``manage.py collect_words``: what is to be translated, into the files of translators."""

from typing import Any

from geo import words
from layers.commands import CivicCommand


class Command(CivicCommand):
    """Bring the files of translations into step with the code."""

    help = "Adds new words to geo/locale, removes those that nothing says, counts what is empty."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Collect and count."""
        for file, lacking in words.update().items():
            self.stdout.write(f"{file}: {lacking} without a translation")
