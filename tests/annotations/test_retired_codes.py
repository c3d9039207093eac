"""A retired code keeps the annotations that it has and takes no others, whatever comes at once."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cstoannot.annotations import actions
from cstoannot.annotations import bulk_actions as bulk
from cstoannot.annotations.actions import Draft, save_annotation
from cstoannot.annotations.bulk_actions import save_annotations
from cstoannot.annotations.models import Annotation
from cstoannot.annotations.proposal_actions import accept_proposal, propose_code
from cstoannot.codebook.actions import change_code, delete_code
from cstoannot.codebook.models import Code
from cstoannot.core.errors import Conflict, DomainError, Invalid
from cstoannot.core.fields import expect_version
from cstoannot.decisions.merge_actions import merge_code
from tests.annotations.test_concurrency import at_once
from tests.annotations.test_triggers import annotation
from tests.builders import World, add_code, annotate, build_world

ROUNDS = 6


@pytest.fixture
def together(transactional_db: None) -> World:
    """A world for threads, with a code into which “plea” can be merged."""
    world = build_world()
    add_code(world.lead, "Appeal")
    return world


def test_database_refuses_an_annotation_under_a_retired_code(world):
    change_code(world.lead, "plea", retired=True)
    code = Code.objects.get(pk=world.codes["plea"].pk)
    with pytest.raises(IntegrityError, match="a retired code takes no"), transaction.atomic():
        annotation(world, code=code).save(force_insert=True)
    stored = Annotation.objects.filter(pk=world.said["bob failure"]["id"])
    with pytest.raises(IntegrityError, match="a retired code takes no"), transaction.atomic():
        stored.update(code=code)


def test_annotation_that_a_retired_code_has_stays_and_can_be_changed(world):
    change_code(world.lead, "plea", retired=True)
    stored = Annotation.objects.get(pk=world.said["bob plea"]["id"])
    stored.note = "kept"
    stored.save()
    assert stored.code.retired_at is not None
    assert Annotation.objects.filter(pk=stored.pk).update(code=world.codes["failure"]) == 1


def _draft(world: World, **changed) -> Draft:
    return Draft(**{"source": world.shared.pk, "code": "plea", "start": 0, "end": 3, **changed})


def _savers(world: World, code: str):
    """Eight saves under this code: new ones, lists, and changes from another code to it."""
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    mine = [annotate(who, world.shared, "Nobody") for who in (bob, beth)]
    draft = _draft(world, code=code)
    moved = _draft(world, code=code, start=mine[0]["start"], end=mine[0]["end"])
    return [
        *[lambda who=who: save_annotation(who, uuid.uuid4(), draft) for who in (bob, beth)] * 2,
        *[
            lambda who=who: save_annotations(who, [(uuid.uuid4(), draft)] * 1)
            for who in (bob, beth)
        ],
        *[
            lambda who=who, row=row: save_annotation(
                who, row["id"], moved, expected=expect_version(1)
            )
            for who, row in zip((bob, beth), mine, strict=True)
        ],
    ]


def _check_merged(world: World, answers: list[object]) -> None:
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert {type(answer) for answer in refused} <= {Conflict, Invalid}
    assert not Annotation.objects.filter(code__retired_at__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hold", ["held", "not held"])
def test_merge_leaves_nothing_behind(together, monkeypatch, hold):
    """With the application's lock, and by the database alone where it is forgotten."""
    if hold == "not held":
        for module in (actions, bulk):
            monkeypatch.setattr(module, "lock_codes_and_sources", lambda scope, **ground: None)
    old, new = "plea", "appeal"
    for _ in range(ROUNDS):
        count = Annotation.objects.count() + 2
        merged, *answers = at_once(
            lambda old=old, new=new: merge_code(together.lead, old, into=new),
            *_savers(together, old),
        )
        assert merged.slug == new
        _check_merged(together, answers)
        made = sum(not isinstance(answer, DomainError) for answer in answers[:6])
        assert Annotation.objects.count() == count + made
        change_code(together.lead, old, retired=False)
        old, new = new, old


@pytest.mark.django_db(transaction=True)
def test_deleted_code_is_not_coded_with(together):
    for number in range(ROUNDS):
        add_code(together.lead, f"Brief {number}", slug=f"brief-{number}")
        deleted, *answers = at_once(
            lambda number=number: delete_code(together.lead, f"brief-{number}"),
            *_savers(together, f"brief-{number}"),
        )
        there = Code.objects.filter(slug=f"brief-{number}").exists()
        assert there == isinstance(deleted, Conflict)
        assert there == any(not isinstance(answer, DomainError) for answer in answers)
        if there:
            merge_code(together.lead, f"brief-{number}", into="plea")


def test_save_under_a_retired_code_is_refused_in_words(world):
    change_code(world.lead, "plea", retired=True)
    with pytest.raises(Conflict, match="This code is retired"):
        save_annotation(world.scope(world.bob), uuid.uuid4(), _draft(world))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_save_waits_for_nobody_who_only_edits_the_codebook(together):
    """A change of the codebook holds the project, and foreign keys to it need not wait."""
    with transaction.atomic():
        change_code(together.lead, "failure", note="x", definition="Other")
        (saved,) = at_once(
            lambda: save_annotation(together.scope(together.bob), uuid.uuid4(), _draft(together))
        )
    assert saved[1]


def test_proposal_is_not_accepted_for_a_code_that_is_retired(world):
    proposal, _ = propose_code(world.scope(world.bob), name="Other")
    Code.objects.filter(slug="plea").update(retired_at=timezone.now())
    with pytest.raises(Invalid):
        accept_proposal(world.lead, proposal.pk, code="plea")
