from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.counts import count_by_code
from cstoannot.api.base import (
    ProjectView,
    build_version_header,
    parse_if_match,
    read_query_parameters,
    read_request_body,
    read_request_items,
)
from cstoannot.api.codes_serializers import (
    CodeIn,
    CodeOut,
    CodePatch,
    MergeIn,
    MoveIn,
    RevisionOut,
    SnapshotOut,
)
from cstoannot.api.fields import ApiSerializer
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import (
    IF_MATCH,
    PROBLEMS,
    build_list_parameters,
    build_one_or_many_schema,
    build_page_schema,
)
from cstoannot.codebook.actions import TEXTS, change_code, create_code, delete_code
from cstoannot.codebook.bulk_actions import create_codes
from cstoannot.codebook.bulk_plan import MOST_CODES, CodeDraft, check_code_count
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.codebook.order_actions import place_code
from cstoannot.codebook.queries import (
    list_revisions,
    load_near_colours,
    require_code,
    require_revision,
    visible_codes,
)
from cstoannot.decisions.merge_actions import merge_code
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

PAGES = KeysetPagination({"position": ("position", "id"), "slug": ("slug",)})
REVISION_PAGES = KeysetPagination({"-number": ("-number",)})


DRAFT_FIELDS = ("name", "slug", "parent", "colour", "shortcut")
ONE = OpenApiExample(
    "A code",
    value={"name": "Failed duty", "claim": "The alliance failed its duty.", "shortcut": "d"},
    request_only=True,
)
MANY = OpenApiExample(
    "A code and one below it",
    value=[
        {"name": "Duties", "slug": "duties"},
        {"name": "Article 4", "parent": "duties", "definition": "Help for a member attacked."},
    ],
    request_only=True,
)


def serialize_code(
    code: Code, counts: Mapping[int, int], near: Mapping[str, list[str]]
) -> dict[str, Any]:
    return {
        "slug": code.slug,
        "name": code.name,
        "parent": code.parent.slug if code.parent else None,
        "colour": code.colour,
        "shortcut": code.shortcut,
        **{name: getattr(code, name) for name in TEXTS},
        "position": code.position,
        "retired": code.retired_at is not None,
        "version": code.version,
        "revision": code.meaning_revision,
        "count": counts.get(code.pk, 0),
        "near_colours": near.get(code.slug, []),
    }


def serialize_revision(revision: CodebookRevision) -> dict[str, Any]:
    return {
        "number": revision.number,
        "at": revision.at,
        "by": revision.by and revision.by.username,
        "note": revision.note,
    }


def serialize_code_in_scope(scope: Scope, code: Code, counts: Mapping[int, int]) -> dict[str, Any]:
    return serialize_code(code, counts, load_near_colours(scope, beside=code))


