"""What the commands that bring in places share: their options, and how they say what came."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from layers.commands import progress_bar
from layers.importing.load import Loaded, Provenance, Watch

SHOWN = 10


def add_source_arguments(parser: ArgumentParser) -> None:
    """Declare the file, its coordinates and its terms."""
    parser.add_argument("file", type=Path, help="GeoJSON (also gzipped), GeoPackage or Shapefile")
    parser.add_argument("--crs", type=int, metavar="EPSG", help="where the file says none or lies")
    parser.add_argument("--source", help="name of the data set (default: the file's name)")
    parser.add_argument("--licence", default="", help="such as ODbL-1.0")
    parser.add_argument("--attribution", default="", help="what the map must say")


def provenance_of(options: dict[str, Any]) -> Provenance:
    """Return where the file comes from, as the options say."""
    name = options["source"] or options["file"].name
    return Provenance(name, options["licence"], options["attribution"])


def bar(unit: str) -> Watch:
    """Return what passes rows on and shows on a terminal that they come."""

    def watch(rows: Iterable[Any]) -> Iterator[Any]:
        with progress_bar() as shown:
            yield from shown.track(rows, description=f"Storing {unit}")

    return watch


def told(loaded: Loaded, rows: int, what: str) -> str:
    """Say what became of a file's rows; they add up to those read."""
    lines = [
        f"{rows:,} rows read: {loaded.accepted:,} {what} in, {len(loaded.left_out):,} left out"
    ]
    if loaded.repaired:
        lines.append(f"{loaded.repaired:,} of those in had invalid rings, which were mended")
    lines += [f"  row {row + 1}: {reason}" for row, reason in loaded.left_out[:SHOWN]]
    if (more := len(loaded.left_out) - SHOWN) > 0:
        lines.append(f"  and {more:,} more")
    return "\n".join(lines)
