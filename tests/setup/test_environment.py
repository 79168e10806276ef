import shutil
from pathlib import Path

import pytest
from bootstrap.application import is_production, site_environment
from bootstrap.environment import numba_cache
from bootstrap.place import ROOT, Place


@pytest.fixture
def kernels(place: Place) -> Path:
    shutil.copytree(ROOT / "requirements", place.root / "requirements")
    folder = place.root / "planning" / "patterns"
    folder.mkdir(parents=True)
    (folder / "local.py").write_text("RADIUS = 1\n")
    return folder


@pytest.mark.usefixtures("kernels")
def test_compiled_kernels_are_found_again(place: Place):
    assert numba_cache(place) == numba_cache(place)


def test_a_changed_kernel_is_compiled_anew(place: Place, kernels: Path):
    before = numba_cache(place)
    (kernels / "local.py").write_text("RADIUS = 2\n")
    assert numba_cache(place) != before


def test_a_moved_kernel_is_compiled_anew(place: Place, kernels: Path):
    before = numba_cache(place)
    (kernels / "local.py").rename(kernels / "global.py")
    assert numba_cache(place) != before


@pytest.mark.usefixtures("kernels")
def test_another_numba_compiles_anew(place: Place):
    before = numba_cache(place)
    lock = place.root / "requirements" / "dev.txt"
    lock.write_text(lock.read_text().replace("\nnumba==", "\nnumba==9"))
    assert numba_cache(place) != before


def test_what_is_no_kernel_keeps_the_cache(place: Place, kernels: Path):
    before = numba_cache(place)
    (kernels / "README.md").write_text("not compiled")
    assert numba_cache(place) == before


@pytest.mark.usefixtures("kernels")
def test_processes_get_the_database_the_state_and_the_clone_s_programs(place: Place):
    env = site_environment(place, "postgresql://db", "http://127.0.0.1:8000")
    assert env["DATABASE_URL"] == "postgresql://db"
    assert env["CIVICGRID_STATE"] == str(place.state)
    assert env["CIVICGRID_URL"] == "http://127.0.0.1:8000"
    assert env["PATH"].startswith(f"{place.venv}/bin:")
    assert env["NUMBA_CACHE_DIR"] == str(numba_cache(place))


@pytest.mark.usefixtures("kernels")
def test_another_gdal_s_data_leads_nobody_astray(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROJ_LIB", "/opt/old/share/proj")
    monkeypatch.setenv("PYTHONPATH", "/opt/old/lib")
    assert not {"PROJ_LIB", "PYTHONPATH"} & site_environment(place, "postgresql://db", None).keys()


def test_only_https_is_production():
    assert is_production("https://reports.example.org")
    assert is_production("HTTPS://reports.example.org")
    assert not is_production("http://127.0.0.1:8000")
