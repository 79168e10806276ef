"""Archives that lead out of their folder, grow without end, or are damaged."""

import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path

from tests.database.broken_files.case import refused
from tests.database.broken_files.sound import POINT, points, shapefile


def _zip(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return folder / "a.zip"


@refused("a.zip holds a file named '../evil.geojson', which leads out of it. It is refused.")
def an_archive_with_a_path_upwards(folder: Path) -> Path:
    return _zip(folder, ("../evil.geojson", POINT))


@refused("a.zip holds a file named 'a/../../evil.geojson', which leads out of it. It is refused.")
def an_archive_with_a_path_upwards_in_the_middle(folder: Path) -> Path:
    return _zip(folder, ("a/../../evil.geojson", POINT))


@refused("a.zip holds a file named '/etc/evil.geojson', which leads out of it. It is refused.")
def an_archive_with_an_absolute_path(folder: Path) -> Path:
    return _zip(folder, ("/etc/evil.geojson", POINT))


@refused("a.zip holds a file named '..\\\\evil.geojson', which leads out of it. It is refused.")
def an_archive_with_backslashes(folder: Path) -> Path:
    return _zip(folder, ("..\\evil.geojson", POINT))


@refused("a.zip holds a file named 'C:/evil.geojson', which leads out of it. It is refused.")
def an_archive_with_a_drive(folder: Path) -> Path:
    return _zip(folder, ("C:/evil.geojson", POINT))


@refused("a.zip holds a file named 'a\\x00b.geojson', which leads out of it. It is refused.")
def an_archive_with_a_zero_byte_in_a_name(folder: Path) -> Path:
    path = _zip(folder, ("a_b.geojson", POINT))
    path.write_bytes(path.read_bytes().replace(b"a_b.geojson", b"a\x00b.geojson"))
    return path


@refused("a.zip holds 'a.geojson', which is a link or a device, not a file. It is refused.")
def an_archive_with_a_symbolic_link(folder: Path) -> Path:
    link = zipfile.ZipInfo("a.geojson")
    link.external_attr = 0o120777 << 16
    return _zip(folder, (link, b"/etc/passwd"))


@refused(
    "a.zip is a bomb: 'a.csv' would grow from 19,448 bytes to 20,000,000, more than 250 "
    "times. It is not unpacked."
)
def an_archive_that_grows_four_thousand_times(folder: Path) -> Path:
    return _zip(folder, ("a.csv", b"0" * 20_000_000))


@refused(
    "a.zip would unpack to 1,200,000 bytes; at most 1,000,000 are taken. Cut it into "
    "parts, or raise CIVICGRID_IMPORT_MOST_BYTES.",
    settings={"IMPORT_MOST_BYTES": 1_000_000},
)
def an_archive_of_more_than_the_limit(folder: Path) -> Path:
    return _zip(folder, ("a.csv", b"0" * 600_000), ("b.csv", b"1" * 600_000))


@refused("a.zip is a damaged zip archive (Bad CRC-32 for file 'a.csv'). Fetch it again.")
def an_archive_that_lies_about_a_size(folder: Path) -> Path:
    path = _zip(folder, ("a.csv", b"0" * 20_000_000))
    real, told = struct.pack("<L", 20_000_000), struct.pack("<L", 100)
    path.write_bytes(path.read_bytes().replace(real, told))
    return path


@refused(
    "a.zip holds 10,001 files; at most 10,000 are unpacked. Pack the file of places "
    "alone, with what belongs to it."
)
def an_archive_of_ten_thousand_and_one_files(folder: Path) -> Path:
    return _zip(folder, *((f"{number}.csv", b"") for number in range(10_001)))


@refused("a.zip is an archive in an archive. Unpack it, and pack its files as .zip.")
def an_archive_in_an_archive(folder: Path) -> Path:
    inner = _zip(folder, ("a.geojson", POINT)).read_bytes()
    return _zip(folder, ("inner.geojson", inner))


@refused("a.zip is an archive in an archive. Unpack it, and pack its files as .zip.")
def an_archive_in_an_archive_under_its_own_name(folder: Path) -> Path:
    inner = _zip(folder, ("a.geojson", POINT)).read_bytes()
    return _zip(folder, ("inner.zip", inner))


@refused("a.zip holds 'A.geojson' twice. Pack it anew.")
def an_archive_with_a_name_twice(folder: Path) -> Path:
    return _zip(folder, ("a.geojson", POINT), ("A.geojson", POINT))


@refused("a.zip holds 'a' as a file and a folder. Pack it anew.")
def an_archive_with_a_file_where_a_folder_is(folder: Path) -> Path:
    return _zip(folder, ("a", b"x"), ("a/b.geojson", POINT))


@refused("a.zip is locked by a password. Unpack it, and pack it without.")
def an_archive_with_a_password(folder: Path) -> Path:
    path = _zip(folder, ("a.geojson", POINT))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path


@refused("a.zip is a damaged zip archive (File is not a zip file). Fetch it again.")
def an_archive_cut_short(folder: Path) -> Path:
    path = _zip(folder, ("a.geojson", POINT * 100))
    path.write_bytes(path.read_bytes()[:-40])
    return path


@refused("a.zip is a damaged zip archive (Bad CRC-32 for file 'a.geojson'). Fetch it again.")
def an_archive_with_a_flipped_bit(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("a.geojson", POINT)
    content = (folder / "a.zip").read_bytes()
    (folder / "a.zip").write_bytes(content.replace(b"Feature", b"Fe`ture", 1))
    return folder / "a.zip"


@refused("a.zip holds no file of places (it holds nothing).")
def an_empty_archive(folder: Path) -> Path:
    return _zip(folder)


@refused("a.zip holds no file of places (it holds licence.pdf, readme.html).")
def an_archive_without_places(folder: Path) -> Path:
    return _zip(folder, ("readme.html", b"hello"), ("licence.pdf", b"%PDF"))


@refused("a.zip holds 2 files of places (2019.geojson, 2020.geojson). Unpack it and give one.")
def an_archive_of_two_files_of_places(folder: Path) -> Path:
    return _zip(folder, ("2019.geojson", POINT), ("2020.geojson", POINT))


@refused("a.geojson is a virtual file, which leads to other files. Give those.")
def an_archive_of_a_virtual_file(folder: Path) -> Path:
    vrt = b'<OGRVRTDataSource><OGRVRTLayer name="a"></OGRVRTLayer></OGRVRTDataSource>'
    return _zip(folder, ("a.geojson", vrt))


@refused("a.xlsx is an Excel or Word file. Save the sheet as CSV.")
def an_excel_workbook(folder: Path) -> Path:
    path = _zip(folder, ("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
    return path.rename(folder / "a.xlsx")


@refused("a.zip holds a.shp twice. Unpack it and give one.")
def an_archive_of_two_shapefiles_of_one_name(folder: Path) -> Path:
    parts = list(shapefile(folder / "s").parent.iterdir())
    return _zip(folder, *((f"{d}/{p.name}", p.read_bytes()) for d in ("x", "y") for p in parts))


@refused("a.csv.gz is a bomb: its 19,466 bytes grow more than 250 times. It is not unpacked.")
def a_gzip_that_grows_a_thousand_times(folder: Path) -> Path:
    (folder / "a.csv.gz").write_bytes(gzip.compress(b"0" * 20_000_000, mtime=0))
    return folder / "a.csv.gz"


@refused(
    "a.csv.gz unpacks to more than 1,000,000 bytes. Cut it into parts, or raise "
    "CIVICGRID_IMPORT_MOST_BYTES.",
    settings={"IMPORT_MOST_BYTES": 1_000_000},
)
def a_gzip_of_more_than_the_limit(folder: Path) -> Path:
    (folder / "a.csv.gz").write_bytes(gzip.compress(b"0" * 1_000_001, mtime=0))
    return folder / "a.csv.gz"


@refused(
    "a.geojson.gz is a damaged gzip file (Compressed file ended before the end-of-stream "
    "marker was reached). Fetch it again."
)
def a_gzip_cut_short(folder: Path) -> Path:
    (folder / "a.geojson.gz").write_bytes(gzip.compress(points(100), mtime=0)[:-20])
    return folder / "a.geojson.gz"


@refused(
    "a.geojson.gz is a damaged gzip file (CRC check failed 0x9b89b09f != 0x9b89b09e). "
    "Fetch it again."
)
def a_gzip_with_a_wrong_sum(folder: Path) -> Path:
    packed = bytearray(gzip.compress(POINT, mtime=0))
    packed[-8] ^= 1
    (folder / "a.geojson.gz").write_bytes(packed)
    return folder / "a.geojson.gz"


@refused("a.geojson.gz is an archive in an archive. Unpack it, and pack its files as .zip.")
def a_gzip_in_a_gzip(folder: Path) -> Path:
    (folder / "a.geojson.gz").write_bytes(gzip.compress(gzip.compress(POINT)))
    return folder / "a.geojson.gz"


@refused("a.tar.gz is an archive in an archive. Unpack it, and pack its files as .zip.")
def a_tape_archive(folder: Path) -> Path:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("../evil.geojson")
        member.size = len(POINT)
        archive.addfile(member, io.BytesIO(POINT))
    (folder / "a.tar.gz").write_bytes(packed.getvalue())
    return folder / "a.tar.gz"


@refused("a.7z is a 7-Zip archive. Unpack it, and pack it as .zip.")
def an_archive_of_another_kind(folder: Path) -> Path:
    (folder / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(100))
    return folder / "a.7z"
