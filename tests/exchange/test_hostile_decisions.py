"""Odd decisions and threads in an archive are refused in words, before anything is written."""

import io

import pytest

from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.core.errors import DomainError
from cstoannot.decisions.models import Decision
from cstoannot.exchange.archive.restoring import restore_archive
from tests.exchange.handed_out import decide, discuss
from tests.exchange.reading import file_of
from tests.exchange.zips import forged

NOWHERE = "00000000-0000-8000-8000-000000000000"
_MADE: list[bytes] = []


@pytest.fixture
def archive(world):
    if not _MADE:
        propose_code(world.scope(world.bob), name="Debt")
        discuss(world, decide(world))
        _MADE.append(file_of(world.lead, "archive"))
    return _MADE[0]


def _refused(world, data, words):
    with pytest.raises(DomainError) as error:
        restore_archive(io.BytesIO(data), by=world.alice, slug="copy", same_people=True)
    assert words in error.value.message
    assert error.value.message.endswith(".")
    assert not Decision.objects.filter(project__slug="copy").exists()


def _set(line, **values):
    return lambda rows: rows[line].update(values)


def _team(rows):
    return next(row for row in rows if not row["apart"])


def _weighed(**values):
    return lambda rows: _team(rows)["readings"][0]["passages"][0].update(values)


def _reading(**values):
    return lambda rows: _team(rows)["readings"][0].update(values)


def _twice(rows):
    rows.append({**_team(rows), "id": NOWHERE, "passages": []})


def _left_twice(rows):
    rows.append({**_team(rows), "id": NOWHERE, "place": _team(rows)["place"][:-1] + "0"})


def _apart(rows):
    return next(row for row in rows if row["apart"])


def _state(**values):
    def change(rows):
        row = next(row for row in rows if row["kind"] == "decision")
        row["after"].update(values)

    return change


def _thread(about, **values):
    return lambda rows: next(row for row in rows if row["kind"] == about).update(values)


ODD = [
    ("decisions", _set(0, source=99), "no source 99"),
    ("decisions", _set(0, source=2), "not one of the source"),
    ("decisions", _set(0, place=NOWHERE), "not one of the source"),
    ("decisions", _set(0, start=9_000, end=9_999), "not within the text"),
    ("decisions", _set(0, start=5, end=5), "not within the text"),
    ("decisions", _set(0, outcome="guessed"), "outcome"),
    ("decisions", _set(0, by="charlie"), "no person charlie"),
    ("decisions", _set(0, chosen=[7]), "chosen"),
    ("decisions", _set(0, chosen=["1"]), "chosen"),
    ("decisions", _set(0, passages="all"), "passages"),
    ("decisions", lambda rows: _team(rows).update(passages=[NOWHERE]), "no passage 0000"),
    ("decisions", lambda rows: _team(rows).update(apart=True), "another kind"),
    ("decisions", lambda rows: _apart(rows).update(apart=False), "another kind"),
    ("decisions", lambda rows: _apart(rows)["passages"][0].update(end=9_999), "within the text"),
    ("decisions", lambda rows: _apart(rows)["passages"][0].pop("code"), "its fields are not"),
    ("decisions", lambda rows: rows.append(_team(rows)), "an id stands twice"),
    ("decisions", _twice, "a place is decided twice"),
    ("decisions", _left_twice, "a passage is left by two decisions"),
    ("decisions", _weighed(annotator="charlie"), "a passage of somebody else"),
    ("decisions", _weighed(annotator=1), "annotator"),
    ("decisions", _weighed(start=400, end=9_999), "not within the text"),
    ("decisions", _weighed(stance="against"), "stance"),
    ("decisions", _weighed(quote="x"), "its fields are not"),
    ("decisions", _weighed(id="1"), "not a UUID"),
    ("decisions", _reading(annotators=["bob", "charlie"]), "no person charlie"),
    ("decisions", _reading(annotators=["bob", "beth"]), "stands twice"),
    ("decisions", _reading(reading=2), "stands twice"),
    ("decisions", _reading(reading=0), "reading"),
    ("consensus", _set(0, state="nearly"), "state"),
    ("consensus", _set(0, source=99), "no source 99"),
    ("consensus", _set(0, adjudicator="charlie"), "no person charlie"),
    ("consensus", lambda rows: rows.append(rows[0]), "stands twice in its consensus"),
    ("events", _state(readings=[{}]), "its fields are not"),
    ("events", _state(readings=7), "not a list of readings"),
    ("events", _state(place="here"), "not a UUID"),
    ("events", _state(annotators=["charlie"]), "no person charlie"),
    ("threads", _thread("place", kind="chat"), "kind"),
    ("threads", _thread("place", kind="source"), "start and end belong to a place"),
    ("threads", _thread("place", source=None), "not about a place"),
    ("threads", _thread("place", source=99), "no source 99"),
    ("threads", _thread("place", quote="Something else"), "does not read so"),
    ("threads", _thread("place", quote=""), "does not read so"),
    ("threads", _thread("place", start=None), "start and end belong to a place"),
    ("threads", _thread("place", end=None), "start and end belong to a place"),
    ("threads", _thread("place", end=9_999), "not within the text"),
    ("threads", _thread("place", resolved_at=None), "resolved, or not"),
    ("threads", _thread("place", proposal=NOWHERE), "no such proposal"),
    ("threads", _thread("place", opened_by="charlie"), "no person charlie"),
    ("threads", _thread("code", code="strange"), "no code strange"),
    ("threads", _thread("code", code=None), "not about a code"),
    ("threads", _thread("source", code="failure"), "not about a source"),
    ("threads", _thread("decision", decision=NOWHERE), "no such decision"),
    ("threads", lambda rows: rows.append(rows[0]), "an id stands twice"),
    ("threads", _set(0, read=[{"user": "bob"}]), "its fields are not"),
    ("comments", _set(0, thread=NOWHERE), "no thread"),
    ("comments", _set(0, author="charlie"), "no person charlie"),
    ("comments", _set(0, mentions=["charlie"]), "no person charlie"),
    ("comments", _set(0, mentions=["ada", "ada"]), "twice"),
    ("comments", _set(0, text=""), "empty"),
    ("comments", lambda rows: rows.append(rows[0]), "an id stands twice"),
]


@pytest.mark.parametrize(("kind", "change", "words"), ODD)
def test_odd_row_is_refused_in_words(world, archive, kind, change, words):
    _refused(world, forged(archive, kind, change), words)


def test_decision_of_another_source_is_no_threads(world, archive):
    """A thread's decision is one about its own source."""

    def change(rows):
        row = next(row for row in rows if row["kind"] == "decision")
        row.update(source=2, quote="")

    _refused(world, forged(archive, "threads", change), "data/threads.jsonl")


def test_readers_named_twice_in_marks_are_refused(world, archive):
    mark = {"user": "bob", "read_at": "2026-01-01T00:00:00.000000Z", "number": None}
    _refused(world, forged(archive, "threads", _set(0, read=[mark, mark])), "stands twice")
