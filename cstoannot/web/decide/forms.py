"""Read what the form of a place sends: which act, and, for an edit, the passages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from cstoannot.core.errors import Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.decisions.drafts import DecisionDraft, PassageDraft
from cstoannot.decisions.models import Outcome
from cstoannot.decisions.places import DecidablePlace, ProposedPassage
from cstoannot.sources.models import Source

MOST_PASSAGES = 30
SPARE = 1  # empty rows for further passages
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class EditRow:
    """One passage of an edit as typed; `start`, `end`: where it stands, if it reads `quote`."""

    number: int
    code: str
    start: int
    end: int
    quote: str
    stance: str
    voice: str
    keep: bool = True


def parse_decision_draft(place: DecidablePlace, source: Source, posted: QueryDict) -> DecisionDraft:
    """Return the draft that a button or the whole form sends; raise Invalid."""
    act = posted.get("act", "")
    reason, rule = posted.get("reason", "").strip(), ""
    if posted.get("as_rule"):
        rule = posted.get("rule", "").strip() or reason
    if act.startswith("reading-"):
        number = parse_whole_number(act.removeprefix("reading-"))
        return DecisionDraft(outcome=Outcome.ADOPTED, reading=number, reason=reason, rule=rule)
    if act == "plural":
        numbers = [parse_whole_number(value) for value in posted.getlist("stands")]
        stands = tuple(number for number in numbers if number)
        return DecisionDraft(outcome=Outcome.PLURAL, readings=stands, reason=reason, rule=rule)
    if act == "edited":
        passages = _resolve_edit(source, parse_edit_rows(posted), place)
        return DecisionDraft(outcome=Outcome.EDITED, annotations=passages, reason=reason, rule=rule)
    if act in (Outcome.MAJORITY, Outcome.NOTHING):
        return DecisionDraft(outcome=act, reason=reason, rule=rule)
    raise Invalid("Choose how this place is decided.", field="act")


def build_edit_rows(place: DecidablePlace, start: int) -> list[EditRow]:
    """Return the passages from which an edit begins: a reading's, the decision's or the majority's.

    After them an empty row, for a further passage.
    """
    reading = place.reading(start)
    if reading is not None:
        chosen: Sequence[ProposedPassage] = reading.passages
    elif place.decision is not None and place.decision.passages:
        chosen = place.decision.passages
    else:
        chosen = place.majority or next((r.passages for r in place.readings if r.passages), ())
    rows = [
        EditRow(n, one.code, one.start, one.end, one.quote, one.stance, one.voice)
        for n, one in enumerate(chosen)
    ]
    return [*rows, _build_spare_row(len(rows), place)]


def _build_spare_row(number: int, place: DecidablePlace) -> EditRow:
    return EditRow(number, "", place.start, place.start, "", "", "", keep=False)


def parse_edit_rows(posted: QueryDict) -> list[EditRow]:
    """Return the rows as typed, in order, without those that are empty or left out."""
    return [row for row in _iterate_edit_rows(posted) if row.keep and row.code]


def _iterate_edit_rows(posted: QueryDict) -> Iterator[EditRow]:
    for number in range(MOST_PASSAGES):
        if f"code-{number}" not in posted:
            return
        value = {
            name: posted.get(f"{name}-{number}", "")
            for name in ("code", "start", "end", "quote", "stance", "voice", "keep")
        }
        yield EditRow(
            number,
            value["code"],
            parse_whole_number(value["start"], most=LARGEST) or 0,
            parse_whole_number(value["end"], most=LARGEST) or 0,
            value["quote"].replace("\r\n", "\n").replace("\r", "\n"),
            value["stance"],
            value["voice"],
            keep=bool(value["keep"]),
        )


def _resolve_edit(
    source: Source, rows: Sequence[EditRow], place: DecidablePlace
) -> tuple[PassageDraft, ...]:
    if not rows:
        raise Invalid(
            "This edit has no passage. If nothing belongs here, decide “Nothing here”.",
            field="edit",
        )
    return tuple(_resolve_edit_row(source.text, row, place) for row in rows)


def _resolve_edit_row(text: str, row: EditRow, place: DecidablePlace) -> PassageDraft:
    """Find the passage by its offsets if its quote stands there, otherwise by its words.

    Of several places that read so, the one nearest to where the passage was counts.
    """
    quote = row.quote.strip()
    if not quote:
        raise Invalid("A passage needs its words.", field="edit")
    if text[row.start : row.end].strip() == quote:
        start = row.start + text[row.start : row.end].index(quote)
    else:
        start = _find_nearest(text, quote, row.start or place.start)
    end = start + len(quote)
    return PassageDraft(row.code, start, end, row.stance, row.voice.strip())


def _find_nearest(text: str, quote: str, near: int) -> int:
    before, after = text.rfind(quote, 0, near + len(quote)), text.find(quote, near)
    found = [at for at in (before, after) if at >= 0]
    if not found:
        raise Invalid(f"The text does not read “{quote[:200]}”.", field="edit")
    return min(found, key=lambda at: abs(at - near))


def list_mentioned_codes(rows: Sequence[EditRow], known: Mapping[str, object]) -> list[str]:
    """Return the codes of the rows that the codebook no longer offers, so that they stay chosen."""
    return [row.code for row in rows if row.code and row.code not in known]
