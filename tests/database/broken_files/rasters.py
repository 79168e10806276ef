"""Rasters that do not say where they lie, are something else, or half of one."""

import os
import warnings
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine

from tests.database.broken_files.case import refused
from tests.database.broken_files.sound import POINT, written

DOOR = "import_raster"
NORTH_UP = Affine(0.001, 0, 0, 0, -0.001, 0.01)


def raster(
    folder: Path,
    *,
    crs: str | None = "EPSG:4326",
    transform: Affine | None = NORTH_UP,
    dtype: str = "uint8",
) -> Path:
    """Write a GeoTIFF of ten by ten cells."""
    cells = np.arange(100).reshape(1, 10, 10).astype(dtype)
    shape = {"driver": "GTiff", "width": 10, "height": 10, "count": 1, "dtype": dtype}
    with rasterio.open(folder / "a.tif", "w", **shape, crs=crs, transform=transform) as file:
        file.write(cells)
    return folder / "a.tif"


@refused(
    "a.tif does not say its coordinate system. Write it into the file, for example "
    "gdal_edit.py -a_srs EPSG:32619.",
    DOOR,
)
def a_raster_without_a_system(folder: Path) -> Path:
    return raster(folder, crs=None)


@refused(
    "a.tif does not say where its cells lie. Georeference it, for example in QGIS or by gdalwarp.",
    DOOR,
)
def a_raster_without_a_place(folder: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return raster(folder, transform=None)


@refused(
    "a.tif is turned: its rows do not run from west to east, the northernmost first. "
    "Straighten it by gdalwarp.",
    DOOR,
)
def a_raster_that_is_turned(folder: Path) -> Path:
    return raster(folder, transform=Affine(0.001, 0.0005, 0, 0.0005, -0.001, 0.01))


@refused(
    "a.tif would lie between longitude 500 and 510, latitude 190 and 200. Check its "
    "coordinate system.",
    DOOR,
)
def a_raster_nowhere_on_earth(folder: Path) -> Path:
    return raster(folder, transform=Affine(1, 0, 500, 0, -1, 200))


@refused(
    "a.tif holds complex64; all bands must hold plain numbers of one type. Save it so, "
    "for example by gdal_translate -ot Float32.",
    DOOR,
)
def a_raster_of_complex_numbers(folder: Path) -> Path:
    return raster(folder, dtype="complex64")


@refused("The value 999 for cells without data is no uint8. Give another.", DOOR, nodata=999.0)
def a_raster_whose_value_for_nothing_does_not_fit(folder: Path) -> Path:
    return raster(folder)


@refused(
    "a.tif could not be read (a.tif, band 1: IReadBlock failed at X offset 0, Y offset "
    "0: TIFFReadEncodedStrip() failed). Save it again as a GeoTIFF.",
    DOOR,
)
def a_raster_cut_short(folder: Path) -> Path:
    path = raster(folder)
    path.write_bytes(path.read_bytes()[:-60])
    return path


@refused(
    "a.tif could not be read (a.tif: TIFFReadDirectory:Failed to read directory at "
    "offset 8). Save it again as a GeoTIFF.",
    DOOR,
)
def a_raster_of_its_head_alone(folder: Path) -> Path:
    path = raster(folder)
    path.write_bytes(path.read_bytes()[:8])
    return path


@refused(
    "a.tif is no GeoTIFF: it does not begin as one. Save it as a GeoTIFF, or check the download.",
    DOOR,
)
def a_picture_called_a_raster(folder: Path) -> Path:
    return written(folder, b"\x89PNG\r\n\x1a\n" + bytes(100), "a.tif")


@refused(
    "a.tif is no GeoTIFF: it does not begin as one. Save it as a GeoTIFF, or check the download.",
    DOOR,
)
def a_geojson_called_a_raster(folder: Path) -> Path:
    return written(folder, POINT, "a.tif")


@refused(
    "a.tif is no GeoTIFF: it does not begin as one. Save it as a GeoTIFF, or check the download.",
    DOOR,
)
def a_virtual_raster_called_a_raster(folder: Path) -> Path:
    return written(folder, "<VRTDataset rasterXSize='1' rasterYSize='1'/>", "a.tif")


@refused("{folder}/a.tif could not be opened: No such file or directory. Check the path.", DOOR)
def a_raster_that_is_not_there(folder: Path) -> Path:
    return folder / "a.tif"


@refused("{folder} is a folder, a pipe or a device, not a file. Check the path.", DOOR)
def a_raster_that_is_a_folder(folder: Path) -> Path:
    return folder


@refused(
    "/vsicurl/http:/127.0.0.1/a.tif could not be opened: No such file or directory. "
    "Check the path.",
    DOOR,
)
def an_address_of_a_raster(folder: Path) -> str:
    return "/vsicurl/http://127.0.0.1/a.tif"


@refused(
    "a.tif has 466 bytes; at most 100 are taken. Cut it.", DOOR, settings={"IMPORT_MOST_BYTES": 100}
)
def a_raster_over_the_limit(folder: Path) -> Path:
    return raster(folder)


@refused(
    "The name '../it' may hold letters, digits, - and _ alone. Choose another.", DOOR, slug="../it"
)
def a_raster_whose_slug_is_a_path(folder: Path) -> Path:
    return raster(folder)


@refused("a.tif is a TIFF picture. Import it with import_raster.")
def a_raster_given_to_the_wrong_door(folder: Path) -> Path:
    return raster(folder)


@refused("{folder}/a.tif is a folder, a pipe or a device, not a file. Check the path.", DOOR)
def a_pipe_of_a_raster(folder: Path) -> Path:
    os.mkfifo(folder / "a.tif")
    return folder / "a.tif"


@refused(
    "a.tif lies nowhere on a map (Cannot find coordinate operations). Check its coordinate system.",
    DOOR,
)
def a_raster_on_an_earth_smaller_than_an_atom(folder: Path) -> Path:
    return raster(folder, crs="+proj=longlat +a=5e-117 +b=5e-117 +no_defs")


@refused(
    "a.tif lies nowhere on a map: a side of it is at 1e+24. Check its place, for example by "
    "gdalinfo.",
    DOOR,
)
def a_raster_so_far_that_no_way_to_it_ends(folder: Path) -> Path:
    return raster(folder, crs="EPSG:3857", transform=Affine(30, 0, 1e24, 0, -30, 4_576_290))
