"""The history page, with each event as a sentence."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cstoannot.annotations.queries import visible_events
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import Invalid
from cstoannot.history.models import Event
from cstoannot.projects.scope import open_project
from cstoannot.sources.models import Source
from cstoannot.sources.queries import load_span_texts
from cstoannot.web.base import SignedInRequest, render_project_page, sign_in_required
from cstoannot.web.project.team_events import TEAM_KINDS

FIELDS = {
    "agreed_bounds": "where coders count as agreeing",
    "names_while_deciding": "whether coders are named while a place is decided",
    "decide_apart": "whether two adjudicators decide each place",
    "counts_after_look": "what agreement includes",
    "published": "date",
    "url": "URL",
    "open_sources": "who can read which sources",
    "include": "what it includes",
    "exclude": "what it excludes",
    "shortcut": "key",
    "visibility": "what annotators see of each other",
    "results": "who reads the results",
    "whole_articles": "whether readers read whole articles",
    "decisions_opened": "whether coders see decisions",
}
# Kinds of events whose states have a start and an end.
KINDS_WITH_PLACE = ("annotation", "decision")
STATES = {"todo": "to do", "started": "started", "done": "done"}


# The id of a source, and a span in code points, half-open.
Span = tuple[int, int, int]
LONGEST_QUOTE = 160
_HEAD, _TAIL = 110, 40  # characters shown of a longer quote


@dataclass(frozen=True)
class QuotedPassage:
    quote: str
    start: int
    end: int


@dataclass(frozen=True)
class HistoryEntry:
    """One event: who did what, to which passages, and in which source if any.

    `day` is in the reader's zone. Two passages are one that was moved, before and after. `link`
    leads from the passages to the source.
    """

    at: datetime
    who: str
    words: str
    source: Source | None
    day: date
    passages: list[QuotedPassage] = field(default_factory=list)
    link: str = ""


def describe_event(
    event: Event, codes: Mapping[str, str], quotes: Mapping[Span, str]
) -> HistoryEntry:
    """Describe an event as a sentence; `codes` maps slugs to names, `quotes` spans to text."""
    speak = _KINDS.get(event.kind, _describe_other_event)
    who = event.actor.username if event.actor else "a former member"
    passages = [
        QuotedPassage(shorten_quote(quotes[span]), *span[1:])
        for span in list_event_spans(event)
        if span in quotes
    ]
    words = speak(event, codes)
    return HistoryEntry(
        at=event.at,
        who=who,
        words=words if passages else words.removesuffix(" at").removesuffix(" from"),
        source=event.source,
        day=timezone.localtime(event.at).date(),
        passages=passages,
        link="in" if event.kind == "annotation" or passages else "",
    )


def list_event_spans(event: Event) -> list[Span]:
    """List the spans of an event: the current one, after the previous one if it was moved."""
    if event.kind not in KINDS_WITH_PLACE or event.source_id is None:
        return []
    before, after = event.before or {}, event.after or {}
    states = [before, after] if before.get("source") == after.get("source") else [after or before]
    spans = [
        (event.source_id, state["start"], state["end"])
        for state in states
        if isinstance(state.get("start"), int) and isinstance(state.get("end"), int)
    ]
    return list(dict.fromkeys(spans))


def shorten_quote(quote: str) -> str:
    """Shorten a long quote in the middle, at word boundaries, on one line."""
    line = " ".join(quote.split())
    if len(line) <= LONGEST_QUOTE:
        return line
    head, tail = line[:_HEAD], line[-_TAIL:]
    return f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"


def _describe_annotation_event(event: Event, codes: Mapping[str, str]) -> str:
    before, after = event.before or {}, event.after or {}
    said = after or before
    code = _quote_name(codes.get(said.get("code", ""), said.get("code", "")))
    stance = f" ({said['stance']})" if said.get("stance") else ""
    if event.action == "create":
        return f"marked {code}{stance} at"
    if event.action == "delete":
        return f"deleted {code}{stance} at"
    fields = [
        name
        for name in ("code", "stance", "voice", "note")
        if _is_field_changed(before, after, name)
    ]
    if _is_field_changed(before, after, "start") or _is_field_changed(before, after, "end"):
        fields.append("passage")
    moved = "passage" in fields and len(list_event_spans(event)) > 1
    return f"changed the {_join_words(fields)} of {code}{stance} {'from' if moved else 'at'}"


def _describe_assignment_event(event: Event, codes: Mapping[str, str]) -> str:
    about = event.about.username if event.about else "a former member"
    if event.action == "create":
        return f"assigned to {about}:"
    if event.action == "delete":
        return f"unassigned from {about}:"
    if "deadline" in (event.after or {}):
        day = (event.after or {})["deadline"]
        return f"{f'set due {day}' if day else 'removed the deadline'} for {about}:"
    state = (event.after or {}).get("state", "")
    own = event.actor_id == event.about_id
    if (event.before or {}).get("state") == "done":
        return f"reopened{'' if own else f' for {about}'}:"
    return f"marked as {STATES.get(state, state)}{'' if own else f' for {about}'}:"


def _describe_look_event(event: Event, codes: Mapping[str, str]) -> str:
    if event.action == "read":
        return "read, as a coder, what others wrote in a thread on"
    about = event.about.username if event.about else "a former member"
    return f"closed a source on which {about} had seen the coding of others:"


_THREAD_VERBS = {
    "open": "began a thread",
    "resolve": "resolved a thread",
    "reopen": "opened a thread again",
    "propose": "proposed a code from a thread",
    "delete": "ended a thread with its last comment",
}


def _describe_thread_event(event: Event, codes: Mapping[str, str]) -> str:
    said = event.after or event.before or {}
    verb = _THREAD_VERBS.get(event.action, f"{event.action} a thread")
    if event.source_id is not None:
        return f"{verb} in"
    code = said.get("code")
    return f"{verb} on {_quote_name(codes.get(code, code))}" if code else verb


def _describe_comment_event(event: Event, codes: Mapping[str, str]) -> str:
    text = shorten_quote(((event.after or event.before or {}).get("text")) or "")
    where = "in a thread in" if event.source_id is not None else "in a thread"
    verbs = {"create": "wrote", "change": "changed a comment to", "delete": "deleted the comment"}
    return f"{verbs.get(event.action, event.action)} “{text}” {where}"


def _describe_code_event(event: Event, codes: Mapping[str, str]) -> str:
    before, after = event.before or {}, event.after or {}
    name = after.get("name") or before.get("name") or codes.get(event.object, event.object)
    plain = {"create": "added", "delete": "deleted", "retire": "retired"}
    if event.action in plain:
        return f"{plain[event.action]} the code {_quote_name(name)}"
    if event.action == "move":
        return f"moved the code {_quote_name(name)}{_describe_new_parent(before, after, codes)}"
    if event.action == "merge":
        into = after.get("into", "")
        stances = {"drop": ", without its stances", "carry": ", with its stances"}
        how = stances.get(after.get("stances", ""), "")
        return f"merged the code {_quote_name(name)} into {_quote_name(codes.get(into, into))}{how}"
    if event.action == "restore":
        return f"restored the code {_quote_name(name)}"
    fields = _join_words(_list_changed_fields(before, after))
    return f"changed the {fields} of the code {_quote_name(name)}"


def _describe_new_parent(
    before: Mapping[str, Any], after: Mapping[str, Any], codes: Mapping[str, str]
) -> str:
    parent = after.get("parent")
    if parent == before.get("parent"):
        return ""
    return f" below {_quote_name(codes.get(parent, parent))}" if parent else " to the top"


def _describe_proposal_event(event: Event, codes: Mapping[str, str]) -> str:
    after = event.after or event.before or {}
    name, code = _quote_name(after.get("name", "")), after.get("code") or ""
    words = {
        "propose": f"proposed the code {name}",
        "decline": f"declined the proposed code {name}",
        "withdraw": f"withdrew the proposed code {name}",
        "accept": f"accepted the proposed code {name} as {_quote_name(codes.get(code, code))}",
    }
    place = " in" if event.source_id else ""
    return f"{words.get(event.action, event.action)}{place}"


def _describe_member_event(event: Event, codes: Mapping[str, str]) -> str:
    role = (event.after or {}).get("role", "")
    if event.action == "create" and event.actor_id == event.about_id:
        return f"became a member with the role {role}"
    if event.action == "create":
        return f"added {event.object} as {role}"
    if event.action == "delete":
        return f"removed {event.object} from the project"
    return f"changed the role of {event.object} to {role}"


def _describe_invitation_event(event: Event, codes: Mapping[str, str]) -> str:
    role = (event.after or event.before or {}).get("role", "")
    verbs = {
        "create": "invited somebody",
        "delete": "withdrew an invitation",
        "accept": "accepted an invitation",
    }
    return f"{verbs.get(event.action, event.action)}, as {role}"


def _describe_project_event(event: Event, codes: Mapping[str, str]) -> str:
    verbs = {
        "create": "created the project",
        "delete": "deleted the project",
        "undelete": "restored the deleted project",
        "load": "loaded the demonstration data",
        "restore": "restored the project from an archive",
    }
    fields = _list_changed_fields(event.before or {}, event.after or {})
    return verbs.get(event.action) or f"changed the project’s {_join_words(fields)}"


def _describe_source_event(event: Event, codes: Mapping[str, str]) -> str:
    verbs = {"create": "added", "delete": "removed", "restore": "restored"}
    if event.action in verbs:
        return verbs[event.action]
    return (
        f"changed the {_join_words(_list_changed_fields(event.before or {}, event.after or {}))} of"
    )


def _describe_speaker_event(event: Event, codes: Mapping[str, str]) -> str:
    name = _quote_name((event.after or {}).get("name", ""))
    if event.action == "create":
        return f"added {name} to the list of speakers"
    if event.action == "merge":
        return f"merged the speaker {name} into {_quote_name((event.after or {}).get('into', ''))}"
    if event.action == "unmerge":
        into = _quote_name((event.after or {}).get("into", ""))
        return f"undid the merge of the speaker {name} into {into}"
    return f"changed the speaker {name}"


def _describe_plan_event(event: Event, codes: Mapping[str, str]) -> str:
    after = event.after or {}
    said = "applied" if event.action == "create" else "extended"
    return f"{said} the plan {_quote_name(after.get('name'))}: {after.get('given')} assigned"


def _describe_round_event(event: Event, codes: Mapping[str, str]) -> str:
    before, after = event.before or {}, event.after or {}
    if event.action == "create":
        return f"created the round {_quote_name(after.get('name'))}"
    if event.action == "delete":
        return f"deleted the round {_quote_name(before.get('name'))}"
    if "sources" in after:
        return (
            f"put {len(after['sources'])} sources into a round, took {len(before['sources'])} out"
        )
    return f"changed the round {_quote_name(after.get('name'))}"


def _describe_outsider_event(event: Event, codes: Mapping[str, str]) -> str:
    told = event.after or event.before or {}
    name, member = _quote_name(told.get("name", "")), told.get("member", "")
    if event.action == "tie":
        return f"linked {name} of the archive to {member}"
    return f"undid the link of {name} of the archive to {member}"


def _describe_other_event(event: Event, codes: Mapping[str, str]) -> str:
    return f"{event.action}: {event.kind} {event.object}"


def _quote_name(name: object) -> str:
    return f"‘{name}’"


def _is_field_changed(before: Mapping[str, Any], after: Mapping[str, Any], field: str) -> bool:
    return before.get(field) != after.get(field)


def _list_changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """List the names of the fields that differ, in words."""
    fields = [field for field in after if _is_field_changed(before, after, field)]
    return [FIELDS.get(field, field) for field in fields]


def _join_words(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words) or "content"
    return f"{', '.join(words[:-1])} and {words[-1]}"


_KINDS: dict[str, Callable[[Event, Mapping[str, str]], str]] = {
    "annotation": _describe_annotation_event,
    "assignment": _describe_assignment_event,
    "code": _describe_code_event,
    "comment": _describe_comment_event,
    "invitation": _describe_invitation_event,
    "look": _describe_look_event,
    "member": _describe_member_event,
    "outsider": _describe_outsider_event,
    "project": _describe_project_event,
    "plan": _describe_plan_event,
    "proposal": _describe_proposal_event,
    "round": _describe_round_event,
    "source": _describe_source_event,
    "speaker": _describe_speaker_event,
    "thread": _describe_thread_event,
    **TEAM_KINDS,
}


ON_A_PAGE = 100


@require_safe
@sign_in_required
def show_history(request: SignedInRequest, project: str) -> HttpResponse:
    """Show events, newest first; with `?before=`, those before that event."""
    scope = open_project(request.user, project)
    events = visible_events(scope)
    before = request.GET.get("before", "")
    if before:
        events = events.filter(id__lt=_parse_event_id(before))
    found = list(events[: ON_A_PAGE + 1])
    names = dict(visible_codes(scope).values_list("slug", "name"))
    shown = found[:ON_A_PAGE]
    quotes = load_span_texts(scope, {span for event in shown for span in list_event_spans(event)})
    context = {
        "told": [describe_event(event, names, quotes) for event in shown],
        "next": found[ON_A_PAGE - 1].pk if len(found) > ON_A_PAGE else None,
        "begun": not before,
    }
    return render_project_page(request, scope, "project/history.html", context, place="history")


def _parse_event_id(value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError:
        raise Invalid(
            "This position in the history does not exist. Start at the newest entry."
        ) from None
