"""`/api/repos/<id>/notes`: marks of the owner on the charts."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.db.fields import MAX_ID
from core.exceptions import NotFound
from repos.openapi import REPOSITORY_ID
from repos.serializers import NoteCreateSerializer, NoteIdSerializer, NoteSerializer
from repos.services.notes import add_note, delete_note
from repos.traffic.marks import notes_of
from repos.views.base import TrafficView
from repos.views.lookup import own_repository
from users.sessions.authentication import SignedInRequest

_NOTE = {"date": "2026-03-01", "text": "Posted on Hacker News"}


class UnknownNote(NotFound):
    code = "unknown_note"
    message = "The repository has no note with this id."


class NotesView(TrafficView):
    @extend_schema(
        operation_id="notes_list",
        parameters=[REPOSITORY_ID],
        summary="List the notes of a repository, oldest day first",
        responses=NoteSerializer(many=True),
        examples=[OpenApiExample("One", {"id": 7} | _NOTE, response_only=True)],
    )
    def get(self, request: SignedInRequest, repository_id: str) -> Response:
        repository = own_repository(request, repository_id)
        return Response(NoteSerializer(notes_of(repository), many=True).data)

    @extend_schema(
        operation_id="notes_create",
        parameters=[REPOSITORY_ID],
        summary="Mark a day on the charts",
        request=NoteCreateSerializer,
        responses={200: NoteIdSerializer},
        examples=[
            OpenApiExample("Note", _NOTE, request_only=True),
            OpenApiExample("Id", {"id": 7}, response_only=True),
        ],
    )
    def post(self, request: SignedInRequest, repository_id: str) -> Response:
        repository = own_repository(request, repository_id)
        incoming = NoteCreateSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        note = add_note(repository=repository, now=timezone.now(), **incoming.validated_data)
        return Response({"id": note.pk})


class NoteDeleteView(TrafficView):
    @extend_schema(
        operation_id="notes_delete",
        parameters=[REPOSITORY_ID],
        summary="Delete a note",
        request=None,
        responses={202: OpenApiResponse(description="Deleted.")},
    )
    def post(self, request: SignedInRequest, repository_id: str, note_id: int) -> Response:
        repository = own_repository(request, repository_id)
        if note_id > MAX_ID or not delete_note(repository=repository, note_id=note_id):
            raise UnknownNote
        return Response({}, status=status.HTTP_202_ACCEPTED)
