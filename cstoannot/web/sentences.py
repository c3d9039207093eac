"""The history in plain words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cstoannot.history.models import Event
from cstoannot.sources.models import Source

FIELDS = {
    "published": "date",
    "url": "address",
    "open_sources": "who reads which sources",
    "include": "what it includes",
    "exclude": "what it excludes",
    "shortcut": "key",
    "visibility": "what annotators see of each other",
}
STATES = {"todo": "still to do", "started": "begun", "done": "done"}


@dataclass(frozen=True)
class Told:
    """One entry: who did what, and in which source if there is one."""

    at: datetime
    who: str
    words: str
    source: Source | None


def tell(event: Event, codes: Mapping[str, str]) -> Told:
    """An event as a sentence; `codes` gives names by slugs."""
    speak = _KINDS.get(event.kind, _other)
    who = event.actor.username if event.actor else "somebody who has left"
    return Told(event.at, who, speak(event, codes), event.source)


def _annotation(event: Event, codes: Mapping[str, str]) -> str:
    before, after = event.before or {}, event.after or {}
    said = after or before
    code = _quoted(codes.get(said.get("code", ""), said.get("code", "")))
    stance = f" ({said['stance']})" if said.get("stance") else ""
    place = f"characters {said.get('start')} to {said.get('end')}"
    if event.action == "create":
        return f"marked {code}{stance} at {place} in"
    if event.action == "delete":
        return f"took back {code}{stance} at {place} in"
    fields = [name for name in ("code", "stance", "voice", "note") if _differ(before, after, name)]
    if _differ(before, after, "start") or _differ(before, after, "end"):
        fields.append("passage")
    return f"changed the {_list(fields)} of {code}{stance} at {place} in"


def _assignment(event: Event, codes: Mapping[str, str]) -> str:
    about = event.about.username if event.about else "somebody who has left"
    if event.action == "create":
        return f"gave {about} to code:"
    if event.action == "delete":
        return f"took from {about}:"
    state = (event.after or {}).get("state", "")
    own = event.actor_id == event.about_id
    return f"marked as {STATES.get(state, state)}{'' if own else f' for {about}'}:"


def _code(event: Event, codes: Mapping[str, str]) -> str:
    before, after = event.before or {}, event.after or {}
    name = after.get("name") or before.get("name") or codes.get(event.object, event.object)
    plain = {"create": "added", "delete": "deleted", "move": "moved", "retire": "retired"}
    if event.action in plain:
        return f"{plain[event.action]} the code {_quoted(name)}"
    if event.action == "merge":
        into = after.get("into", "")
        return f"merged the code {_quoted(name)} into {_quoted(codes.get(into, into))}"
    if event.action == "restore":
        return f"took the code {_quoted(name)} back into use"
    return f"changed the {_list(_changed(before, after))} of the code {_quoted(name)}"


def _proposal(event: Event, codes: Mapping[str, str]) -> str:
    after = event.after or {}
    name, code = _quoted(after.get("name", "")), after.get("code") or ""
    words = {
        "propose": f"proposed the code {name}",
        "decline": f"declined the proposed code {name}",
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
    return f"changed the speaker {name}"


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
    "member": _member,
    "project": _project,
    "proposal": _proposal,
    "source": _source,
    "speaker": _speaker,
}
