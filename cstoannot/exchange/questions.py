"""What is to leave, as a question of comparison."""

from cstoannot.annotations.queries import Filters
from cstoannot.comparison.question import ACTORS, AUTHOR, EVERYONE, Question, checked, voice_of
from cstoannot.core.errors import Invalid
from cstoannot.exchange.formats.kinds import Asked, Option

WHOSE = Option(
    "whose",
    "Whose stance",
    {
        AUTHOR: "the authors' own: what they quote is not theirs",
        EVERYONE: "everyone's who speaks in a source",
    },
)
BY = Option("by", "Compared are", {by: several for by, several in ACTORS.items()})
_KNOWN = ("sources", "codes", "descendants", "annotators", "layer", "voices")


def question_of(asked: Asked) -> Question:
    """Raises Invalid for filters that a comparison does not have.

    A speaker chosen by the filter is asked for; with speakers as those compared, every voice is.
    """
    filters, by = asked.filters, asked.options[BY.key]
    _check(filters)
    voice = EVERYONE if by == "speaker" else asked.options[WHOSE.key]
    if filters.voices:
        (name,) = filters.voices
        voice = voice_of(name) if name else AUTHOR
    return checked(
        Question(
            layer=filters.layer,
            annotators=tuple(sorted(set(filters.annotators))),
            voice=voice,
            sources=tuple(sorted(set(filters.sources))),
            codes=tuple(sorted(set(filters.codes))),
            descendants=filters.descendants,
            by=by,
        )
    )


def _check(filters: Filters) -> None:
    others = Filters(**{name: value for name, value in vars(filters).items() if name not in _KNOWN})
    if not others.everything or len(filters.voices) > 1:
        raise Invalid(
            "Positions are compared over all that was coded: choose sources, codes, annotators, a "
            "layer and one voice at most, and leave the other filters out."
        )
