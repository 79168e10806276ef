"""The base of our management commands: errors of the family become a sentence and an exit code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from layers.errors import CivicError


class CivicCommand(BaseCommand):
    """A command that runs one verb."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run; say an error of the family in one sentence and exit with its code."""
        try:
            return super().execute(*args, **options)
        except CivicError as error:
            raise CommandError(error.message, returncode=error.exit_code) from error
