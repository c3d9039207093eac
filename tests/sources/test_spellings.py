"""Publishers and groups that look alike are one."""

import pytest

from cstoannot.comparison.queries import load_comparison_dataset
from cstoannot.sources.actions import change_source
from cstoannot.sources.models import Source
from cstoannot.sources.queries import filter_sources, load_spellings
from tests.builders import add_source

ALIKE = ["PISM", "Pism", "pism", "Ｐism", "PISM\u200b", "РІSM"]


@pytest.mark.parametrize("field", ["publisher", "group"])
def test_spelling_that_is_there_is_taken(world, field):
    made = [getattr(add_source(world.lead, "T", **{field: one}), field) for one in ALIKE]
    assert made == ["PISM"] * len(ALIKE)
    changed = change_source(world.lead, world.bobs.pk, **{field: "pism"})
    assert getattr(changed, field) == "PISM"


def test_spelling_of_a_source_of_its_own_can_be_corrected(world):
    source = add_source(world.lead, "T", publisher="pism")
    assert change_source(world.lead, source.pk, publisher="PISM").publisher == "PISM"


def _store_doubles(world) -> None:
    for source, name in zip(
        (world.shared, world.bobs, world.beths), ("PISM", "Pism", "Pism"), strict=True
    ):
        Source.objects.filter(pk=source.pk).update(publisher=name, group=name.upper())


def test_doubles_are_one_choice_in_the_most_used_spelling(world):
    _store_doubles(world)
    assert load_spellings(world.lead, "publisher") == {"PISM": "Pism", "Pism": "Pism"}
    assert {source.publisher for source in load_comparison_dataset(world.lead).sources} == {"Pism"}
    found = filter_sources(world.lead, publisher=["pism "])
    assert [source.pk for source in found] == [
        world.shared.pk,
        world.bobs.pk,
        world.beths.pk,
    ]
    assert list(filter_sources(world.lead, publisher=["\u200b"])) == []


def test_doubles_are_compared_as_one(world, api):
    _store_doubles(world)
    asked = f"{world.api}comparison/?by=publisher&publisher=PISM"
    answer = api(world.alice).get(asked).json()
    assert [actor["title"] for actor in answer["actors"]] == ["Pism"]


def test_form_offers_each_publisher_once(world, client_for):
    _store_doubles(world)
    page = client_for(world.alice).get(f"/projects/{world.slug}/sources/new/").content.decode()
    assert page.count('<option value="Pism"></option>') == 1
    assert 'list="publisher-offered"' in page
