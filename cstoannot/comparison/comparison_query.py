"""The query of a comparison:

read from parameters, checked, limited to the reader's permissions, and written as a query string.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from cstoannot.annotations.models import Layer
from cstoannot.codebook.meaning import ANY, check_meaning
from cstoannot.core.errors import Forbidden, Invalid
from cstoannot.core.fields import LARGEST_ID, parse_whole_number
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.details import check_partial_date

AUTHOR, EVERYONE = "author", "everyone"
NAMED = "speaker:"  # prefix for speakers whose name is one of the words above
UNNAMED = "none"
"""Sources without a group, or without a publisher, as a value of these parameters."""
_NAME = "name:"  # prefix for groups and publishers whose name is this word
ACTORS = {
    "source": "sources",
    "group": "groups",
    "publisher": "publishers",
    "speaker": "speakers",
}
MAJORITY = "majority"
CONSENSUS_OR_MAJORITY = "consensus_or_majority"
LAYERS = (CONSENSUS_OR_MAJORITY, MAJORITY, str(Layer.CONSENSUS), str(Layer.INDIVIDUAL))
ANSWERING_LAYERS = LAYERS[1:]
"""The layers that one source can have."""
LONGEST = 400  # characters of a value, such as a speaker's or a publisher's name


def format_voice(speaker: str) -> str:
    """Return the query's value for a speaker; prefixed if the name is a reserved word."""
    taken = speaker in (AUTHOR, EVERYONE) or speaker.startswith(NAMED)
    return f"{NAMED}{speaker}" if taken else speaker


def format_name(name: str) -> str:
    """Return the query's value for a group or publisher; of no name, UNNAMED."""
    taken = name == UNNAMED or name.startswith(_NAME)
    return f"{_NAME}{name}" if taken else name or UNNAMED


def parse_name(value: str) -> str:
    """Return the name that a query's value stands for; empty for UNNAMED."""
    return "" if value == UNNAMED else value.removeprefix(_NAME)


def parse_voice(voice: str) -> str:
    """Return the speaker that a query's value stands for."""
    return voice.removeprefix(NAMED)


@dataclass(frozen=True)
class ComparisonQuery:
    """Selects the coding to compare; an empty field selects all.

    `layer`: one of LAYERS; by default the consensus where a source has one, otherwise the
    majority. `annotators`: user names of those over whom the majority is taken, or of the one whose
    individual coding counts. `voices`: any of `author`, `everyone` and speakers' names. `codes`:
    slugs, with their descendants if `descendants`. `since`, `until`: sources whose first possible
    day lies in this half-open interval; sources without a date do not match. `by`: whose positions
    are compared, a key of ACTORS. `groups`, `publishers`: from `format_name`. `meaning`: one of
    MEANINGS; CURRENT counts only what was read and coded under the current meaning of its code.
    `round`: the name of one.
    """

    layer: str = CONSENSUS_OR_MAJORITY
    annotators: tuple[str, ...] = ()
    voices: tuple[str, ...] = (AUTHOR,)
    sources: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    descendants: bool = False
    groups: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    by: str = "source"
    meaning: str = ANY
    round: str = ""

    def address(self, **more: str | int | Sequence[str | int]) -> str:
        """Return the query string, without default values, followed by the `more` parameters."""
        pairs: list[tuple[str, str]] = []
        for name, (field, _) in _PARAMETERS.items():
            value = getattr(self, field)
            if value != _DEFAULTS[field]:
                pairs += _build_parameter_pairs(name, value)
        for name, given in more.items():
            pairs += [pair for pair in _build_parameter_pairs(name, given) if pair[1]]
        return urlencode(pairs)


# URL parameter, field, and whether its values are separated by commas.
_PARAMETERS = {
    "layer": ("layer", False),
    "annotator": ("annotators", True),
    "voice": ("voices", False),
    "source": ("sources", True),
    "code": ("codes", True),
    "descendants": ("descendants", False),
    "group": ("groups", False),
    "publisher": ("publishers", False),
    "since": ("since", False),
    "until": ("until", False),
    "by": ("by", False),
    "meaning": ("meaning", False),
    "round": ("round", False),
}
PARAMETERS = tuple(_PARAMETERS)
_DEFAULTS = {field.name: field.default for field in fields(ComparisonQuery)}


def _build_parameter_pairs(
    name: str, value: str | int | bool | Sequence[str | int]
) -> list[tuple[str, str]]:
    if isinstance(value, bool):
        return [(name, "true" if value else "false")]
    if isinstance(value, str | int):
        return [(name, str(value))]
    return [(name, str(one)) for one in value]


def read_comparison_query(given: Mapping[str, Sequence[str]]) -> ComparisonQuery:
    """Read the query from URL parameters and their values; raise Invalid.

    Other parameters are ignored.
    """
    found: dict[str, object] = {}
    for name, (field, by_commas) in _PARAMETERS.items():
        values = [value for value in given.get(name, ()) if value]
        if any(len(value) > LONGEST or "\x00" in value for value in values if not by_commas):
            raise Invalid(f"{name} can have at most {LONGEST} characters, without NUL.", field=name)
        if by_commas:
            values = [word.strip() for value in values for word in value.split(",")]
        if values:
            found[field] = _READERS.get(name, _read_single_value)(name, values)
    return check_comparison_query(ComparisonQuery(**found))  # type: ignore[arg-type]


