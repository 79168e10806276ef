"""Which of GDAL's drivers are switched off: all but those that the imports need.

GDAL takes a list of what to leave out, not of what to keep, and reads it when it is first loaded.
So this names every other one; a test compares what is left with `KEPT`, and fails when a
new version of GDAL brings another.
"""

KEPT = frozenset(
    {
        # What layers.importing.formats opens.
        "DXF",
        "ESRI Shapefile",
        "ESRIJSON",
        "FlatGeobuf",
        "GML",
        "GPKG",
        "GPX",
        "GeoJSON",
        "GeoJSONSeq",
        "LIBKML",
        "MapInfo File",
        "OpenFileGDB",
        "SQLite",
        "TopoJSON",
        # Rasters in memory, and our own tiles read back by another maker's reader.
        "MEM",
        "MVT",
    }
)
SKIPPED = (
    "ADBC AIVector AVCBin AVCE00 AmigoCloud CSV CSW Carto DGN EDIGEO EEDA Elasticsearch GDALG "
    "GPSBabel GTFS GeoRSS HTTP Idrisi JML JSONFG KML LVBAG MBTiles MapML MiraMonVector NGW "
    "OAPIF ODS OGCAPI OGR_GMT OGR_PDS OGR_VRT OSM PCIDSK PDF PDS4 PGDUMP PLSCENES PMTiles S57 "
    "SXF Selafin VDV VFK VICAR WAsP WFS XLSX"
)
"""The rest of the GDAL that pyogrio carries; it grumbles when it is told of one that it has not."""


def skipped() -> str:
    """Return the value of ``OGR_SKIP``."""
    return ",".join(SKIPPED.split())
