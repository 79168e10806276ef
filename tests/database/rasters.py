"""Rasters as tests store them."""

from pathlib import Path

from django.conf import settings

from layers.importing.load import Provenance
from layers.models import Raster
from layers.rasters.storing import NewRaster, import_raster
from tests.database.geotiffs import geotiff, numbers


def make_raster(slug: str, audience: str) -> Raster:
    """Store a small raster; its file lies in the state folder, which the test must own."""
    path = geotiff(Path(settings.STATE_DIR) / "made.tif", numbers(8, 8))
    return import_raster(path, NewRaster(slug, slug, audience), Provenance("Survey")).raster
