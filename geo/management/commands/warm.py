"""``manage.py warm``: gets the kernels ready, so that no study waits for it."""

from typing import Any

from layers.commands import CivicCommand
from planning.warm import warm


class Command(CivicCommand):
    """Run every kernel once."""

    help = "Runs every kernel once on a few values, so that the first study waits for nothing."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run them and say how long each took."""
        for name, seconds in warm().items():
            self.stdout.write(f"{name}: {seconds:.2f} s")
