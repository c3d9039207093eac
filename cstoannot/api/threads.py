import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import (
    ProjectView,
    build_version_header,
    parse_if_match,
    read_query_parameters,
    read_request_body,
)
from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    ChoicesParameter,
    IdsParameter,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    StrictUUIDField,
    WordsParameter,
)
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.passage_fields import PASSAGE_EXAMPLE
from cstoannot.api.proposals import ProposalOut, serialize_proposal
from cstoannot.api.schema import IF_MATCH, PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.threads.actions import (
    ThreadDraft,
    mark_thread_read,
    open_thread,
    propose_code_from_thread,
    resolve_thread,
)
from cstoannot.threads.models import Thread, ThreadKind
from cstoannot.threads.people_queries import ThreadPeople, load_thread_people
from cstoannot.threads.queries import (
    STATES,
    ThreadFilter,
    filter_threads,
    find_visible_proposal,
    require_thread,
)

PAGES = KeysetPagination(
    {"-created_at": ("-created_at", "-id"), "created_at": ("created_at", "id")}
)
_EXAMPLE = {
    **PASSAGE_EXAMPLE,
    "kind": "place",
    "code": None,
    "decision": None,
    "proposal": None,
    "asks_again": False,
    "resolved": False,
    "resolved_by": None,
    "resolved_at": None,
    "opened_by": "lead",
    "text": "@coder-a, why is this no plea?",
}


class ThreadOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the thread.")
    kind = serializers.ChoiceField(choices=ThreadKind.choices, help_text="What it is about.")
    source = serializers.IntegerField(allow_null=True, help_text="The source's id. Null on a code.")
    start = serializers.IntegerField(
        allow_null=True, help_text="The place's first code point, from 0. Null without a place."
    )
    end = serializers.IntegerField(
        allow_null=True,
        help_text="The code point after the place's last one. Null without a place.",
    )
    quote = serializers.CharField(
        help_text="What stands there, up to 10,000 characters; empty without a place."
    )
    code = serializers.CharField(allow_null=True, help_text="The code's slug. Null without one.")
    decision = serializers.UUIDField(
        allow_null=True, help_text="The decision's id. Null without one, or if it was withdrawn."
    )
    asks_again = serializers.BooleanField(
        help_text="Whether it asks to look at the decision again."
    )
    opened_by = serializers.CharField(
        allow_null=True,
        help_text=(
            "A user name. Coders who may not know each other read “coder 2” instead, the same "
            "throughout a thread."
        ),
    )
    created_at = serializers.DateTimeField(help_text="When it was opened.")
    resolved = serializers.BooleanField(help_text="Whether it is settled.")
    resolved_by = serializers.CharField(allow_null=True, help_text="As `opened_by`.")
    resolved_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was resolved. Null while it is open."
    )
    proposal = serializers.UUIDField(
        allow_null=True, help_text="The code proposed from it, if you may read that proposal."
    )
    comments = serializers.IntegerField(help_text="How many comments it has.")
    unread = serializers.IntegerField(
        help_text="Comments of others since you last marked it as read."
    )
    mentioned = serializers.BooleanField(help_text="Whether one of those mentions you.")
    last_at = serializers.DateTimeField(help_text="When the last comment was written.")
    version = serializers.IntegerField(help_text="Grows when it is resolved or opened again.")
    example_values = {**_EXAMPLE, "comments": 2, "unread": 1}


class ThreadIn(ApiSerializer):
    kind = StrictCharField(help_text="place, source, code or decision.")
    text = StrictCharField(
        help_text="The first comment, up to 10,000 characters; @name mentions a member."
    )
    source = StrictIntegerField(
        required=False, allow_null=True, help_text="For a place and a source: the source's id."
    )
    start = StrictIntegerField(
        required=False, allow_null=True, help_text="For a place: its first code point, from 0."
    )
    end = StrictIntegerField(
        required=False, allow_null=True, help_text="For a place: the code point after its last one."
    )
    quote = StrictCharField(
        required=False,
        allow_null=True,
        help_text="If it is not what stands there, the answer is 422.",
    )
    code = StrictCharField(required=False, allow_null=True, help_text="For a code: its slug.")
    decision = StrictUUIDField(required=False, allow_null=True, help_text="For a decision: its id.")
    asks_again = StrictBooleanField(
        required=False, help_text="For a decision: ask to look at it again, with `text` as reason."
    )
    example_values = _EXAMPLE


class ThreadChangeIn(ApiSerializer):
    resolved = StrictBooleanField(help_text="true: settled. false: open again.")


class ThreadReadIn(ApiSerializer):
    until = StrictUUIDField(
        required=False, help_text="The last comment that was read; without it, all were."
    )


class ThreadProposalIn(ApiSerializer):
    name = StrictCharField(help_text="What the code would be called.")
    parent = StrictCharField(required=False, allow_null=True, help_text="A slug; null for the top.")
    claim = StrictCharField(
        required=False, help_text="A sentence that passages could support or oppose."
    )
    example_values = ProposalOut.example_values


class ThreadParameters(ApiSerializer):
    state = serializers.ChoiceField(
        choices=STATES, required=False, help_text="Only open or only resolved threads."
    )
    unread = BooleanParameter(
        required=False, help_text="true: those with comments that you have not read. false: others."
    )
    mine = BooleanParameter(required=False, help_text="true: those that you opened or wrote in.")
    mentions = BooleanParameter(required=False, help_text="true: those that mention you.")
    asks_again = BooleanParameter(
        required=False, help_text="true: those that ask to look at a decision again."
    )
    kind = ChoicesParameter(
        ThreadKind.values, required=False, help_text="place, source, code, decision; by commas."
    )
    source = IdsParameter(required=False, help_text="Source ids, by commas.")
    code = WordsParameter(required=False, help_text="Slugs of codes, by commas.")
    decision = serializers.UUIDField(required=False, help_text="A decision's id.")
    start = serializers.IntegerField(
        required=False, min_value=0, help_text="With `end`: places that touch this stretch."
    )
    end = serializers.IntegerField(
        required=False, min_value=1, help_text="The code point after the stretch's last one."
    )


