"""Read as any tool of the standard would: by the W3C's own assertions, and by the selectors."""

import json

import pytest

from cstoannot.assignments.actions import unassign_source
from cstoannot.exchange.formats import webannotation
from cstoannot.exchange.row_pages import stored_rows
from cstoannot.models import Annotation, Source
from tests.exchange.reading import file_of, stored
from tests.exchange.reference import broken_rules

CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def _items(scope):
    return json.loads(file_of(scope, "webannotation"))["first"]["items"]


def _selectors(item):
    place, words = item["target"]["selector"]
    assert (place["type"], words["type"]) == ("TextPositionSelector", "TextQuoteSelector")
    return place, words


def _body(item, purpose):
    return [body["value"] for body in item["body"] if body["purpose"] == purpose]


def test_collection_says_what_the_database_says(world, odd):
    told = json.loads(file_of(world.lead, "webannotation"))
    rows = stored(world.lead)
    assert (told["type"], told["total"]) == ("AnnotationCollection", len(rows))
    for item, row in zip(told["first"]["items"], rows, strict=True):
        place, words = _selectors(item)
        assert item["id"] == f"urn:uuid:{row['id']}"
        assert (place["start"], place["end"], words["exact"]) == (
            row["start"],
            row["end"],
            row["quote"],
        )
        assert item["creator"]["nickname"] == row["annotator"]
        assert _body(item, "assessing") == ([f"stance:{row['stance']}"] if row["stance"] else [])
        assert _body(item, "identifying") == ([f"voice:{row['voice']}"] if row["voice"] else [])
        assert _body(item, "commenting") == ([row["note"]] if row["note"] else [])
        (code,) = [body["source"] for body in item["body"] if body["purpose"] == "classifying"]
        assert code.endswith(f"/codes/{row['code']}/")
        assert (item["stance"], item["version"]) == (row["stance"], row["version"])


def test_selectors_find_the_passage_in_the_text(world, odd):
    for item in _items(world.lead):
        place, words = _selectors(item)
        source = Source.objects.get(pk=int(item["target"]["source"].split("/")[-3]))
        assert source.text[place["start"] : place["end"]] == words["exact"]
        around = words["prefix"] + words["exact"] + words["suffix"]
        assert around in source.text
        assert len(words["prefix"]) == min(32, place["start"])
        assert len(words["suffix"]) == min(32, source.length - place["end"])
        assert item["target"]["textSha256"] == source.sha256


def test_consensus_is_the_teams(world):
    decided = Annotation.objects.get(pk=world.said["bob failure"]["id"])
    decided.pk, decided.annotator, decided.layer = "0" * 32, None, "consensus"
    decided.save(force_insert=True)
    (item,) = [item for item in _items(world.lead) if item["layer"] == "consensus"]
    assert (item["creator"]["type"], item["creator"]["name"]) == (
        "Organization",
        "Consensus of Alliances",
    )


@pytest.mark.parametrize("suite", ["annotations/annotationMusts"])
def test_annotations_keep_the_rules_of_w3c(world, odd, suite):
    for item in _items(world.lead):
        assert broken_rules(suite, {"@context": CONTEXT, **item}) == []


def test_collection_and_page_keep_the_rules_of_w3c(world, odd):
    told = json.loads(file_of(world.lead, "webannotation"))
    assert broken_rules("collections/collectionMusts", told) == []
    assert broken_rules("collections/pages/pageMusts", told) == []


def test_rules_of_w3c_are_asked_in_earnest(world):
    """A collection without a total's first page, and an annotation without target, break some."""
    told = json.loads(file_of(world.lead, "webannotation"))
    assert broken_rules("collections/collectionMusts", {**told, "first": 7})
    assert broken_rules("collections/pages/pageMusts", {**told, "first": {}})
    item = {"@context": CONTEXT, **_items(world.lead)[0]}
    assert broken_rules("annotations/annotationMusts", {**item, "target": None})
    del item["@context"]
    assert broken_rules("annotations/annotationMusts", item)


def test_nothing_stands_around_what_may_no_longer_be_read(world):
    unassign_source(world.lead, world.assignments["beth beths"].pk, confirmed=True)
    items = _items(world.scope(world.beth))
    (item,) = [one for one in items if f"/{world.beths.pk}/text/" in one["target"]["source"]]
    assert _selectors(item)[1] == {"type": "TextQuoteSelector", "exact": "Nobody came."}
    assert "state" not in item["target"]


def test_batches_of_any_size_give_the_same(world, odd, monkeypatch):
    whole = file_of(world.lead, "webannotation")
    for size in (1, 2, 5):
        monkeypatch.setattr(stored_rows, "PAGE", size)
        monkeypatch.setattr(webannotation, "TEXTS_AT_ONCE", size)
        assert file_of(world.lead, "webannotation") == whole


def test_identifiers_are_the_same_in_every_export(world):
    people = {(one["creator"]["nickname"], one["creator"]["id"]) for one in _items(world.lead)}
    assert len(people) == 2
    assert people >= {
        (one["creator"]["nickname"], one["creator"]["id"]) for one in _items(world.scope(world.bob))
    }
