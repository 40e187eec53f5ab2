"""The parts of a form that are files are counted one by one: the length of a body says nothing of
one of its parts."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class FileSizeLimit(FileUploadHandler):
    """Stops the reading of the body at the first byte too many.

    Stands before Django's MemoryFileUploadHandler in FILE_UPLOAD_HANDLERS. Django counts the text
    parts of a form (DATA_UPLOAD_MAX_MEMORY_SIZE), never the file parts.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > settings.AVATAR_SIZE_LIMIT:
            raise RequestDataTooBig("A file part is too large.")
        return raw_data

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        """None: the next handler has the file."""
        return None
