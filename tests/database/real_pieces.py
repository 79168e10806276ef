"""Pieces of real cities' files, small enough that a door takes a moment for each."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import rasterio
from rasterio.windows import Window

from geo.environment import PROJECT

MAPPINGS = PROJECT / "fixtures/mappings"
SIDE = 96
"""Cells of a raster's piece along each side."""


@dataclass(frozen=True)
class Piece:
    """What is cut of a real file, and the door that it is for."""

    door: str
    path: str
    """In the folder of real cities."""
    cut: Callable[[Path], bytes]
    name: str = ""
    """Of the file that is given; empty: as it is called."""
    options: Mapping[str, Any] = field(default_factory=dict)
    mapping: str = ""
    """Of reports, in `MAPPINGS`."""

    def content(self, data: Path) -> bytes:
        """Return the bytes of the piece."""
        return _cut(self.cut, data / self.path)

    def write(self, data: Path, folder: Path) -> list[Path]:
        """Write the piece and what belongs to it; the first is what is given."""
        source = data / self.path
        made = [folder / (self.name or source.name)]
        made[0].write_bytes(self.content(data))
        if source.suffix == ".shp":
            for suffix in (".shx", ".dbf", ".prj"):
                if (part := source.with_suffix(suffix)).exists():
                    made.append(folder / part.name)
                    made[-1].write_bytes(_cut(whole, part))
        return made


@cache
def _cut(cut: Callable[[Path], bytes], source: Path) -> bytes:
    return cut(source)


def whole(path: Path) -> bytes:
    """Return a small file as it is."""
    return path.read_bytes()


def features(path: Path) -> bytes:
    """Return a GeoJSON with its three shortest features."""
    content = path.read_bytes()
    document = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    shortest = sorted(document["features"], key=lambda each: len(json.dumps(each)))[:3]
    return json.dumps(document | {"features": shortest}).encode()


def lines(path: Path) -> bytes:
    """Return the first lines of a packed text."""
    with gzip.open(path) as file:
        return b"".join(islice(file, 25))


def packed_lines(path: Path) -> bytes:
    """Return the first lines of a packed text, packed."""
    return gzip.compress(lines(path))


def rows(path: Path) -> bytes:
    """Return the first rows of a Parquet file under its own schema."""
    out = BytesIO()
    pq.write_table(pq.read_table(path).slice(0, 25), out)
    return out.getvalue()


def window(path: Path) -> bytes:
    """Return some cells of a raster in its own system and form."""
    with rasterio.open(path) as file:
        # The first corner's, so the place of the cells stays as it is.
        profile = file.profile | {"width": SIDE, "height": SIDE}
        cells = file.read(window=Window(0, 0, SIDE, SIDE))
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(cells)
        return bytes(memory.read())


LAYER = {"slug": "it", "title": "It"}
AREAS = {"kind": "ward"}
CAMBRIDGE = "cambridge_ma"
PIECES: Mapping[str, Piece] = {
    "neighbourhoods": Piece(
        "import_areas", "boston/areas/neighborhoods_clickthathood.geojson", features, options=AREAS
    ),
    "wards": Piece("import_areas", "boston/areas/Wards.geojson", features, options=AREAS),
    "precincts in feet": Piece(
        "import_layer", "boston/areas/Precincts.geojson", features, options=LAYER | {"crs": 2249}
    ),
    "tracts": Piece(
        "import_layer",
        "boston/areas/spData_boston_tracts/boston_tracts.shp",
        whole,
        options=LAYER,
    ),
    "hydrants": Piece(
        "import_assets",
        "boston/facilities/fire_hydrants.csv.gz",
        lines,
        "hydrants.csv",
        {"kind": "hydrant"},
    ),
    "hydrants packed": Piece(
        "import_layer", "boston/facilities/fire_hydrants.csv.gz", packed_lines, options=LAYER
    ),
    "fire stations": Piece(
        "import_layer",
        f"{CAMBRIDGE}/Public_Safety/Fire_Stations/PUBLICSAFETY_FireStations.geojson.gz",
        whole,
        options=LAYER,
    ),
    "playgrounds": Piece(
        "import_layer",
        f"{CAMBRIDGE}/Recreation/Playgrounds/RECREATION_Playgrounds.geojson.gz",
        whole,
        options=LAYER,
    ),
    "streets": Piece(
        "import_streets",
        "boston/streets_osm/boston.geojson.gz",
        features,
        "streets.geojson",
        {"name": "name"},
    ),
    # What stands for a number is the one short text of the file.
    "schools": Piece(
        "import_addresses",
        f"{CAMBRIDGE}/Landmark/Public_Schools/LANDMARK_PublicSchools.geojson.gz",
        whole,
        options={"street": "ADDRESS", "number": "PHONE"},
    ),
    "helsinki": Piece("import_osm", "helsinki/Helsinki.osm.pbf", whole),
    "elevation": Piece(
        "import_raster", "raster/co_elevation_roi.tif", window, options={"slug": "it"}
    ),
    "satellite": Piece("import_raster", "raster/landsat7.tif", window, options={"slug": "it"}),
    "colours": Piece("import_raster", "raster/bahamas_rgb.tif", window, options={"slug": "it"}),
    "potholes": Piece(
        "import_reports",
        "boston/reports_311_2015/BWSC Pothole.csv.gz",
        lines,
        "potholes.csv",
        mapping="boston_311.toml",
    ),
    "graffiti packed": Piece(
        "import_reports",
        "boston/reports_311_2015/Graffiti Removal.csv.gz",
        packed_lines,
        mapping="boston_311.toml",
    ),
    "homicides": Piece(
        "import_reports",
        "chicago/reports_crime/chicago-homicides-2001-2018.csv.gz",
        lines,
        "homicides.csv",
        mapping="chicago_crime.toml",
    ),
    "crimes in columns": Piece(
        "import_reports",
        "chicago/reports_crime/chicago-crimes-2018.parq",
        rows,
        mapping="chicago_crime.toml",
    ),
    "crimes packed": Piece(
        "import_reports",
        "toronto/reports_crime/train.csv.gz",
        packed_lines,
        mapping="toronto_crime.toml",
    ),
    "requests": Piece(
        "draft_mapping", "chicago/reports_311_curated/fact_311_requests.parquet", rows
    ),
    "a workbook": Piece("draft_mapping", "boston/areas/dem_data_by_precincts.xlsx", whole),
}
