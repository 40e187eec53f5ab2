"""The parts of a form that are files are counted one by one: the length of a body says nothing of
one of its parts."""

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from api.bodies.limits import file_limit, too_large_message


class FileTooLarge(RequestDataTooBig):
    """Its text is for the caller."""


class FileSizeLimit(FileUploadHandler):
    """Stops the reading of the body at the first byte too many.

    Stands before Django's MemoryFileUploadHandler in FILE_UPLOAD_HANDLERS. Django counts the text
    parts of a form (DATA_UPLOAD_MAX_MEMORY_SIZE), never the file parts.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        assert self.request is not None  # noqa: S101  # Django sets it before the first byte
        if start + len(raw_data) > file_limit(self.request.META):
            raise FileTooLarge(too_large_message(self.request.META))
        return raw_data

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        """None: the next handler has the file."""
        return None
