"""The history in plain words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from cstoannot.history.models import Event
from cstoannot.sources.models import Source

FIELDS = {
    "counts_after_look": "what agreement counts",
    "published": "date",
    "url": "address",
    "open_sources": "who reads which sources",
    "include": "what it includes",
    "exclude": "what it excludes",
    "shortcut": "key",
    "visibility": "what annotators see of each other",
}
STATES = {"todo": "still to do", "started": "begun", "done": "done"}


# A stretch of a source: its id, and code points, half-open.
Span = tuple[int, int, int]
LONGEST_QUOTE = 160
_HEAD, _TAIL = 110, 40  # characters left of a longer one


@dataclass(frozen=True)
class QuotedPassage:
    quote: str
    start: int
    end: int


@dataclass(frozen=True)
class Told:
    """One entry: who did what, to which passages, and in which source if there is one.

    `day` is the reader's. Two passages are one that was moved, before and after. `link` leads
    from the passages to the source.
    """

    at: datetime
    who: str
    words: str
    source: Source | None
    day: date
    passages: list[QuotedPassage] = field(default_factory=list)
    link: str = ""


def tell(event: Event, codes: Mapping[str, str], quotes: Mapping[Span, str]) -> Told:
    """An event as a sentence; `codes` gives names by slugs, `quotes` what stands in the sources."""
    speak = _KINDS.get(event.kind, _other)
    who = event.actor.username if event.actor else "somebody who has left"
    passages = [
        QuotedPassage(shorten(quotes[span]), *span[1:])
        for span in spans_of(event)
        if span in quotes
    ]
    words = speak(event, codes)
    return Told(
        at=event.at,
        who=who,
        words=words if passages else words.removesuffix(" at").removesuffix(" from"),
        source=event.source,
        day=timezone.localtime(event.at).date(),
        passages=passages,
        link="in" if event.kind == "annotation" else "",
    )


def spans_of(event: Event) -> list[Span]:
    """The passages that an entry tells of: where it is, and before it where it was moved."""
    if event.kind != "annotation" or event.source_id is None:
        return []
    before, after = event.before or {}, event.after or {}
    states = [before, after] if before.get("source") == after.get("source") else [after or before]
    spans = [
        (event.source_id, state["start"], state["end"])
        for state in states
        if isinstance(state.get("start"), int) and isinstance(state.get("end"), int)
    ]
    return list(dict.fromkeys(spans))


def shorten(quote: str) -> str:
    """A quote on one line, without its middle where it is long; words stay whole."""
    line = " ".join(quote.split())
    if len(line) <= LONGEST_QUOTE:
        return line
    head, tail = line[:_HEAD], line[-_TAIL:]
    return f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"


def _annotation(event: Event, codes: Mapping[str, str]) -> str:
    before, after = event.before or {}, event.after or {}
    said = after or before
    code = _quoted(codes.get(said.get("code", ""), said.get("code", "")))
    stance = f" ({said['stance']})" if said.get("stance") else ""
    if event.action == "create":
        return f"marked {code}{stance} at"
    if event.action == "delete":
        return f"took back {code}{stance} at"
    fields = [name for name in ("code", "stance", "voice", "note") if _differ(before, after, name)]
    if _differ(before, after, "start") or _differ(before, after, "end"):
        fields.append("passage")
    moved = "passage" in fields and len(spans_of(event)) > 1
    return f"changed the {_list(fields)} of {code}{stance} {'from' if moved else 'at'}"


def _assignment(event: Event, codes: Mapping[str, str]) -> str:
    about = event.about.username if event.about else "somebody who has left"
    if event.action == "create":
        return f"gave {about} to code:"
    if event.action == "delete":
        return f"took from {about}:"
    state = (event.after or {}).get("state", "")
    own = event.actor_id == event.about_id
    if (event.before or {}).get("state") == "done":
        return f"reopened{'' if own else f' for {about}'}:"
    return f"marked as {STATES.get(state, state)}{'' if own else f' for {about}'}:"


def _look(event: Event, codes: Mapping[str, str]) -> str:
    about = event.about.username if event.about else "somebody who has left"
    return f"closed a source on which {about} was shown the coding of others:"


def _code(event: Event, codes: Mapping[str, str]) -> str:
    before, after = event.before or {}, event.after or {}
    name = after.get("name") or before.get("name") or codes.get(event.object, event.object)
    plain = {"create": "added", "delete": "deleted", "retire": "retired"}
    if event.action in plain:
        return f"{plain[event.action]} the code {_quoted(name)}"
    if event.action == "move":
        return f"moved the code {_quoted(name)}{_where_moved(before, after, codes)}"
    if event.action == "merge":
        into = after.get("into", "")
        stances = {"drop": ", without its stances", "carry": ", with its stances"}
        how = stances.get(after.get("stances", ""), "")
        return f"merged the code {_quoted(name)} into {_quoted(codes.get(into, into))}{how}"
    if event.action == "restore":
        return f"took the code {_quoted(name)} back into use"
    return f"changed the {_list(_changed(before, after))} of the code {_quoted(name)}"


def _where_moved(
    before: Mapping[str, Any], after: Mapping[str, Any], codes: Mapping[str, str]
) -> str:
    parent = after.get("parent")
    if parent == before.get("parent"):
        return ""
    return f" below {_quoted(codes.get(parent, parent))}" if parent else " to the top"


def _proposal(event: Event, codes: Mapping[str, str]) -> str:
    after = event.after or event.before or {}
    name, code = _quoted(after.get("name", "")), after.get("code") or ""
    words = {
        "propose": f"proposed the code {name}",
        "decline": f"declined the proposed code {name}",
        "withdraw": f"withdrew the proposed code {name}",
        "accept": f"accepted the proposed code {name} as {_quoted(codes.get(code, code))}",
    }
    place = " in" if event.source_id else ""
    return f"{words.get(event.action, event.action)}{place}"


def _member(event: Event, codes: Mapping[str, str]) -> str:
    role = (event.after or {}).get("role", "")
    if event.action == "create" and event.actor_id == event.about_id:
        return f"became a member, as {role}"
    if event.action == "create":
        return f"made {event.object} a member, as {role}"
    if event.action == "delete":
        return f"ended the membership of {event.object}"
    return f"made {event.object} {role}"


def _invitation(event: Event, codes: Mapping[str, str]) -> str:
    role = (event.after or event.before or {}).get("role", "")
    verbs = {
        "create": "invited somebody to become a member",
        "delete": "withdrew an invitation to become a member",
        "accept": "accepted an invitation to become a member",
    }
    return f"{verbs.get(event.action, event.action)}, as {role}"


def _project(event: Event, codes: Mapping[str, str]) -> str:
    verbs = {
        "create": "started the project",
        "delete": "deleted the project",
        "undelete": "restored the deleted project",
        "load": "loaded the demonstration’s articles and codings",
        "restore": "restored the project from an archive",
    }
    fields = _changed(event.before or {}, event.after or {})
    return verbs.get(event.action) or f"changed the project’s {_list(fields)}"


def _source(event: Event, codes: Mapping[str, str]) -> str:
    verbs = {"create": "added", "delete": "removed", "restore": "restored"}
    if event.action in verbs:
        return verbs[event.action]
    return f"changed the {_list(_changed(event.before or {}, event.after or {}))} of"


def _speaker(event: Event, codes: Mapping[str, str]) -> str:
    name = _quoted((event.after or {}).get("name", ""))
    if event.action == "create":
        return f"put {name} on the list of speakers"
    if event.action == "merge":
        return f"merged the speaker {name} into {_quoted((event.after or {}).get('into', ''))}"
    if event.action == "unmerge":
        into = _quoted((event.after or {}).get("into", ""))
        return f"undid the merge of the speaker {name} into {into}"
    return f"changed the speaker {name}"


def _outsider(event: Event, codes: Mapping[str, str]) -> str:
    told = event.after or event.before or {}
    name, member = _quoted(told.get("name", "")), told.get("member", "")
    if event.action == "tie":
        return f"linked {name} of the archive to {member}"
    return f"undid the link of {name} of the archive to {member}"


def _other(event: Event, codes: Mapping[str, str]) -> str:
    return f"{event.action}: {event.kind} {event.object}"


def _quoted(name: object) -> str:
    return f"‘{name}’"


def _differ(before: Mapping[str, Any], after: Mapping[str, Any], field: str) -> bool:
    return before.get(field) != after.get(field)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of the fields that differ, in words."""
    fields = [field for field in after if _differ(before, after, field)]
    return [FIELDS.get(field, field) for field in fields]


def _list(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words) or "content"
    return f"{', '.join(words[:-1])} and {words[-1]}"


_KINDS: dict[str, Callable[[Event, Mapping[str, str]], str]] = {
    "annotation": _annotation,
    "assignment": _assignment,
    "code": _code,
    "invitation": _invitation,
    "look": _look,
    "member": _member,
    "outsider": _outsider,
    "project": _project,
    "proposal": _proposal,
    "source": _source,
    "speaker": _speaker,
}