def _build_thread_filter(asked: dict[str, Any]) -> ThreadFilter:
    stretch = (asked.get("start"), asked.get("end"))
    if (stretch[0] is None) != (stretch[1] is None):
        raise ValidationError({"end": ["Give start and end, or neither."]})
    return ThreadFilter(
        state=asked.get("state", ""),
        unread=asked.get("unread"),
        mine=asked.get("mine", False),
        mentions=asked.get("mentions", False),
        asks_again=asked.get("asks_again", False),
        kinds=asked.get("kind", ()),
        sources=asked.get("source", ()),
        codes=asked.get("code", ()),
        decisions=[asked["decision"]] if "decision" in asked else (),
        at=None if stretch[0] is None or stretch[1] is None else (stretch[0], stretch[1]),
    )


def serialize_thread(scope: Scope, people: ThreadPeople, thread: Any) -> dict[str, Any]:
    """Return a thread of `select_threads` as JSON."""
    proposal = find_visible_proposal(scope, thread)
    plain = ("kind", "start", "end", "quote", "asks_again", "created_at", "resolved_at", "last_at")
    return {
        "id": thread.pk,
        "source": thread.source_id,
        "code": thread.code.slug if thread.code else None,
        "decision": thread.decision_id,
        "opened_by": people.name_of(thread.opened_by, thread.opener_number),
        "resolved": thread.resolved_at is not None,
        "resolved_by": people.name_of(thread.resolved_by, thread.resolver_number),
        "proposal": proposal.pk if proposal else None,
        "comments": thread.comment_count,
        "unread": thread.unread_count,
        "mentioned": thread.is_called,
        "version": thread.version,
        **{name: getattr(thread, name) for name in plain},
    }


class ThreadView(ProjectView):
    """A resource of threads: viewers see none."""

    permission = Permission.ANNOTATE
    path_descriptions = {"thread": "The thread's id."}

    def show_current(self, current: Any) -> dict[str, Any] | None:
        return self.show(current) if isinstance(current, Thread) else None

    def show(self, thread: Thread) -> dict[str, Any]:
        return serialize_thread(self.scope, load_thread_people(self.scope), thread)

    def answer(self, thread: Thread, *, status: int = 200) -> Response:
        headers = build_version_header(thread.version)
        return Response(self.show(thread), status=status, headers=headers)


class ThreadListView(ThreadView):
    @extend_schema(
        operation_id="threads_list",
        summary="Conversations that you may read",
        description=(
            "Coders read those on a source only while they have finished it, those on a decision "
            "once the team's decisions are open to them, and those on codes always."
        ),
        parameters=[ThreadParameters, *build_list_parameters(PAGES)],
        responses={200: build_page_schema(ThreadOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(ThreadParameters, request, also=LIST_PARAMETERS)
        people = load_thread_people(self.scope)
        return PAGES.answer(
            request,
            filter_threads(self.scope, _build_thread_filter(asked)),
            lambda thread: serialize_thread(self.scope, people, thread),
        )

    @extend_schema(
        operation_id="threads_create",
        summary="Begin a conversation",
        description=(
            "On a place (`source`, `start`, `end`), a source, a code or a decision, with its first "
            "comment. 409 for a source that you code and have not finished, and for a decision "
            "about which you have asked already."
        ),
        request=ThreadIn,
        responses={201: ThreadOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        body = read_request_body(ThreadIn, request)
        asks_again = body.pop("asks_again", False)
        thread = open_thread(self.scope, ThreadDraft(**body), asks_again=asks_again)
        return self.answer(thread, status=201)


class ThreadDetailView(ThreadView):
    @extend_schema(
        operation_id="threads_read",
        summary="One conversation",
        responses={200: ThreadOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, thread: uuid.UUID) -> Response:
        return self.answer(require_thread(self.scope, thread))

    @extend_schema(
        operation_id="threads_patch",
        summary="Resolve a conversation, or open it again",
        description="Who opened it does, an adjudicator or an owner.",
        parameters=[IF_MATCH],
        request=ThreadChangeIn,
        responses={200: ThreadOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, thread: uuid.UUID) -> Response:
        body = read_request_body(ThreadChangeIn, request)
        expected = parse_if_match(request)
        return self.answer(resolve_thread(self.scope, thread, expected=expected, **body))


class ThreadReadView(ThreadView):
    @extend_schema(
        operation_id="threads_mark_read",
        summary="Mark a conversation as read",
        description="Up to a comment, or to the last one; what was read before stays read.",
        request=ThreadReadIn,
        responses={200: ThreadOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str, thread: uuid.UUID) -> Response:
        body = read_request_body(ThreadReadIn, request)
        return self.answer(mark_thread_read(self.scope, thread, **body))


class ThreadProposalView(ThreadView):
    @extend_schema(
        operation_id="threads_propose",
        summary="Propose a code from a conversation",
        description="With its place. 409 if a code was proposed from it already.",
        request=ThreadProposalIn,
        responses={201: ProposalOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str, thread: uuid.UUID) -> Response:
        body = read_request_body(ThreadProposalIn, request)
        proposal = propose_code_from_thread(self.scope, thread, **body)
        return Response(serialize_proposal(proposal), status=201)
