"""What the checks gave, in one table."""

from collections.abc import Sequence
from dataclasses import dataclass

from bootstrap.steps import say


@dataclass(frozen=True)
class Outcome:
    """The result of one check or of one suite of tests.

    Parameters
    ----------
    name : str
        The part.
    passed, failed, skipped : int
        Tests; a check without tests counts as one.
    seconds : float
        How long it took.
    """

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float

    @property
    def result(self) -> str:
        """One word for the table."""
        return "failed" if self.failed else "ok" if self.passed else "skipped"


def counted(passed: int, failed: int, skipped: int) -> str:
    """Return the counts as a phrase; what was skipped is named only where there is some."""
    return f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")


def report(outcomes: Sequence[Outcome]) -> int:
    """Print the table, and as the last line the sums; return 1 if something failed."""
    say("\nSummary")
    for each in outcomes:
        counts = counted(each.passed, each.failed, each.skipped)
        say(f"  {each.name:<24} {each.result:<8} {counts:<36} {each.seconds:>7.1f} s")
    passed, failed, skipped = (
        sum(getattr(each, name) for each in outcomes) for name in ("passed", "failed", "skipped")
    )
    say(counted(passed, failed, skipped))
    return 1 if failed or not passed else 0
