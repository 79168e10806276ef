"""Files that people send: kept in memory up to a limit, and never written to a disk.

A photo may hold the place where it was taken; a temporary file would outlive that.
"""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 15_000_000
# Five photos and the form around them.
MOST_BODY_BYTES = 80_000_000


class MemoryUploads(FileUploadHandler):
    """Keeps each file in memory; of one beyond the limit its size alone.

    The rest of such a file is read and dropped, so that whoever sent it gets an answer and no
    broken connection.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()
        self.is_too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a part of the file while it is within the limit."""
        if start + len(raw_data) > MOST_BYTES:
            self.is_too_large = True
            self.kept = BytesIO()
        if not self.is_too_large:
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file; one beyond the limit has its size and no content."""
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )
