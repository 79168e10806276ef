"""``manage.py audit_masks``: how many addresses share each point that masks a report."""

from typing import Any

from django.core.management.base import CommandError

from layers.commands import CivicCommand
from reports.mask_versions import audit, used_versions, warning


class Command(CivicCommand):
    """Count anew, publish the figures on the privacy page, fail where a point masks too little."""

    help = (
        "Counts how many addresses share each snap point now, publishes that on /privacy/, and "
        "ends with 1 where a point of the current version stands for too few."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Audit the current version and every one that masks some report."""
        versions = used_versions()
        failing = 0
        for version in versions:
            levels = audit(version)
            current = " (current)" if version.is_current else ""
            self.stdout.write(f"{version.name}{current}, made {version.made_at:%Y-%m-%d %H:%M}")
            for level in levels:
                self.stdout.write(level.told())
            if version.is_current:
                failing = sum(level.below for level in levels)
        if told := warning():
            self.stdout.write(str(told))
        if failing:
            message = (
                f"{failing} points of the current version stand for too few addresses now. "
                "Run manage.py make_masks."
            )
            raise CommandError(message, returncode=1)
