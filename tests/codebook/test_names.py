"""Siblings' names can be told apart."""

import pytest

from cstoannot.codebook.actions import change_code, create_code
from cstoannot.codebook.bulk_actions import add_codebook
from cstoannot.codebook.names import choose_distinct_name, group_similar_names
from cstoannot.codebook.queries import load_current_revision, visible_codes
from cstoannot.core.errors import Conflict, Invalid
from tests.builders import add_code

ALIKE = ["Failure", "failure", " FAILURE ", "Fai\u200blure", "Ｆａｉｌｕｒｅ", "Fаilure"]


def _refused(make) -> str:
    with pytest.raises(Conflict) as refusal:
        make()
    assert refusal.value.field == "name"
    return refusal.value.message


@pytest.mark.parametrize("name", ALIKE, ids=ascii)
def test_code_called_like_its_sibling_is_refused(world, name):
    message = _refused(lambda: create_code(world.lead, name=name))
    assert message.startswith("“Failure” already exists at this level")
    assert create_code(world.lead, name=name, parent="plea").name == name.strip()
    assert load_current_revision(world.lead) == 3


def test_code_composed_otherwise_is_refused(world):
    add_code(world.lead, "Émile")
    assert "“Émile”" in _refused(lambda: create_code(world.lead, name="E\u0301mile"))


def test_code_is_not_renamed_like_its_sibling(world):
    add_code(world.lead, "Praise")
    assert "“Failure”" in _refused(lambda: change_code(world.lead, "praise", name="failure"))
    assert change_code(world.lead, "praise", name="PRAISE").name == "PRAISE"


def test_code_is_not_moved_beside_one_called_like_it(world):
    add_code(world.lead, "failure", parent="plea")
    assert "“Failure”" in _refused(lambda: change_code(world.lead, "failure-2", parent=None))
    moved = change_code(world.lead, "failure-2", parent=None, name="Breakdown")
    assert moved.parent_id is None


def test_name_of_a_retired_sibling_is_kept_for_it(world):
    change_code(world.lead, "plea", retired=True)
    message = _refused(lambda: create_code(world.lead, name="PLEA", parent="failure"))
    assert message == (
        "“Plea” is a retired code at this level: restore it, or choose another name."
    )


def _add_double(world) -> None:
    add_codebook(world.lead, [{"slug": "nato", "name": "NATO"}], note="Imported")
    add_codebook(world.lead, [{"slug": "nato-2", "name": "nato"}], note="Imported")


def test_doubles_come_in_and_are_listed(world):
    _add_double(world)
    groups = group_similar_names(visible_codes(world.lead))
    assert [[code.slug for code in group] for group in groups] == [["nato", "nato-2"]]


def test_double_is_changed_in_everything_but_its_name(world):
    _add_double(world)
    assert change_code(world.lead, "nato-2", colour="#123456", name="nato").colour == "#123456"
    assert "“NATO”" in _refused(lambda: change_code(world.lead, "nato-2", name="Nato"))
    change_code(world.lead, "nato-2", name="NATO as a bloc")
    assert group_similar_names(visible_codes(world.lead)) == []


def test_double_that_was_retired_comes_back_under_another_name(world):
    _add_double(world)
    change_code(world.lead, "nato-2", retired=True)
    assert group_similar_names(visible_codes(world.lead)) == []
    assert "“NATO”" in _refused(lambda: change_code(world.lead, "nato-2", retired=False))
    assert change_code(world.lead, "nato-2", retired=False, name="Bloc").retired_at is None


def test_name_that_nobody_sees_is_refused(world):
    with pytest.raises(Invalid, match="no visible characters"):
        create_code(world.lead, name="\u200b\u2060")


def test_distinct_name_is_numbered(world):
    _add_double(world)
    siblings = list(visible_codes(world.lead).filter(parent=None))
    assert choose_distinct_name("nato", siblings) == "nato (2)"
    assert len(choose_distinct_name("x" * 100, siblings)) == 94