class CodeListView(ProjectView):
    permissions = {"POST": Permission.EDIT_CODEBOOK}

    @extend_schema(
        operation_id="codes_list",
        summary="List the codebook, including retired codes",
        parameters=build_list_parameters(PAGES),
        responses={200: build_page_schema(CodeOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        read_query_parameters(ApiSerializer, request, also=LIST_PARAMETERS)
        counts = count_by_code(self.scope)
        found = visible_codes(self.scope).select_related("parent")
        near = load_near_colours(self.scope)
        return PAGES.answer(request, found, lambda code: serialize_code(code, counts, near))

    @extend_schema(
        operation_id="codes_create",
        summary="Add one code or many in one revision",
        description=(
            f"A list of up to {MOST_CODES:,} codes is added in one revision, all or none. The "
            "response lists the stored codes in the same order. In a list, `parent` is the slug of "
            "a code of the codebook or of any code of the list. The notes are joined. If a code "
            "cannot be added, the response is 422 and `errors` gives the reasons by index, from 0."
        ),
        examples=[ONE, MANY],
        request=build_one_or_many_schema("CodeOrList", CodeIn),
        responses={201: build_one_or_many_schema("AddedCodeOrList", CodeOut), **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        if isinstance(request.data, list):
            return self._post_many(request.data)
        code = create_code(self.scope, **read_request_body(CodeIn, request))
        shown = serialize_code_in_scope(self.scope, code, {})
        return Response(shown, status=201, headers=build_version_header(code.version))

    def _post_many(self, items: list[Any]) -> Response:
        if not items:
            raise ParseError("Send a JSON object, or a list of at least one.")
        check_code_count(len(items))  # before each item is checked
        bodies = read_request_items(CodeIn, items)
        notes = dict.fromkeys(body["note"] for body in bodies if body.get("note"))
        drafts = [_build_code_draft(body) for body in bodies]
        codes = create_codes(self.scope, drafts, note="; ".join(notes))
        near = load_near_colours(self.scope)
        return Response([serialize_code(code, {}, near) for code in codes], status=201)


def _build_code_draft(body: dict[str, Any]) -> CodeDraft:
    fields = {name: body[name] for name in DRAFT_FIELDS if name in body}
    return CodeDraft(**fields, texts={name: body[name] for name in TEXTS if name in body})


class CodeDetailView(ProjectView):
    permissions = {"PATCH": Permission.EDIT_CODEBOOK, "DELETE": Permission.EDIT_CODEBOOK}
    path_descriptions = {"code": "The code's slug."}

    def show_current(self, current: Code) -> dict[str, Any]:
        return serialize_code_in_scope(
            self.scope, current, count_by_code(self.scope, code_id=current.pk)
        )

    @extend_schema(
        operation_id="codes_read",
        summary="One code",
        responses={200: CodeOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, code: str) -> Response:
        found = require_code(self.scope, code)
        return Response(self.show_current(found), headers=build_version_header(found.version))

    @extend_schema(
        operation_id="codes_patch",
        summary="Change, move, retire or restore a code",
        description=(
            "Each change creates a revision. A change of meaning (claim, definition, include, "
            "exclude) makes earlier annotations stale."
        ),
        parameters=[IF_MATCH],
        request=CodePatch(partial=True),
        responses={200: CodeOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, code: str) -> Response:
        changes = read_request_body(CodePatch, request, partial=True)
        changed = change_code(self.scope, code, expected=parse_if_match(request), **changes)
        return Response(self.show_current(changed), headers=build_version_header(changed.version))

    @extend_schema(
        operation_id="codes_delete",
        summary="Delete a code that nothing refers to",
        description="Returns 409 if it has annotations or child codes. Retire it instead.",
        parameters=[IF_MATCH],
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, code: str) -> Response:
        delete_code(self.scope, code, expected=parse_if_match(request))
        return Response(status=204)


class CodeMoveView(ProjectView):
    permission = Permission.EDIT_CODEBOOK
    path_descriptions = {"code": "The code's slug."}

    def show_current(self, current: Code) -> dict[str, Any]:
        return serialize_code_in_scope(
            self.scope, current, count_by_code(self.scope, code_id=current.pk)
        )

    @extend_schema(
        operation_id="codes_move",
        summary="Move a code to another place of the codebook",
        description=(
            "Moves the code, with all of its descendants, to this position below that parent and "
            "renumbers its siblings, in one revision and one entry of the history. Returns 409 if "
            "the code or the parent is retired, or if a code there has a similar name. Returns "
            "422 if the parent is the code itself or its descendant, or if it is too deep."
        ),
        parameters=[IF_MATCH],
        request=MoveIn,
        responses={200: CodeOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str, code: str) -> Response:
        body = read_request_body(MoveIn, request)
        moved = place_code(self.scope, code, expected=parse_if_match(request), **body)
        return Response(self.show_current(moved), headers=build_version_header(moved.version))


class CodeMergeView(ProjectView):
    permission = Permission.EDIT_CODEBOOK
    path_descriptions = {"code": "Slug of the code that is merged."}

    def show_current(self, current: Code) -> dict[str, Any]:
        return serialize_code_in_scope(
            self.scope, current, count_by_code(self.scope, code_id=current.pk)
        )

    @extend_schema(
        operation_id="codes_merge",
        summary="Merge a code into another",
        description=(
            "Retires the code, then gives all its annotations to the other code, each with a new "
            "version and an entry in the history. Annotations move in several transactions, so "
            "that others can save. If the request is interrupted, send it again to continue. The "
            "response is the other code. Returns 409 if the merged code has child codes, or if "
            "somebody changes one of the two codes during the merge. Returns 422 "
            "`stances_not_said` if the two codes do not state the same claim and `stances` is "
            "missing."
        ),
        parameters=[IF_MATCH],
        request=MergeIn,
        responses={200: CodeOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str, code: str) -> Response:
        body = read_request_body(MergeIn, request)
        taker = merge_code(self.scope, code, expected=parse_if_match(request), **body)
        return Response(self.show_current(taker), headers=build_version_header(taker.version))


class RevisionListView(ProjectView):
    @extend_schema(
        operation_id="revisions_list",
        summary="List the revisions of the codebook, newest first",
        parameters=build_list_parameters(REVISION_PAGES),
        responses={200: build_page_schema(RevisionOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        read_query_parameters(ApiSerializer, request, also=LIST_PARAMETERS)
        found = list_revisions(self.scope).defer("changes")
        return REVISION_PAGES.answer(request, found, serialize_revision)


class RevisionDetailView(ProjectView):
    path_descriptions = {"number": "The revision's number, from 1."}

    @extend_schema(
        operation_id="revisions_read",
        summary="The whole codebook after one revision",
        responses={200: SnapshotOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, number: int) -> Response:
        found = require_revision(self.scope, number)
        return Response({**serialize_revision(found), "snapshot": found.snapshot})
