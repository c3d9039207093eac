"""Odd proposals in an archive are refused in words, before anything is written."""

import io

import pytest

from cstoannot.annotations.models import CodeProposal
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.core.errors import DomainError
from cstoannot.exchange.archive.restoring import restore_archive
from tests.exchange.reading import file_of
from tests.exchange.zips import forged

LATER = "2026-01-02T03:04:05.000000Z"
_MADE: list[bytes] = []


@pytest.fixture
def archive(world):
    if not _MADE:
        passage = {"source": world.shared.pk, "start": 4, "end": 12}
        propose_code(world.scope(world.bob), name="Debt", parent="plea", **passage)
        _MADE.append(file_of(world.lead, "archive"))
    return _MADE[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"start": None},
        {"end": None},
        {"start": None, "end": None},
        {"quote": ""},
        {"quote": "alliances"},
        {"start": 12, "end": 4},
        {"start": 4, "end": 4, "quote": ""},
        {"start": -1},
        {"start": 4.0},
        {"start": True},
        {"start": 2**31, "end": 2**31 + 8},
        {"source": None, "start": 12, "end": 4},
        {"source": None, "quote": "alliances"},
        {"source": None, "start": None},
        {"source": 99},
        {"source": -1},
        {"source": "1"},
        {"parent": "nothing"},
        {"parent": 3},
        {"parent": ["plea"]},
        {"code": "nothing"},
        {"state": "forgotten"},
        {"state": "accepted"},
        {"state": "declined", "decided_at": None},
        {"decided_at": LATER},
        {"created_at": "yesterday"},
        {"created_at": None},
        {"proposed_by": 99},
        {"decided_by": {}},
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\x00b"},
        {"name": None},
        {"claim": "x" * 5_001},
        {"reason": "x" * 2_001},
        {"id": "1"},
        {"id": None},
        {"unknown": 1},
    ],
    ids=str,
)
def test_odd_proposal_is_refused_in_words(world, archive, changed):
    def alter(rows):
        rows[0].update(changed)

    with pytest.raises(DomainError) as error:
        restore_archive(
            io.BytesIO(forged(archive, "proposals", alter)),
            by=world.alice,
            slug="copy",
            same_people=True,
        )
    assert error.value.message.endswith(".")


def test_proposal_sent_twice_is_refused_in_words(world, archive):
    data = forged(archive, "proposals", lambda rows: rows.append(dict(rows[0])))
    with pytest.raises(DomainError):
        restore_archive(io.BytesIO(data), by=world.alice, slug="copy", same_people=True)


def test_proposal_whose_source_is_gone_comes_back(world, archive):
    data = forged(archive, "proposals", lambda rows: rows[0].update(source=None))
    restore_archive(io.BytesIO(data), by=world.alice, slug="copy", same_people=True)
    (proposal,) = CodeProposal.objects.filter(project__slug="copy")
    assert (proposal.source_id, proposal.quote) == (None, "alliance")
