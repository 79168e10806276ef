"""What our management commands share: how they fail and how they show that they go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from layers.errors import CivicError


def progress_bar() -> Progress:
    """Return a progress bar on a terminal's standard error; where nobody watches, it is silent."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def watched() -> Iterator[Callable[[float, str], None]]:
    """Yield what shows the share done (0 to 1) and what is being done, on a terminal."""
    with progress_bar() as bar:
        task = bar.add_task("", total=1.0)
        yield lambda share, what: bar.update(task, completed=share, description=what)


class CivicCommand(BaseCommand):
    """A command that runs one verb."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run; say an error of the family in one sentence and exit with its code."""
        try:
            return super().execute(*args, **options)
        except CivicError as error:
            raise CommandError(error.message, returncode=error.exit_code) from error
