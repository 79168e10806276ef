"""GeoTIFF files: what is refused, what is kept of them, and that row and file never disagree."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from django.core.management import CommandError, call_command
from django.test import Client
from rio_cogeo.cogeo import cog_validate

from layers.errors import NotFound, TooLarge
from layers.importing.load import Provenance
from layers.importing.models import Import
from layers.importing.undo import undo
from layers.models import Raster
from layers.rasters import inspecting, storing
from layers.rasters.storing import NewRaster, import_raster, path_of, tidy
from tests.database.geotiffs import NORTH_UP, geotiff, numbers

pytestmark = pytest.mark.django_db
TERMS = Provenance("Survey", "CC0-1.0", "Test makers")
NEW = NewRaster("ground", "Ground")


@pytest.fixture(autouse=True)
def state(settings, tmp_path) -> Path:
    settings.STATE_DIR = tmp_path / "state"
    return settings.STATE_DIR


def files(state: Path) -> set[str]:
    return {file.name for file in (state / "rasters").glob("*")}


def committed(capture, path, new=NEW):
    with capture(execute=True):
        return import_raster(path, new, TERMS)


def test_a_geotiff_becomes_a_valid_cog_with_overviews_and_the_same_cells(tmp_path):
    cells = numbers()
    cells[0, :10] = -1
    raster = import_raster(geotiff(tmp_path / "g.tif", cells, nodata=-1), NEW, TERMS).raster
    assert cog_validate(path_of(raster), strict=True, quiet=True)[:2] == (True, [])
    with rasterio.open(path_of(raster)) as file:
        assert file.overviews(1) == [2]
        assert np.array_equal(file.read(), cells)
        assert (file.crs.to_epsg(), file.transform, file.nodata) == (32619, NORTH_UP, -1)
        assert (file.descriptions, file.compression.name) == (("Height",), "deflate")


def test_the_row_says_what_the_file_holds(tmp_path):
    cells = numbers()
    cells[0, :10] = -1
    raster = import_raster(geotiff(tmp_path / "g.tif", cells, nodata=-1), NEW, TERMS).raster
    assert (raster.width, raster.height, raster.dtype) == (900, 700, "float32")
    assert (raster.srid, raster.nodata) == (32619, "-1.0")
    assert raster.bands == [{"name": "Height", "unit": "m", "least": 9000, "greatest": 629_999}]
    west, south, east, north = raster.bounds.extent
    assert (west, north) == pytest.approx((-71.43, 42.43), abs=0.01)
    assert 0.05 < north - south < 0.1
    assert east > west
    assert (raster.audience, raster.licence, raster.attribution) == (
        "planners",
        "CC0-1.0",
        "Test makers",
    )
    assert raster.file_bytes == path_of(raster).stat().st_size


def test_nothing_of_a_name_comes_from_outside(tmp_path):
    raster = import_raster(geotiff(tmp_path / "..;rm -rf.tif"), NEW, TERMS).raster
    assert path_of(raster).parent == storing._folder()
    assert set(raster.file_name.removesuffix(".tif")) <= set("0123456789abcdef-")


def test_the_same_file_again_changes_nothing(tmp_path, state):
    path = geotiff(tmp_path / "g.tif")
    first = import_raster(path, NEW, TERMS)
    again = import_raster(path, NEW, TERMS)
    assert (first.is_changed, again.is_changed) == (True, False)
    assert files(state) == {first.raster.file_name}
    assert Import.objects.count() == 1


def test_another_file_takes_its_place_and_can_be_taken_back(
    tmp_path, state, django_capture_on_commit_callbacks
):
    capture = django_capture_on_commit_callbacks
    old = committed(capture, geotiff(tmp_path / "a.tif")).raster
    new = committed(capture, geotiff(tmp_path / "b.tif", numbers() * 2)).raster
    assert old.pk == new.pk
    assert files(state) == {old.file_name, new.file_name}
    with capture(execute=True):
        undo("raster:ground")
    back = Raster.objects.get()
    assert (back.digest, back.bounds.extent) == (old.digest, old.bounds.extent)
    assert files(state) == {old.file_name}


def test_after_an_undo_the_file_that_is_back_outlives_the_next_import(
    tmp_path, state, django_capture_on_commit_callbacks
):
    capture = django_capture_on_commit_callbacks
    first = committed(capture, geotiff(tmp_path / "a.tif")).raster
    committed(capture, geotiff(tmp_path / "b.tif", numbers() * 2))
    with capture(execute=True):
        undo("raster:ground")
    third = committed(capture, geotiff(tmp_path / "c.tif", numbers() * 3)).raster
    assert files(state) == {first.file_name, third.file_name}
    fourth = committed(capture, geotiff(tmp_path / "d.tif", numbers() * 4)).raster
    assert files(state) == {third.file_name, fourth.file_name}


def test_undoing_the_first_import_removes_it(tmp_path, state, django_capture_on_commit_callbacks):
    committed(django_capture_on_commit_callbacks, geotiff(tmp_path / "a.tif"))
    with django_capture_on_commit_callbacks(execute=True):
        undo("raster:ground")
    assert not Raster.objects.exists()
    assert files(state) == set()


def test_stopped_on_the_way_it_leaves_row_and_files_as_they_were(tmp_path, state):
    before = import_raster(geotiff(tmp_path / "a.tif"), NEW, TERMS).raster

    def stop(share, _what):
        if share > 0.5:
            raise KeyboardInterrupt

    path = geotiff(tmp_path / "b.tif", numbers() * 2)
    with pytest.raises(KeyboardInterrupt):
        import_raster(path, NEW, TERMS, watch=stop)
    assert Raster.objects.get().file_name == before.file_name
    assert files(state) == {before.file_name}


def test_when_the_row_is_refused_the_new_file_goes(tmp_path, state):
    path = geotiff(tmp_path / "a.tif")
    with pytest.raises(Exception, match="value too long"):
        import_raster(path, NewRaster("ground", "T" * 201), TERMS)
    assert files(state) == set()


def test_a_transaction_that_is_rolled_back_keeps_the_old_file(
    tmp_path, state, django_capture_on_commit_callbacks
):
    old = committed(django_capture_on_commit_callbacks, geotiff(tmp_path / "a.tif")).raster
    # Not committed: what removes files has not run.
    import_raster(geotiff(tmp_path / "b.tif", numbers() * 2), NEW, TERMS)
    import_raster(geotiff(tmp_path / "c.tif", numbers() * 3), NEW, TERMS)
    assert old.file_name in files(state)


def test_what_a_crash_left_goes_after_a_day_and_nothing_else(tmp_path, state, monkeypatch):
    raster = import_raster(geotiff(tmp_path / "a.tif"), NEW, TERMS).raster
    folder = state / "rasters"
    (folder / f"{storing._mark()}-00.tif").touch()
    (folder / "another-database.tif").touch()
    tidy()
    assert len(files(state)) == 3
    monkeypatch.setattr(storing, "LEFT_AFTER_S", -1)
    tidy()
    assert files(state) == {raster.file_name, "another-database.tif"}


def test_missing_cells_of_a_measurement_may_be_nan(tmp_path):
    cells = numbers()
    cells[0, 0, 0] = np.nan
    raster = import_raster(geotiff(tmp_path / "g.tif", cells, nodata=np.nan), NEW, TERMS).raster
    assert (raster.nodata, raster.bands[0]["least"]) == ("nan", 1)


def test_a_band_without_any_data_says_so(tmp_path):
    cells = np.zeros((1, 8, 8), dtype="uint8")
    raster = import_raster(geotiff(tmp_path / "g.tif", cells, nodata=0), NEW, TERMS).raster
    assert (raster.bands[0]["least"], raster.bands[0]["greatest"]) == (None, None)


def test_it_is_said_when_no_value_stands_for_missing_cells(tmp_path):
    stored = import_raster(geotiff(tmp_path / "g.tif"), NEW, TERMS)
    assert stored.notes == (
        "No value stands for cells without data: each counts. If one does, say --nodata.",
    )
    assert (
        import_raster(
            geotiff(tmp_path / "h.tif"), NewRaster("other", "Other", nodata=0), TERMS
        ).raster.bands[0]["least"]
        == 1
    )


def test_classes_keep_their_values_in_overviews(tmp_path):
    cells = np.random.default_rng(1).choice([10, 200], (1, 700, 900)).astype("uint8")
    raster = import_raster(geotiff(tmp_path / "g.tif", cells), NEW, TERMS).raster
    with rasterio.open(path_of(raster), overview_level=0) as file:
        assert set(np.unique(file.read())) == {10, 200}


VRT = """<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1">
<SimpleSource><SourceFilename>/etc/hostname</SourceFilename></SimpleSource></VRTRasterBand>
</VRTDataset>"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (VRT.encode(), "is no GeoTIFF: it does not begin as one"),
        (b"<html>Not found</html>", "is no GeoTIFF: it does not begin as one"),
        (b"\x89PNG\r\n\x1a\n", "is no GeoTIFF: it does not begin as one"),
        (b"", "is no GeoTIFF: it does not begin as one"),
        (b"II*\x00\xff\xff\xff\x7f", "could not be read"),
    ],
    ids=["vrt", "page", "picture", "empty", "cut"],
)
def test_what_is_no_geotiff_is_refused(tmp_path, content, said):
    path = tmp_path / "g.tif"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        call_command("import_raster", path, slug="ground")


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ({"crs": None}, "does not say its coordinate system"),
        ({"transform": rasterio.Affine.identity()}, "does not say where its cells lie"),
        ({"transform": NORTH_UP @ rasterio.Affine.rotation(30)}, "is turned"),
        ({"transform": rasterio.Affine(10, 0, 3e5, 0, 10, 4.7e6)}, "is turned"),
        ({"crs": "EPSG:4326"}, "would lie between longitude 3e\\+05"),
    ],
    ids=["no system", "no place", "turned", "upside down", "wrong system"],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_what_does_not_say_where_it_lies_is_refused(tmp_path, profile, said):
    path = geotiff(tmp_path / "g.tif", numbers(8, 8), **profile)
    with pytest.raises(CommandError, match=said):
        call_command("import_raster", path, slug="ground")


