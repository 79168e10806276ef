"""``manage.py prepare_database``: PostGIS and the role of pages and jobs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from geo.database_setup import prepare


class Command(BaseCommand):
    """Make what a database needs before its first migration."""

    help = "Installs PostGIS and makes the role civicgrid_web, or prints the SQL for who may."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the two circumstances that change what is done."""
        parser.add_argument(
            "--own-cluster", action="store_true", help="Nobody else uses this database server."
        )
        parser.add_argument(
            "--for-tests", action="store_true", help="Also what a test database needs."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Prepare, then say what was done and what an administrator must do."""
        result = prepare(own_cluster=options["own_cluster"], for_tests=options["for_tests"])
        for line in result.done:
            self.stdout.write(line)
        if result.wanted:
            statements = "\n".join(result.wanted)
            message = (
                "This database user may not do the following. Ask an administrator of the "
                f"database to run it, then start again:\n\n{statements}\n"
            )
            raise CommandError(message)
