"""``manage.py sync [NAME…]``: brings what is new from other servers and folders."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from layers.commands import CivicCommand, progress_bar
from layers.errors import CivicError
from layers.jobs import Job
from layers.sync import runs, schedule
from layers.sync.models import SyncRun
from layers.sync.schedule import Broken, Source


class Command(CivicCommand):
    """Run sources by hand; each run is recorded as those of the schedule are."""

    help = "Brings what is new from the sources in the folder that CIVICGRID_SYNC names."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare which sources, and how much of them."""
        parser.add_argument("names", nargs="*", metavar="NAME", help="none: every source")
        parser.add_argument("--due", action="store_true", help="only those whose time has come")
        parser.add_argument("--list", action="store_true", help="show them and their last runs")
        parser.add_argument(
            "--from-the-start",
            action="store_true",
            help="bring all that a source has, not only what is recent or changed",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run one after another; what fails in one keeps none of the others."""
        if options["list"]:
            self._list()
            return
        names = options["names"] or schedule.names()
        if options["due"]:
            known = [each for each in schedule.sources() if isinstance(each, Source)]
            due = {each.name for each in schedule.due(timezone.now(), known)}
            names = [name for name in names if name in due]
        if not names:
            self.stdout.write("No source is due." if options["due"] else "There is no source.")
        failed = [
            name for name in names if not self._run(name, from_the_start=options["from_the_start"])
        ]
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}.")

    def _run(self, name: str, *, from_the_start: bool) -> bool:
        """Run one source and say what it brought; tell whether it succeeded."""
        self.stdout.write(f"{name}")
        try:
            with progress_bar() as bar:
                task = bar.add_task(name, total=1.0)
                row = runs.run(
                    name,
                    lambda share, what: bar.update(task, completed=share, description=what),
                    from_the_start=from_the_start,
                )
        except CivicError as error:
            self.stdout.write(f"  {error.message}")
            return False
        self.stdout.write("\n".join(f"  {line}" for line in told(row)))
        return row.state == Job.State.SUCCEEDED

    def _list(self) -> None:
        for each in schedule.sources():
            if isinstance(each, Broken):
                self.stdout.write(f"{each.name}: {each.error}")
                continue
            every = f"every {each.every_text}" if each.every else "by hand"
            self.stdout.write(f"{each.name} ({each.kind}, {every})")
            last = schedule.last_run(each.name)
            lines = told(last) if last else ["has not run yet"]
            self.stdout.write("\n".join(f"  {line}" for line in lines))


def told(row: SyncRun) -> list[str]:
    """Say in lines what became of a run."""
    if row.state != Job.State.SUCCEEDED:
        return [f"{row.get_state_display()}: {row.error or row.step}"]
    counts = (
        f"{row.came:,} came: {row.added:,} new, {row.changed:,} changed, "
        f"{row.unchanged:,} unchanged, {row.left_out:,} left out; {row.vanished:,} vanished"
    )
    return [counts, *row.notes]