def test_complex_numbers_are_refused(tmp_path):
    path = geotiff(tmp_path / "g.tif", numbers(8, 8, "complex64"))
    with pytest.raises(CommandError, match="holds complex64; all bands must hold plain numbers"):
        call_command("import_raster", path, slug="ground")


def test_too_many_cells_are_refused_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(inspecting, "MOST_VALUES", 63)
    path = geotiff(tmp_path / "g.tif", numbers(8, 8))
    with pytest.raises(TooLarge, match="has 8 x 8 cells in 1 bands; at most 63 values"):
        import_raster(path, NEW, TERMS)


def test_too_many_bytes_are_refused(tmp_path, settings):
    settings.IMPORT_MOST_BYTES = 100
    path = geotiff(tmp_path / "g.tif", numbers(8, 8))
    with pytest.raises(TooLarge, match="at most 100 are taken"):
        import_raster(path, NEW, TERMS)


def test_a_file_that_is_cut_off_is_refused(tmp_path, state):
    path = geotiff(tmp_path / "g.tif")
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(CommandError, match="could not be read"):
        call_command("import_raster", path, slug="ground")
    assert files(state) == set()


def test_files_beside_it_are_not_looked_at(tmp_path):
    path = geotiff(tmp_path / "g.tif", numbers(8, 8), nodata=-1)
    (tmp_path / "g.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:2249</SRS></PAMDataset>")
    (tmp_path / "g.tif.ovr").write_text(VRT)
    (tmp_path / "g.tif.msk").write_text(VRT)
    assert import_raster(path, NEW, TERMS).raster.srid == 32619


