"""What a benchmark returns, and how its times are taken.

A benchmark is a module of this package with a function ``measure() -> Benchmark``.
"""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    """One piece of work, done by us and by a peer from the same inputs, in seconds."""

    work: str
    ours_s: float
    peer: str
    peer_s: float
    goal: float | None = None

    @property
    def ratio(self) -> float:
        return self.peer_s / self.ours_s


@dataclass(frozen=True)
class Benchmark:
    title: str
    rows: list[Row]
    notes: list[str]


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Run some work; return its seconds and its result."""
    gc.collect()
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def best_of(rounds: int, works: list[Callable[[], object]]) -> list[float]:
    """Run the works in turn, round after round; return the fewest seconds of each.

    Taking turns spreads the load of a shared machine over all; the best of several runs is the
    figure that it disturbs least.
    """
    seconds = [[timed(work)[0] for work in works] for _ in range(rounds)]
    return [min(column) for column in zip(*seconds, strict=True)]
