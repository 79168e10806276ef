"""The commands of script/, by name."""

import sys
from collections.abc import Callable, Sequence

from bootstrap import checks, database, locks, server
from bootstrap.steps import Interrupted, SetupError, fail, listen_for_interrupts

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "database": database.main,
    "lock": locks.main,
    "server": server.main,
    "test": checks.main,
}


def main(name: str, arguments: Sequence[str]) -> int:
    """Run a command of script/; return its exit code (130 when it was interrupted)."""
    listen_for_interrupts()
    try:
        return COMMANDS[name](arguments)
    except SetupError as problem:
        return fail(problem)
    except Interrupted:
        print("Interrupted.", file=sys.stderr)
        return 130