@pytest.mark.parametrize("nodata", [256, -1, 0.5])
def test_a_value_for_missing_cells_must_fit_the_cells(tmp_path, nodata):
    path = geotiff(tmp_path / "g.tif", numbers(8, 8).astype("uint8"))
    with pytest.raises(CommandError, match="is no uint8"):
        call_command("import_raster", path, slug="ground", nodata=nodata)


def test_a_slug_is_a_plain_word(tmp_path):
    path = geotiff(tmp_path / "g.tif", numbers(8, 8))
    with pytest.raises(CommandError, match="may hold letters, digits"):
        call_command("import_raster", path, slug="../ground")


def test_the_command_says_what_came_and_a_dry_run_stores_nothing(tmp_path, capsys):
    path = geotiff(tmp_path / "g.tif", nodata=0)
    call_command("import_raster", path, slug="ground", dry_run=True)
    assert capsys.readouterr().out.startswith("Nothing was stored. 900 x 700 cells, 1 bands of fl")
    assert not Raster.objects.exists()
    call_command("import_raster", path, slug="ground", title="Ground")
    said = capsys.readouterr().out
    assert "ground: 900 x 700 cells of float32, EPSG:32619" in said
    assert "Band 1 (Height): 1 to 629999 m" in said
    call_command("undo_import", "raster:ground")
    assert not Raster.objects.exists()


