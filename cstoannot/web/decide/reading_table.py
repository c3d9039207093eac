"""The table of a place's readings: a row for each reading, a column for each code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cstoannot.decisions.models import Outcome
from cstoannot.decisions.places import DecidablePlace, ProposedPassage, WeighedReading
from cstoannot.web.decide.bounds_words import (
    abridge_quote,
    count_shared,
    describe_bounds,
    find_counterpart,
)
from cstoannot.web.decide.queue_presenters import list_codes
from cstoannot.web.decide.words import join_words, spell_number


@dataclass(frozen=True)
class PassageWords:
    """A passage in words; `share`: "2 of 3" of the coders took this stance; `voice` if any."""

    stance: str
    bounds: str
    share: str = ""
    voice: str = ""


@dataclass(frozen=True)
class AdoptableCell:
    """What a row has of one code; `missing`: "3 of 3" marked nothing, for the majority."""

    code: str
    passages: tuple[PassageWords, ...]
    missing: str = ""


@dataclass(frozen=True)
class AdoptableRow:
    """`act`: what its button sends; `key`: the key that does the same.

    `voices`: what the voice column says; `needs_reason`: whether adopting it needs a reason.
    """

    number: int
    coders: int
    names: tuple[str, ...]
    cells: tuple[AdoptableCell, ...]
    voices: tuple[str, ...]
    act: str
    key: str
    needs_reason: bool


@dataclass(frozen=True)
class ReadingTable:
    """`codes`: slugs of the columns; `majority`: the last row, what most coders marked.

    `caption`: how many of those who read the source marked something here.
    """

    codes: tuple[str, ...]
    rows: tuple[AdoptableRow, ...]
    majority: AdoptableRow
    read_by: int
    caption: str
    nothing_needs_reason: bool


def build_reading_table(place: DecidablePlace, text: str) -> ReadingTable:
    """Build the table; bounds are said as the difference from the majority's."""
    codes = list_codes(place)
    return ReadingTable(
        codes=codes,
        rows=tuple(_build_reading_row(place, one, codes, text) for one in place.readings),
        majority=_build_majority_row(place, codes),
        read_by=place.read_by,
        caption=_describe_readers(place),
        nothing_needs_reason=place.needs_reason(Outcome.NOTHING, ()),
    )


def _describe_readers(place: DecidablePlace) -> str:
    silent = sum(one.coders for one in place.readings if not one.passages)
    readers = spell_number(place.read_by)
    if silent:
        return f"{spell_number(silent).capitalize()} of {readers} coders marked nothing here."
    if place.read_by == 1:
        return "One coder read this source."
    everybody = "Both" if place.read_by == 2 else f"All {readers}"
    return f"{everybody} coders marked this place."


def _build_reading_row(
    place: DecidablePlace, reading: WeighedReading, codes: Sequence[str], text: str
) -> AdoptableRow:
    one_voice = _find_one_voice(reading.passages)
    cells = tuple(
        AdoptableCell(
            code,
            tuple(
                PassageWords(
                    passage.stance,
                    describe_bounds(text, passage, find_counterpart(passage, place.majority)),
                    voice=passage.voice or "author" if one_voice is None else "",
                )
                for passage in reading.passages
                if passage.code == code
            ),
        )
        for code in codes
    )
    return AdoptableRow(
        number=reading.number,
        coders=reading.coders,
        names=reading.annotators,
        cells=cells,
        voices=() if one_voice is None else (one_voice,),
        # A reading without passages is “nothing here”, as a decision says it.
        act=f"reading-{reading.number}" if reading.passages else Outcome.NOTHING,
        key=str(reading.number) if reading.number <= 9 else "",
        needs_reason=place.needs_reason(Outcome.ADOPTED, reading.passages),
    )


def _find_one_voice(passages: Iterable[ProposedPassage]) -> str | None:
    """Return the voice of all the passages; None if they have several."""
    voices = {one.voice or "author" for one in passages}
    return None if len(voices) > 1 else next(iter(voices), "")


def _build_majority_row(place: DecidablePlace, codes: Sequence[str]) -> AdoptableRow:
    voices = tuple(
        dict.fromkeys(
            f"{one.voice or 'author'} · {_format_share(place, one, 'voice')}"
            for one in place.majority
        )
    )
    cells = tuple(
        AdoptableCell(
            code,
            tuple(
                PassageWords(
                    one.stance, f"“{abridge_quote(one.quote)}”", _format_share(place, one, "stance")
                )
                for one in place.majority
                if one.code == code
            ),
            missing=_format_missing(place, code),
        )
        for code in codes
    )
    act = Outcome.MAJORITY if place.majority else Outcome.NOTHING
    return AdoptableRow(0, 0, (), cells, voices, act, "M", needs_reason=False)


def _format_share(place: DecidablePlace, passage: ProposedPassage, field: str) -> str:
    """Return how many of the readers gave an overlapping passage of this code the same value."""
    value = getattr(passage, field)
    alike = sum(
        reading.coders
        for reading in place.readings
        if any(
            one.code == passage.code
            and count_shared(one, passage) > 0
            and getattr(one, field) == value
            for one in reading.passages
        )
    )
    return f"{alike} of {place.read_by}"


def _format_missing(place: DecidablePlace, code: str) -> str:
    """Return how many readers have no passage of the code at this place."""
    without = sum(
        reading.coders
        for reading in place.readings
        if code not in {one.code for one in reading.passages}
    )
    return f"{without} of {place.read_by}"


def describe_reason_need(table: ReadingTable) -> str:
    """Describe which decisions need a reason: "needed for 1, 2, 0 and P"."""
    keys = [row.key for row in table.rows if row.needs_reason and row.key]
    if table.nothing_needs_reason:
        keys.append("0")
    return f"needed for {join_words([*dict.fromkeys(keys), 'P'])}"