def read_valid_parameters(given: Mapping[str, Sequence[str]]) -> ComparisonQuery:
    """Read those parameters that are valid, where the query as a whole is not."""
    kept: dict[str, Sequence[str]] = {}
    for name in PARAMETERS:
        try:
            read_comparison_query({**kept, name: given.get(name, ())})
        except Invalid:
            continue
        kept[name] = given.get(name, ())
    return read_comparison_query(kept)


def _read_single_value(name: str, values: Sequence[str]) -> str:
    if len(values) > 1:
        raise Invalid(f"Give {name} only once.", field=name)
    return values[0].strip()


def _read_distinct_values(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return each value once, in an order that does not depend on the request."""
    return tuple(sorted({value for value in values if value}))


def _read_number_values(name: str, values: Sequence[str]) -> tuple[int, ...]:
    given = [parse_whole_number(value) for value in values if value]
    numbers = {number for number in given if number is not None}
    if None in given:
        raise Invalid(f"{name} must be a number, or several separated by commas.", field=name)
    return tuple(sorted(numbers))


def _read_flag_value(name: str, values: Sequence[str]) -> bool:
    if not set(values) <= {"true", "false", "1", "0"}:
        raise Invalid(f"{name} must be true or false.", field=name)
    return _read_single_value(name, values) in {"true", "1"}


_READERS = {
    "annotator": _read_distinct_values,
    "voice": _read_distinct_values,
    "code": _read_distinct_values,
    "group": _read_distinct_values,
    "publisher": _read_distinct_values,
    "source": _read_number_values,
    "descendants": _read_flag_value,
}


def check_comparison_query(question: ComparisonQuery) -> ComparisonQuery:
    """Return the query if it is valid; raise Invalid."""
    if question.layer not in LAYERS:
        raise Invalid(
            f"layer is one of: {', '.join(LAYERS)}. Without it, the consensus is used where a "
            "source has one, otherwise the majority.",
            field="layer",
        )
    check_meaning(question.meaning)
    if question.by not in ACTORS:
        raise Invalid(f"by is one of: {', '.join(ACTORS)}.", field="by")
    if question.annotators and question.layer == Layer.CONSENSUS:
        raise Invalid("The consensus has no annotator: leave annotator out.", field="annotator")
    if any(pk > LARGEST_ID for pk in question.sources):
        raise Invalid("The project has no such source.", field="source")
    for field in ("since", "until"):
        try:
            check_partial_date(getattr(question, field))
        except Invalid as wrong:
            raise Invalid(wrong.message, field=field) from None
    if (
        question.since
        and question.until
        and _compute_first_day(question.since) >= _compute_first_day(question.until)
    ):
        raise Invalid("until must be a date after since; it is not included itself.", field="until")
    return question


def limit_query_to_scope(scope: Scope, question: ComparisonQuery) -> ComparisonQuery:
    """Return the query as this member may ask it; raise Forbidden.

    Naming annotators implies the majority of these. Without a layer, readers who may see only the
    consensus get the consensus. Individual coding is that of one annotator, and for those who may
    know the annotators.
    """
    layer = question.layer
    if question.annotators and layer == CONSENSUS_OR_MAJORITY:
        layer = MAJORITY
    question = replace(question, layer=layer)
    if layer == Layer.CONSENSUS:
        return question
    if scope.can(Permission.SEE_ALL_CODING):
        if layer == Layer.INDIVIDUAL and len(question.annotators) != 1:
            raise Invalid(
                "Individual coding is that of one annotator: choose one. For several, choose the "
                "majority.",
                field="annotator",
            )
        return question
    if not scope.can(Permission.ANNOTATE):
        return _limit_query_without_names(scope, question)
    if set(question.annotators) - {scope.user.username}:
        raise Forbidden(
            "In this project, annotators may see only their own coding and the consensus. Leave "
            "annotator out, or give your own name."
        )
    own = (scope.user.username,) if layer == Layer.INDIVIDUAL else question.annotators
    return replace(question, annotators=own)


def _limit_query_without_names(scope: Scope, question: ComparisonQuery) -> ComparisonQuery:
    """Return the query as those may ask it who do not code and know of no coder."""
    if not scope.can(Permission.SEE_RESULTS):
        if question.layer != CONSENSUS_OR_MAJORITY:
            raise Forbidden(
                f"With the role {scope.role} you may see only the consensus. Use "
                f"layer=consensus, or leave layer out."
            )
        return replace(question, layer=str(Layer.CONSENSUS))
    if question.layer == Layer.INDIVIDUAL or question.annotators:
        raise Forbidden(
            f"With the role {scope.role} you see what most coders marked, not who marked what. "
            "Leave annotator out, and use layer=majority or layer=consensus."
        )
    return question


def is_in_date_window(question: ComparisonQuery, published: str) -> bool:
    """Return whether a source's date is selected, by the first day that it can mean."""
    if not question.since and not question.until:
        return True
    if not published:
        return False
    day = _compute_first_day(published)
    after = not question.since or day >= _compute_first_day(question.since)
    return after and (not question.until or day < _compute_first_day(question.until))


def _compute_first_day(partial: str) -> str:
    return (partial + "-01-01")[:10] if len(partial) == 4 else (partial + "-01")[:10]
