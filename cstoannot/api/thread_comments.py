import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import read_query_parameters, read_request_body
from cstoannot.api.fields import ApiSerializer, StrictCharField
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.api.threads import ThreadView
from cstoannot.projects.scope import Scope
from cstoannot.threads.comment_actions import add_comment, delete_comment, edit_comment
from cstoannot.threads.models import Comment
from cstoannot.threads.people_queries import ThreadPeople, load_thread_people
from cstoannot.threads.queries import list_comments, require_comment, require_thread

PAGES = KeysetPagination(
    {"created_at": ("created_at", "id"), "-created_at": ("-created_at", "-id")}
)


class CommentOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the comment.")
    author = serializers.CharField(
        allow_null=True, help_text="A user name, or “coder 2” for one that you may not know."
    )
    text = serializers.CharField(
        help_text="As it was written; coders whom you may not know have no names in it."
    )
    mentions = serializers.ListField(
        child=serializers.CharField(), help_text="Whom it mentions, as `author`."
    )
    created_at = serializers.DateTimeField(help_text="When it was written.")
    edited_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was last changed. Null if it was not."
    )
    example_values = {
        "author": "coder 2",
        "text": "@lead, “with limited effectiveness” takes half of it back.",
        "mentions": ["lead"],
        "edited_at": None,
    }


class CommentIn(ApiSerializer):
    text = StrictCharField(help_text="Up to 10,000 characters; @name mentions a member.")
    example_values = CommentOut.example_values


class CommentParameters(ApiSerializer):
    pass


def serialize_comment(scope: Scope, people: ThreadPeople, comment: Comment) -> dict[str, Any]:
    thread = comment.thread_id
    named = (people.name_in(thread, user) for user in comment.mentions.all())
    return {
        "id": comment.pk,
        "author": people.name_in(thread, comment.author),
        "text": people.show_text(comment, scope.user_id),
        "mentions": sorted(name for name in named if name),
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
    }


class _CommentView(ThreadView):
    path_descriptions = {"comment": "The comment's id."}

    def answer_comment(self, comment: Comment, *, status: int = 200) -> Response:
        people = load_thread_people(self.scope, [comment.thread_id])
        return Response(serialize_comment(self.scope, people, comment), status=status)


class CommentListView(_CommentView):
    @extend_schema(
        operation_id="comments_list",
        summary="The comments of a conversation",
        parameters=build_list_parameters(PAGES),
        responses={200: build_page_schema(CommentOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str, thread: uuid.UUID) -> Response:
        read_query_parameters(CommentParameters, request, also=LIST_PARAMETERS)
        require_thread(self.scope, thread)
        people = load_thread_people(self.scope, [thread])
        return PAGES.answer(
            request,
            list_comments(self.scope, thread),
            lambda comment: serialize_comment(self.scope, people, comment),
        )

    @extend_schema(
        operation_id="comments_create",
        summary="Write in a conversation",
        request=CommentIn,
        responses={201: CommentOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str, thread: uuid.UUID) -> Response:
        body = read_request_body(CommentIn, request)
        return self.answer_comment(add_comment(self.scope, thread, **body), status=201)


class CommentDetailView(_CommentView):
    @extend_schema(
        operation_id="comments_read",
        summary="One comment",
        responses={200: CommentOut, **PROBLEMS},
    )
    def get(
        self, request: Request, project: str, thread: uuid.UUID, comment: uuid.UUID
    ) -> Response:
        return self.answer_comment(require_comment(self.scope, thread, comment))

    @extend_schema(
        operation_id="comments_patch",
        summary="Change one's own comment",
        description="The history keeps what it said. 403 for somebody else's.",
        request=CommentIn,
        responses={200: CommentOut, **PROBLEMS},
    )
    def patch(
        self, request: Request, project: str, thread: uuid.UUID, comment: uuid.UUID
    ) -> Response:
        body = read_request_body(CommentIn, request)
        return self.answer_comment(edit_comment(self.scope, thread, comment, **body))

    @extend_schema(
        operation_id="comments_delete",
        summary="Delete one's own comment",
        description=(
            "The history keeps what it said. A conversation ends with its last comment. 403 for "
            "somebody else's."
        ),
        responses={204: None, **PROBLEMS},
    )
    def delete(
        self, request: Request, project: str, thread: uuid.UUID, comment: uuid.UUID
    ) -> Response:
        delete_comment(self.scope, thread, comment)
        return Response(status=204)
