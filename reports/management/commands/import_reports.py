"""``manage.py import_reports FILE… --mapping MAPPING``: another system's reports."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from layers.city import refuse_demo
from layers.commands import CivicCommand, progress_bar
from layers.errors import InvalidInput
from reports.importing.mapping import read_mapping
from reports.importing.run import STEP, Rejected, Summary, import_reports

SHOWN = 10


class Command(CivicCommand):
    """Bring in reports, all or nothing; running it again adds nothing and follows changes."""

    help = (
        "Imports reports from CSV, GeoJSON, JSON lines, Parquet or Excel files (also packed), as a "
        "mapping reads them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare files, mapping and where rejected rows go."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--mapping", required=True, type=Path, help="TOML; see fixtures/mappings"
        )
        parser.add_argument("--rejects", type=Path, help="CSV for the rows that are no reports")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, submit and account for every row."""
        refuse_demo()
        files: list[Path] = options["files"]
        mapping = read_mapping(options["mapping"])
        if options["rejects"]:
            _write(options["rejects"], [])
        with progress_bar() as bar:
            task = bar.add_task(STEP, total=1.0)
            summary = import_reports(
                files, mapping, lambda share, _what: bar.update(task, completed=share)
            )
        if options["rejects"]:
            _write(options["rejects"], summary.rejected)
        self.stdout.write("\n".join(_told(summary, named=not options["rejects"])))


def _write(path: Path, rejected: Sequence[Rejected]) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "row", "key", "reason"])
            writer.writerows([row.file, row.row, row.key, row.reason] for row in rejected)
    except OSError as error:
        message = f"{path} could not be written: {error.strerror}. Give another place."
        raise InvalidInput(message, field="rejects") from error


def _told(summary: Summary, *, named: bool) -> list[str]:
    lines = [
        f"{summary.read:,} rows read",
        f"{summary.accepted:,} accepted, {summary.not_located:,} of them without a place",
        f"{summary.repeated:,} were here already",
        *([f"{summary.updated:,} were brought into step"] if summary.updated else []),
        f"{len(summary.rejected):,} rejected",
        *_counted(summary.reasons()),
        f"{sum(summary.not_mapped.values()):,} not mapped",
        *_counted(summary.not_mapped),
    ]
    if summary.defaulted:
        count = sum(summary.defaulted.values())
        lines += [f"{count:,} accepted under the default category", *_counted(summary.defaulted)]
    if summary.unknown_areas:
        lines += ["Areas that no row could be counted in", *_counted(summary.unknown_areas)]
    if named and summary.rejected:
        lines.append("Rejected rows (all of them with --rejects FILE)")
        lines += [f"  {r.file}, row {r.row}: {r.reason}" for r in summary.rejected[:SHOWN]]
    return lines


def _counted(values: Counter[str]) -> list[str]:
    return [f"  {count:,} {value or '(empty)'}" for value, count in values.most_common()]