# ---- served ----


@pytest.fixture
def served(tmp_path) -> bytes:
    new = NewRaster("ground", "Ground", audience="public")
    raster = import_raster(geotiff(tmp_path / "g.tif", numbers(64, 64)), new, TERMS).raster
    return path_of(raster).read_bytes()


def get(**headers):
    return Client().get("/rasters/ground.tif", headers=headers)


def body(response) -> bytes:
    return b"".join(response)


def test_the_whole_file_is_served(served):
    response = get()
    assert (response.status_code, body(response)) == (200, served)
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Length"] == str(len(served))
    assert response["Content-Type"].startswith("image/tiff")
    assert response["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-199", 100, 200),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=100-99999999", 100, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_a_range_is_served_as_asked(served, asked, start, end):
    response = get(Range=asked)
    expected = served[start:end]
    assert (response.status_code, body(response)) == (206, expected)
    first = len(served) + start if start < 0 else start
    last = first + len(expected) - 1
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(served)}"
    assert response["Content-Length"] == str(len(expected))


@pytest.mark.parametrize(
    "asked", ["bytes=5-4", "bytes=0-1,5-6", "cells=0-5", "bytes=-", "bytes=a-b", "bytes=-0"]
)
def test_a_range_that_is_not_understood_gets_the_whole_file(served, asked):
    response = get(Range=asked)
    expected = 416 if asked == "bytes=-0" else 200
    assert response.status_code == expected


def test_a_range_beyond_the_end_is_told_the_size(served):
    response = get(Range=f"bytes={len(served)}-")
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(served)}"


def test_a_head_tells_the_size_alone(served):
    response = Client().head("/rasters/ground.tif")
    assert response["Content-Length"] == str(len(served))


def test_an_unchanged_file_is_not_sent_again_and_a_changed_one_not_pieced_together(served):
    etag = get()["ETag"]
    assert get(**{"If-None-Match": etag}).status_code == 304
    assert get(**{"If-Range": etag, "Range": "bytes=0-9"}).status_code == 206
    assert get(**{"If-Range": '"old"', "Range": "bytes=0-9"}).status_code == 200


def test_a_row_whose_file_is_gone_is_told(served):
    path_of(Raster.objects.get()).unlink()
    response = get()
    assert response.status_code == 404
    assert "not on this server" in response.content.decode()


def test_what_is_not_for_everybody_stays_in_no_cache(tmp_path, people):
    import_raster(geotiff(tmp_path / "g.tif", numbers(8, 8)), NEW, TERMS)
    client = Client()
    assert client.get("/rasters/ground.tif").status_code == 404
    client.force_login(people.planner)
    assert client.get("/rasters/ground.tif")["Cache-Control"] == "private, no-store"


def test_there_is_no_raster_of_another_name():
    with pytest.raises(NotFound, match="There is no raster 'nowhere'"):
        storing.raster_of("nowhere")


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "size", "srid", "least", "greatest"),
    [
        ("co_elevation_roi.tif", (1007, 633, 1, "float32"), 4269, 2543.0, 3946.1),
        ("landsat7.tif", None, 3857, 19, 233),
        ("bahamas_rgb.tif", None, 32618, None, None),
    ],
)
def test_real_rasters_come_in(real_data, name, size, srid, least, greatest):
    path = real_data / "raster" / name
    raster = import_raster(path, NEW, TERMS).raster
    assert raster.srid == srid
    assert cog_validate(path_of(raster), strict=True, quiet=True)[0]
    if size:
        assert sorted((raster.width, raster.height)) == sorted(size[:2])
        assert (len(raster.bands), raster.dtype) == size[2:]
    if least is not None:
        band = raster.bands[0]
        assert (band["least"], band["greatest"]) == pytest.approx((least, greatest), abs=0.1)
    with rasterio.open(path) as source, rasterio.open(path_of(raster)) as file:
        assert np.array_equal(source.read(), file.read())
        assert (source.nodata, source.bounds) == (file.nodata, file.bounds)
