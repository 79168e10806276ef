"""What a run ran on: the versions that its figures depend on."""

import platform
import tomllib
from functools import cache

import numpy as np
import pandas as pd
import pyproj
import scipy
import shapely
from django.conf import settings
from django.db import connection


def versions() -> dict[str, str]:
    """Return the versions of this program, Python, what computes with it, and the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), postgis_lib_version()")
        postgres, postgis = cursor.fetchone()
    return {
        "civicgrid": _own_version(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "pandas": pd.__version__,
        "shapely": shapely.__version__,
        "geos": shapely.geos_version_string,
        "pyproj": pyproj.__version__,
        "proj": pyproj.proj_version_str,
        "postgresql": postgres,
        "postgis": postgis,
    }


@cache
def _own_version() -> str:
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
