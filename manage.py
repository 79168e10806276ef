#!/usr/bin/env python
"""CivicGrid from the shell: ``python manage.py help`` lists what can be done."""

import os
import sys

# What changes the schema or the roles acts as the owner; all else as pages and jobs do.
OWNER_COMMANDS = {
    "prepare_database",
    "migrate",
    "makemigrations",
    "sqlmigrate",
    "showmigrations",
}


def main() -> None:
    """Run one management command as the database role that fits it."""
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ.setdefault("CIVICGRID_DB_ROLE", "owner")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
