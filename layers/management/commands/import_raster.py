"""``manage.py import_raster FILE --slug SLUG``: a picture, or measurements on a grid."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from layers.city import refuse_demo
from layers.commands import CivicCommand, watched
from layers.importing.load import Provenance
from layers.models import Dataset, Raster
from layers.rasters.inspecting import Seen, inspect
from layers.rasters.storing import NewRaster, import_raster


class Command(CivicCommand):
    """Bring in a GeoTIFF, all or nothing; the one of the same slug is replaced."""

    help = "Imports a GeoTIFF as a Cloud-Optimised GeoTIFF with overviews."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare file, names and terms."""
        parser.add_argument("file", type=Path, help="any GeoTIFF that says its place")
        parser.add_argument("--slug", required=True, help="its name in addresses")
        parser.add_argument("--title", help="its name for people (default: the slug)")
        parser.add_argument(
            "--audience", choices=Dataset.Audience.values, default=Dataset.Audience.PLANNERS
        )
        parser.add_argument("--nodata", type=float, help="value of cells without data")
        parser.add_argument("--source", help="name of the data set (default: the file's name)")
        parser.add_argument("--licence", default="", help="such as CC0-1.0")
        parser.add_argument("--attribution", default="", help="what the map must say")
        parser.add_argument("--dry-run", action="store_true", help="look it over, store nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and say what it holds."""
        refuse_demo()
        path: Path = options["file"]
        if options["dry_run"]:
            self.stdout.write(_seen(inspect(path, options["nodata"])))
            return
        new = NewRaster(
            options["slug"],
            options["title"] or options["slug"],
            options["audience"],
            options["nodata"],
        )
        terms = Provenance(
            options["source"] or path.name, options["licence"], options["attribution"]
        )
        with watched() as watch:
            stored = import_raster(path, new, terms, watch=watch)
        lines = [_told(stored.raster), *stored.notes]
        if not stored.is_changed:
            lines.append("The same file was brought in before; nothing was done.")
        self.stdout.write("\n".join(lines))


def _seen(seen: Seen) -> str:
    west, south, east, north = seen.bounds
    cells = f"{seen.width:,} x {seen.height:,} cells, {seen.bands} bands of {seen.dtype}"
    lines = [
        f"Nothing was stored. {cells}, EPSG:{seen.srid}, no data: {seen.nodata}",
        f"Extent: longitude {west:.4f} to {east:.4f}, latitude {south:.4f} to {north:.4f}",
        *seen.notes,
    ]
    return "\n".join(lines)


def _told(raster: Raster) -> str:
    west, south, east, north = raster.bounds.extent
    cells = f"{raster.width:,} x {raster.height:,} cells of {raster.dtype}, EPSG:{raster.srid}"
    lines = [
        f"{raster.slug}: {cells}, {raster.file_bytes:,} bytes, at /rasters/{raster.slug}.tif",
        f"Extent: longitude {west:.4f} to {east:.4f}, latitude {south:.4f} to {north:.4f}",
    ]
    for number, band in enumerate(raster.bands, 1):
        name = f" ({band['name']})" if band["name"] else ""
        if band["least"] is None:
            lines.append(f"Band {number}{name}: no data at all")
        else:
            unit = f" {band['unit']}" if band["unit"] else ""
            lines.append(f"Band {number}{name}: {band['least']:g} to {band['greatest']:g}{unit}")
    return "\n".join(lines)
