"""Large files that administrators send: written to a folder of the site as they come.

Photos never touch a disk (see `layers.uploads`); a city's streets would not fit into memory. Each
request fills one folder with a generated name that nobody else may read; it goes after a day, or
once its import is done.
"""

import re
import shutil
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, ParamSpec, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from layers.errors import InvalidInput, NotFound, TooLarge
from layers.http import Request, View
from layers.jobs import UNDER_WAY, Job
from layers.models import Upload

P = ParamSpec("P")
KEPT = timedelta(days=1)
RESERVE_BYTES = 500_000_000
"""What a file must leave free on the disk: the database lives there as well."""
FORM_BYTES = 1_000_000
"""What a form may hold beside its files."""
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
NAME_LENGTH = 80


def folder_of(key: UUID) -> Path:
    """Return where the files of an upload lie."""
    return Path(settings.STATE_DIR) / "uploads" / str(key)


def safe_name(name: str) -> str:
    """Return a name that messages can show and no shell or path trips over.

    >>> safe_name("../Straßen & Wege.geojson"), safe_name(".hidden"), safe_name("…")
    ('Stra-en-Wege.geojson', 'hidden', 'file')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode()
    cleaned = UNSAFE.sub("-", plain.rsplit("/", 1)[-1]).lstrip(".-") or "file"
    return cleaned[-NAME_LENGTH:].lstrip(".-")


class DiskUploads(FileUploadHandler):
    """Writes files into the folder of a new upload.

    Where the disk has no room they are read and dropped, so that whoever sent them gets an answer
    and no broken connection.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.key = uuid4()
        self._has_room = True
        self._file: BinaryIO | None = None

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002 - the signature is Django's
        META: dict[str, str],  # noqa: ARG002, N803
        content_length: int,
        boundary: Any,  # noqa: ARG002
        encoding: str | None = None,  # noqa: ARG002
    ) -> None:
        """See whether the disk takes what is announced."""
        free = shutil.disk_usage(settings.STATE_DIR).free
        self._has_room = content_length + RESERVE_BYTES <= free

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; of two with the same name the second is numbered."""
        super().new_file(*args, **kwargs)
        folder = folder_of(self.key)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        name = safe_name(self.file_name or "")
        if (folder / name).exists():
            name = f"{sum(1 for _ in folder.iterdir()) + 1}-{name}"
        self._path = folder / name
        self._file = self._path.open("xb")
        self._path.chmod(0o600)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002
        """Write a part of the file."""
        if self._file and self._has_room:
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> "StoredFile":
        """Return the file, ready to be read."""
        cast("BinaryIO", self._file).close()
        return StoredFile(self.key, self._path, file_size, has_room=self._has_room)

    def upload_interrupted(self) -> None:
        """Leave nothing of what did not come whole."""
        if self._file:
            self._file.close()
        shutil.rmtree(folder_of(self.key), ignore_errors=True)


class StoredFile(UploadedFile):  # type: ignore[type-arg]
    """A file of a form that lies in the folder of an upload."""

    def __init__(self, key: UUID, path: Path, size: int, *, has_room: bool) -> None:
        super().__init__(path.open("rb"), path.name, size=size)
        self.key, self.path, self.has_room = key, path, has_room


def takes_large_files(view: View[P]) -> View[P]:
    """Let a view take files up to `settings.UPLOAD_MOST_BYTES`, written to the disk.

    The check against forgery reads the form, so it comes after the choice of where files go; who
    may send them is decided before, by the guard around this.
    """

    @wraps(view)
    def receiving(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request.upload_handlers = [DiskUploads(request)]
        return csrf_protect(view)(request, *args, **kwargs)

    receiving.most_body_bytes = settings.UPLOAD_MOST_BYTES + FORM_BYTES  # type: ignore[attr-defined]
    return cast("View[P]", csrf_exempt(receiving))


def keep(files: Sequence[StoredFile], owner_id: int | None) -> Upload:
    """Keep the files of one form for a day.

    Raises
    ------
    InvalidInput
        When one of them is empty.
    TooLarge
        When the disk had no room for them.
    """
    for file in files:
        file.close()
    if not all(file.has_room for file in files):
        message = _(
            "The server's disk has no room for %(size)s MB. Ask whoever runs it to make some, or "
            "send less at once."
        )
        size = sum(file.size or 0 for file in files)
        raise TooLarge(message % {"size": max(1, round(size / 1e6))}, field="file")
    if empty := next((file.name for file in files if not file.size), None):
        message = _("%(name)s is empty. Fetch it again.")
        raise InvalidInput(message % {"name": empty}, field="file")
    names = [{"name": file.path.name, "size": file.size} for file in files]
    return Upload.objects.create(key=files[0].key, owner_id=owner_id, files=names)


def upload_of(key: UUID) -> Upload:
    """Return an upload whose files are still here.

    Raises
    ------
    NotFound
        When they are gone; says what to do.
    """
    upload = Upload.objects.filter(key=key).first()
    if upload is None or not folder_of(key).is_dir():
        raise NotFound(_("This file is no longer here: it is kept for a day. Send it again."))
    return upload


def paths_of(upload: Upload) -> list[Path]:
    """Return the files of an upload, in the order in which they came."""
    folder = folder_of(upload.key)
    return [folder / file["name"] for file in upload.files]


def main_of(upload: Upload) -> Path:
    """Return the file that is meant: of the parts of a Shapefile the one with the shapes."""
    paths = paths_of(upload)
    return next((path for path in paths if path.suffix.lower() == ".shp"), paths[0])


def remove(upload: Upload) -> None:
    """Remove the files of an upload and what is known of them."""
    shutil.rmtree(folder_of(upload.key), ignore_errors=True)
    upload.delete()


def sweep() -> int:
    """Remove uploads older than a day, and folders that no upload has; return how many went.

    One whose import waits or works stays.
    """
    before = timezone.now() - KEPT
    gone = 0
    for upload in Upload.objects.filter(uploaded_at__lt=before):
        if not _is_wanted(upload):
            remove(upload)
            gone += 1
    root = folder_of(UUID(int=0)).parent
    for folder in root.iterdir() if root.is_dir() else ():
        is_old = folder.stat().st_mtime < before.timestamp()
        if is_old and not Upload.objects.filter(key=folder.name).exists():
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _is_wanted(upload: Upload) -> bool:
    """Tell whether a job of any kind that has not ended reads these files."""
    jobs = (
        getattr(upload, str(relation.get_accessor_name()))
        for relation in Upload._meta.related_objects  # noqa: SLF001 - a public interface
        if issubclass(relation.related_model, Job)
    )
    return any(rows.filter(state__in=UNDER_WAY).exists() for rows in jobs)
