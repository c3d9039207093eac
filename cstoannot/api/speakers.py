import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.actions import add_listed_speaker, change_speaker
from cstoannot.annotations.models import Speaker
from cstoannot.annotations.queries import visible_speakers
from cstoannot.api.base import ProjectView, read_query_parameters, read_request_body
from cstoannot.api.fields import ApiSerializer, StrictCharField
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.decisions.merge_actions import merge_speakers, undo_speaker_merge
from cstoannot.projects.permissions import Permission

PAGES = KeysetPagination({"name": ("name",)})


class SpeakerOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the speaker.")
    name = serializers.CharField(help_text="What an annotation's `voice` says.")
    note = serializers.CharField(help_text="Any remark on the speaker.")
    listed = serializers.BooleanField(help_text="On the list that everybody chooses from.")
    example_values = {"name": "The minister", "note": "Seen twice."}


class SpeakerIn(ApiSerializer):
    name = StrictCharField(help_text="The speaker's name, as an annotation's `voice` gives it.")
    note = StrictCharField(required=False, help_text="Any remark on the speaker.")
    example_values = SpeakerOut.example_values


class SpeakerMergeIn(ApiSerializer):
    into = serializers.UUIDField(help_text="The id of the speaker who takes the annotations.")


def serialize_speaker(speaker: Speaker) -> dict[str, Any]:
    return {
        "id": speaker.key,
        "name": speaker.name,
        "note": speaker.note,
        "listed": speaker.listed,
    }


class SpeakerListView(ProjectView):
    permissions = {"POST": Permission.EDIT_CODEBOOK}

    @extend_schema(
        operation_id="speakers_list",
        summary="The speakers you may know of",
        description="Those on the list, and those in the coding that you may see.",
        parameters=build_list_parameters(PAGES),
        responses={200: build_page_schema(SpeakerOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        read_query_parameters(ApiSerializer, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, visible_speakers(self.scope), serialize_speaker)

    @extend_schema(
        operation_id="speakers_create",
        summary="Put a speaker on the list",
        description="200 if somebody has coded in this voice before, otherwise 201.",
        request=SpeakerIn,
        responses={201: SpeakerOut, 200: SpeakerOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        speaker, created = add_listed_speaker(self.scope, **read_request_body(SpeakerIn, request))
        return Response(serialize_speaker(speaker), status=201 if created else 200)


class SpeakerDetailView(ProjectView):
    permission = Permission.EDIT_CODEBOOK
    path_descriptions = {"speaker": "The speaker's id."}

    @extend_schema(
        operation_id="speakers_patch",
        summary="Rename a speaker or change the note",
        description="Every annotation in that voice follows.",
        request=SpeakerIn(partial=True),
        responses={200: SpeakerOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, speaker: uuid.UUID) -> Response:
        changes = read_request_body(SpeakerIn, request, partial=True)
        return Response(serialize_speaker(change_speaker(self.scope, speaker, **changes)))


class SpeakerMergeView(ProjectView):
    permission = Permission.EDIT_CODEBOOK
    path_descriptions = {"speaker": "Id of the speaker who is merged."}

    @extend_schema(
        operation_id="speakers_merge",
        summary="Merge a speaker into another",
        description=(
            "All annotations in that voice are in the other's from now on, each with a new version "
            "and an entry in the history; the speaker is gone. The answer is the other one."
        ),
        request=SpeakerMergeIn,
        responses={200: SpeakerOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str, speaker: uuid.UUID) -> Response:
        body = read_request_body(SpeakerMergeIn, request)
        return Response(serialize_speaker(merge_speakers(self.scope, speaker, **body)))

    @extend_schema(
        operation_id="speakers_unmerge",
        summary="Undo the merge of a speaker",
        description=(
            "The speaker is there again under the same id, with the passages that the merge moved, "
            "each with a new version and an entry in the history. Passages that are in another "
            "voice by now stay as they are. 409 where the speaker who took them is gone, or the "
            "merge is undone already."
        ),
        responses={200: SpeakerOut, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, speaker: uuid.UUID) -> Response:
        return Response(serialize_speaker(undo_speaker_merge(self.scope, speaker)))
