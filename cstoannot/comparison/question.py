"""What part of the coding is compared: how it is asked, checked, and put into an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from cstoannot.annotations.models import Layer
from cstoannot.core.errors import Forbidden, Invalid
from cstoannot.core.fields import LARGEST_ID
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.dates import check_date

AUTHOR, EVERYONE = "author", "everyone"
NAMED = "speaker:"  # before the name of a speaker who is called as one of the words above
ACTORS = {
    "source": "sources",
    "group": "groups",
    "publisher": "publishers",
    "speaker": "speakers",
}
LAYERS = ("", str(Layer.INDIVIDUAL), str(Layer.CONSENSUS))
LONGEST = 400  # characters of a value, a speaker's or a publisher's name among them


def voice_of(speaker: str) -> str:
    """How a question names a speaker, whatever they are called."""
    taken = speaker in (AUTHOR, EVERYONE) or speaker.startswith(NAMED)
    return f"{NAMED}{speaker}" if taken else speaker


def speaker_of(voice: str) -> str:
    """The speaker whom a question names so."""
    return voice.removeprefix(NAMED)


@dataclass(frozen=True)
class Question:
    """What part of the coding is compared; an empty field asks for all.

    ``layer``: empty for the consensus where a source has one, else what individuals said.
    ``annotators``: user names, of the individual layer. ``voice``: ``author``, ``everyone`` or a
    speaker's name. ``codes``: slugs, with all that stand below them if ``descendants``.
    ``since``, ``until``: sources whose first possible day lies in this half-open window; those
    without a date do not. ``by``: whose positions are compared, a key of ACTORS.
    """

    layer: str = ""
    annotators: tuple[str, ...] = ()
    voice: str = AUTHOR
    sources: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    descendants: bool = False
    groups: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    by: str = "source"

    def address(self, **more: str | int | Sequence[str | int]) -> str:
        """The question as a query string, without what goes without saying; `more` after it."""
        pairs: list[tuple[str, str]] = []
        for name, (field, _) in _PARAMETERS.items():
            value = getattr(self, field)
            if value != _DEFAULTS[field]:
                pairs += _values(name, value)
        for name, given in more.items():
            pairs += [pair for pair in _values(name, given) if pair[1]]
        return urlencode(pairs)


# Names in addresses, the field each fills, and whether commas part its values.
_PARAMETERS = {
    "layer": ("layer", False),
    "annotator": ("annotators", True),
    "voice": ("voice", False),
    "source": ("sources", True),
    "code": ("codes", True),
    "descendants": ("descendants", False),
    "group": ("groups", False),
    "publisher": ("publishers", False),
    "since": ("since", False),
    "until": ("until", False),
    "by": ("by", False),
}
PARAMETERS = tuple(_PARAMETERS)
_DEFAULTS = {field.name: field.default for field in fields(Question)}


def _values(name: str, value: str | int | bool | Sequence[str | int]) -> list[tuple[str, str]]:
    if isinstance(value, bool):
        return [(name, "true" if value else "false")]
    if isinstance(value, str | int):
        return [(name, str(value))]
    return [(name, str(one)) for one in value]


def read_question(given: Mapping[str, Sequence[str]]) -> Question:
    """The question of an address: each parameter with the values it was given.

    What is no parameter of a question is left alone. Raises Invalid.
    """
    found: dict[str, object] = {}
    for name, (field, by_commas) in _PARAMETERS.items():
        values = [value for value in given.get(name, ()) if value]
        if any(len(value) > LONGEST or "\x00" in value for value in values if not by_commas):
            raise Invalid(f"{name} has at most {LONGEST} characters, none of them NUL.", field=name)
        if by_commas:
            values = [word.strip() for value in values for word in value.split(",")]
        if values:
            found[field] = _READERS.get(name, _one)(name, values)
    return checked(Question(**found))  # type: ignore[arg-type]


def readable(given: Mapping[str, Sequence[str]]) -> Question:
    """What of an address can be asked, where the whole cannot."""
    kept: dict[str, Sequence[str]] = {}
    for name in PARAMETERS:
        try:
            read_question({**kept, name: given.get(name, ())})
        except Invalid:
            continue
        kept[name] = given.get(name, ())
    return read_question(kept)


def _one(name: str, values: Sequence[str]) -> str:
    if len(values) > 1:
        raise Invalid(f"Give {name} once.", field=name)
    return values[0].strip()


def _each(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Each once, in an order that does not depend on how they were asked for."""
    return tuple(sorted({value for value in values if value}))


def _numbers(name: str, values: Sequence[str]) -> tuple[int, ...]:
    words = [value for value in values if value]
    if not all(word.isascii() and word.isdigit() and len(word) < 20 for word in words):
        raise Invalid(f"{name} is a number, or several by commas.", field=name)
    return tuple(sorted({int(word) for word in words}))


def _flag(name: str, values: Sequence[str]) -> bool:
    if not set(values) <= {"true", "false", "1", "0"}:
        raise Invalid(f"Say true or false for {name}.", field=name)
    return _one(name, values) in {"true", "1"}


_READERS = {
    "annotator": _each,
    "code": _each,
    "group": _each,
    "publisher": _each,
    "source": _numbers,
    "descendants": _flag,
}


def checked(question: Question) -> Question:
    """The question if it can mean anything; raises Invalid."""
    if question.layer not in LAYERS:
        raise Invalid(
            "layer is individual or consensus; without it, the consensus where a source has one, "
            "else what individuals said.",
            field="layer",
        )
    if question.by not in ACTORS:
        raise Invalid(f"by is one of: {', '.join(ACTORS)}.", field="by")
    if question.annotators and question.layer == Layer.CONSENSUS:
        raise Invalid("The consensus is nobody's own: leave annotator out.", field="annotator")
    if any(pk > LARGEST_ID for pk in question.sources):
        raise Invalid("The project has no such source.", field="source")
    for field in ("since", "until"):
        try:
            check_date(getattr(question, field))
        except Invalid as wrong:
            raise Invalid(wrong.message, field=field) from None
    if question.since and question.until and _day(question.since) >= _day(question.until):
        raise Invalid("until is a date after since; it is not itself included.", field="until")
    return question


def allowed(scope: Scope, question: Question) -> Question:
    """The question as this member may ask it; raises Forbidden (DESIGN section 4).

    Asking for annotators is asking for the individual layer. Who may see the consensus alone is
    answered from it where no layer is named.
    """
    layer = question.layer or (str(Layer.INDIVIDUAL) if question.annotators else "")
    if scope.can(Permission.SEE_ALL_CODING) or layer == Layer.CONSENSUS:
        return replace(question, layer=layer)
    if not scope.can(Permission.ANNOTATE):
        if layer:
            raise Forbidden(
                f"As {scope.role} of this project you may see the consensus only. "
                "Ask with layer=consensus, or without a layer."
            )
        return replace(question, layer=str(Layer.CONSENSUS))
    if set(question.annotators) - {scope.user.username}:
        raise Forbidden(
            "Here annotators may see their own coding and the consensus. Leave annotator out, or "
            "give your own name."
        )
    return replace(question, layer=layer)


def in_window(question: Question, published: str) -> bool:
    """Whether a source of this date is asked for: by the first day that it can mean."""
    if not question.since and not question.until:
        return True
    if not published:
        return False
    day = _day(published)
    after = not question.since or day >= _day(question.since)
    return after and (not question.until or day < _day(question.until))


def _day(partial: str) -> str:
    return (partial + "-01-01")[:10] if len(partial) == 4 else (partial + "-01")[:10]
