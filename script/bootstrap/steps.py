"""Steps that say what they do and how long it took, and fail with a remedy."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol, TypeVar

TAIL = 20


class SetupError(Exception):
    """A sentence for the person at the terminal: what is wrong and what to do next."""


class Interrupted(BaseException):
    """Someone wants everything to end; not an `Exception`, so that no handler swallows it."""


def say(text: str = "") -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(signal.Signals(number).name)


def listen_for_interrupts() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into one `Interrupted`; later ones do not disturb the end."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print `title`, and when the block is done the seconds that it took."""
    start = time.monotonic()
    print(f"{title} …", end="", flush=True)
    try:
        yield
    except BaseException:
        say(f" stopped after {time.monotonic() - start:.1f} s")
        raise
    say(f" {time.monotonic() - start:.1f} s")


@dataclass(frozen=True)
class Account:
    """The operating system user that a command runs as."""

    uid: int
    gid: int


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path | None,
    env: Mapping[str, str],
    cwd: Path,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, its output appended to `log` or, with None, shown.

    A terminal's interrupt reaches only this program, which ends its children in order.
    """
    with log.open("ab") if log else nullcontext() as output:
        return subprocess.Popen(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def end(children: Iterable[subprocess.Popen[bytes]], seconds: float) -> None:
    """Ask the sessions of children to end, all at once, and make them end after `seconds`."""
    waiting = list(children)
    deadline = time.monotonic() + seconds
    for child in waiting:
        signal_session(child, signal.SIGTERM)
    for child in waiting:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
    for child in waiting:
        signal_session(child, signal.SIGKILL)  # also what a child left behind
        child.wait()


def signal_session(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a child and its descendants; one that is gone or not ours is left alone."""
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return


class Running(Protocol):
    """Something that a child process does."""

    @property
    def child(self) -> subprocess.Popen[bytes]:
        """The process."""


R = TypeVar("R", bound=Running)


def side_by_side(waiting: Iterable[Callable[[], R]], at_once: int) -> Generator[R, None, None]:
    """Start one after another, `at_once` at a time; yield each when it has ended.

    Closing it before the end, which an interrupt does too, ends those that still run.
    """
    begin = iter(waiting)
    active: list[R] = []
    try:
        while True:
            while len(active) < at_once and (start := next(begin, None)):
                active.append(start())
            if not active:
                return
            for each in [each for each in active if each.child.poll() is not None]:
                active.remove(each)
                yield each
            time.sleep(0.05)
    finally:
        end([each.child for each in active], 5)


class Job:
    """A command that runs until `finish`, which may be called while others run beside it.

    Parameters
    ----------
    argv
        The command.
    log
        Where its output goes; emptied first.
    remedy
        What to do when it fails.
    env, cwd, account
        As for `spawn`; by default our own environment and a folder that every user can enter.
    lines
        How much of the log a failure quotes.
    """

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        log: Path,
        remedy: str,
        env: Mapping[str, str] | None = None,
        cwd: Path = Path("/"),
        account: Account | None = None,
        lines: int = TAIL,
    ) -> None:
        log.write_bytes(b"")
        self.command = " ".join(str(word) for word in argv)
        self.log, self.remedy, self.lines = log, remedy, lines
        environment = os.environ if env is None else env
        self.child = spawn(argv, log=log, env=environment, cwd=cwd, account=account)

    def finish(self) -> None:
        """Wait for the end; an interrupt ends the command too.

        Raises
        ------
        SetupError
            When the command fails: with the last lines that it wrote, and the remedy.
        """
        try:
            code = self.child.wait()
        finally:
            self.end()
        if code:
            raise SetupError(
                f"{tail(self.log, self.lines)}\n`{self.command}` failed (exit {code}). "
                f"{self.remedy}\nThe whole log is {self.log}"
            )

    def end(self) -> None:
        """End the command if it still runs."""
        if self.child.poll() is None:
            end([self.child], 2)


def run(
    argv: Sequence[str | Path],
    *,
    log: Path,
    remedy: str,
    env: Mapping[str, str] | None = None,
    cwd: Path = Path("/"),
    account: Account | None = None,
    lines: int = TAIL,
) -> None:
    """Run a command to its end; parameters and errors are those of `Job`."""
    Job(argv, log=log, remedy=remedy, env=env, cwd=cwd, account=account, lines=lines).finish()


def tail(log: Path, lines: int = TAIL) -> str:
    """Return the last lines of a log, indented."""
    text = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in text[-lines:])


def fail(problem: SetupError) -> int:
    """Print a failure and return the exit code that goes with it."""
    sys.stdout.flush()
    print(problem, file=sys.stderr, flush=True)
    return 1
