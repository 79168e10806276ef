"""``manage.py make_masks``: the points that stand for places which may not be shown."""

from typing import Any

from layers.commands import CivicCommand, progress_bar
from reports.mask_versions import NO_POINTS, make_version


class Command(CivicCommand):
    """Make snap points; run it after streets, wards or addresses have changed."""

    help = (
        "Makes the points that personal and crime reports are shown by, so that each stands for "
        "enough addresses. Run it after an import of wards, streets or addresses; it changes "
        "new reports only."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Make a version, or keep the one that fits, and say what it achieves."""
        with progress_bar() as bar:
            task = bar.add_task("Dividing wards", total=None)
            made = make_version(lambda done, of: bar.update(task, completed=done, total=of))
        if made.version is None:
            self.stdout.write(str(NO_POINTS))
            return
        self.stdout.write(f"{made.version.name}: {'made' if made.is_new else 'still fits'}")
        for level in made.levels:
            self.stdout.write(level.told())
