"""Run the benchmarks and print what each costs beside its peers, and on what machine.

``python -m tests.benchmarks`` runs all; names after it run those alone.
"""

import argparse
import importlib
import os
import pkgutil
import platform
from importlib.metadata import version
from pathlib import Path

import tests.benchmarks
from tests.benchmarks.comparison import Benchmark, Row

NOT_BENCHMARKS = {"__main__", "comparison", "osm_file", "plain_settings", "plain_site", "scratch"}
LIBRARIES = ("numpy", "scipy", "shapely", "esda", "libpysal", "django", "psycopg")


def main() -> None:
    found = [module.name for module in pkgutil.iter_modules(tests.benchmarks.__path__)]
    names = sorted(set(found) - NOT_BENCHMARKS)
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help=", ".join(names))
    chosen = parser.parse_args().name or names
    print(machine())
    for name in chosen:
        benchmark = importlib.import_module(f"tests.benchmarks.{name}").measure()
        print("\n".join(["", *table(benchmark)]), flush=True)


def machine() -> str:
    """Processor, cores, memory and versions: what a time means nothing without."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    load = os.getloadavg()[0]
    return (
        f"{processor()}, {cores} cores, {memory:.0f} GiB, load {load:.1f}\n"
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {libraries}"
    )


def processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def table(benchmark: Benchmark) -> list[str]:
    head = f"{'work':<24} {'ours, s':>10}   {'peer':<28} {'peer, s':>10} {'ratio':>8}"
    return [
        benchmark.title,
        head,
        "-" * len(head),
        *(line(row) for row in benchmark.rows),
        *(f"  {note}" for note in benchmark.notes),
    ]


def line(row: Row) -> str:
    figures = f"{row.work:<24} {row.ours_s:>10.4f}   {row.peer:<28} {row.peer_s:>10.3f}"
    goal = ""
    if row.goal is not None:
        verdict = "reached" if row.ratio >= row.goal else "missed"
        goal = f"  goal {row.goal:g}x: {verdict}"
    return f"{figures} {row.ratio:>7.1f}x{goal}"


if __name__ == "__main__":
    main()
