"""`/users/me/export`: one's own data as a file."""

from django.http import StreamingHttpResponse
from django.utils import timezone

from api.description.schema import raises
from api.file_view import ZipView
from users.export import schema
from users.export.services import export_archive
from users.sessions.authentication import SignedInRequest
from users.throttling.limits import LimitReached


@schema.export
class ExportView(ZipView):
    request: SignedInRequest

    @raises(LimitReached)
    def get(self, request: SignedInRequest) -> StreamingHttpResponse:
        now = timezone.now()
        return StreamingHttpResponse(
            export_archive(user=request.user, now=now),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="foyer-{now:%Y-%m-%d}.zip"'},
        )
