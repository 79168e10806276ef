"""The site's own commands, each run with the environment that the site reads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.environment import numba_cache, search_path
from bootstrap.place import Place
from bootstrap.steps import Job, step

# They would lead the packages' own libraries to other data than they were built with.
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH")
WHOLE_LOG = 200


def site_environment(place: Place, database_url: str, site_url: str | None) -> dict[str, str]:
    """Return the environment of every process of the site.

    Parameters
    ----------
    place : Place
        The clone.
    database_url : str
        The owner's address of the database.
    site_url : str or None
        The public address; None leaves it to the settings.
    """
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    kept |= {
        "PATH": search_path(place),
        "VIRTUAL_ENV": str(place.venv),
        "DATABASE_URL": database_url,
        "CIVICGRID_STATE": str(place.state),
        "NUMBA_CACHE_DIR": str(numba_cache(place)),
        "PYTHONUNBUFFERED": "1",
    }
    if site_url:
        kept["CIVICGRID_URL"] = site_url
    return kept


def is_production(site_url: str) -> bool:
    """Tell whether an address is a public one, where nothing of the demo belongs."""
    return site_url.lower().startswith("https:")


def begin(place: Place, env: dict[str, str], *words: str, lines: int = 20) -> Job:
    """Start a management command; its output goes to the log of its name."""
    return Job(
        [place.python, "manage.py", *words],
        log=place.logs / f"{words[0]}.log",
        env=env,
        cwd=place.root,
        lines=lines,
        remedy="Set right what it names, then run this again.",
    )


def prepare_database(
    place: Place, env: dict[str, str], *, own_cluster: bool, for_tests: bool = False
) -> None:
    """Make the second role and the extensions; where we may not, the SQL to run is shown.

    In a cluster of our own the role gets this clone's password anew: a clone that was removed and
    made again finds the cluster of the old one, and has other secrets.
    """
    options = {"--own-cluster": own_cluster, "--for-tests": for_tests}
    words = [option for option, wanted in options.items() if wanted]
    with step("Preparing the database's roles"):
        begin(place, env, "prepare_database", *words, lines=WHOLE_LOG).finish()


def fill_database(place: Place, env: dict[str, str], *, demo: bool) -> None:
    """Bring the schema up to date and load what it starts with."""
    titles = {"migrate": "Migrating the database", "load_base": "Loading categories"}
    if demo:
        titles["load_demo"] = "Loading the demo city"
    for command, title in titles.items():
        with step(title):
            begin(place, env, command).finish()


@contextmanager
def making_assets(place: Place, env: dict[str, str]) -> Iterator[None]:
    """Collect static files, compile words and kernels beside the block, on another core."""
    warm = Path(env["NUMBA_CACHE_DIR"]) / "warm"
    jobs = [
        begin(place, env, "collectstatic", "--noinput", "--verbosity=0"),
        begin(place, env, "compile_words"),
    ]
    try:
        if not warm.exists():
            jobs.append(begin(place, env, "warm"))
        yield
        with step("Collecting static files, compiling words and kernels"):
            for job in jobs:
                job.finish()
            warm.parent.mkdir(parents=True, exist_ok=True)
            warm.touch()
    finally:
        for job in jobs:
            job.end()
