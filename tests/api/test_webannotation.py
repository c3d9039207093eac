import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.api import exports
from tests.api.hostile import assert_problem
from tests.builders import add_source, annotate, assign_to
from tests.exchange.reading import file_of
from tests.exchange.reference import broken_rules


@pytest.fixture
def address(world):
    return f"{world.api}webannotation/"


def _path(url):
    return url.removeprefix("http://testserver")


def test_container_is_what_the_protocol_asks(world, api, address):
    answer = api(world.alice).get(address)
    assert answer["Content-Type"] == (
        'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
    )
    assert '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"' in answer["Link"]
    assert {"GET", "HEAD", "OPTIONS"} <= set(answer["Allow"].split(", "))
    assert answer["ETag"]
    assert broken_rules("collections/collectionMusts", answer.json()) == []


def test_pages_hold_every_annotation_once(world, api, address, monkeypatch):
    monkeypatch.setattr(exports, "PAGE_SIZE", 2)
    client = api(world.alice)
    whole = client.get(address).json()
    url, items, pages = whole["first"], [], []
    while url:
        page = client.get(_path(url)).json()
        assert page["startIndex"] == len(items)
        assert page["partOf"] == {k: v for k, v in whole.items() if k != "@context"}
        assert page.get("prev") == (pages[-1] if pages else None)
        assert broken_rules("collections/pages/pageMusts", page) == []
        items += page["items"]
        pages.append(url)
        url = page.get("next")
    assert (len(pages), pages[-1]) == (3, whole["last"])
    assert len(items) == whole["total"] == 5
    text = file_of(world.lead, "webannotation").decode()
    told = json.loads(text)["first"]["items"]
    assert [one["id"] for one in items] == [one["id"] for one in told]
    assert [one["target"]["selector"] for one in items] == [
        one["target"]["selector"] for one in told
    ]


def test_source_of_a_target_answers_with_the_text(world, api, address):
    client = api(world.alice)
    (item, *_) = client.get(f"{address}?page=0").json()["items"]
    answer = client.get(_path(item["target"]["source"]))
    place, words = item["target"]["selector"]
    assert answer.content.decode()[place["start"] : place["end"]] == words["exact"]
    assert answer["ETag"].strip('"') == item["target"]["textSha256"]


def test_filters_hold_for_the_pages_too(world, api, address):
    client = api(world.alice)
    whole = client.get(f"{address}?annotator=beth&stance=opposes,mixed").json()
    assert whole["total"] == 2
    page = client.get(_path(whole["first"])).json()
    assert {one["creator"]["nickname"] for one in page["items"]} == {"beth"}
    assert len(page["items"]) == 2


def test_annotator_gets_the_consensus_and_their_own(world, api, address):
    items = api(world.bob).get(f"{address}?page=0").json()["items"]
    assert {one["creator"]["nickname"] for one in items} == {"bob"}
    assert api(world.vera).get(address).json()["total"] == 0


def test_empty_collection_names_no_page(world, api, address):
    whole = api(world.alice).get(f"{address}?code=no-such-code").json()
    assert whole["total"] == 0
    assert "first" not in whole


@pytest.mark.parametrize(
    ("query", "status"),
    [("page=1", 404), ("page=-1", 400), ("page=x", 400), ("page=99999999999", 400), ("x=1", 400)],
)
def test_wrong_pages_are_refused(world, api, address, query, status):
    assert_problem(api(world.alice).get(f"{address}?{query}"), status)


def test_queries_do_not_grow_with_rows(world, api, address):
    client = api(world.alice)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{address}?page=0")
        return len(captured)

    few = queries()
    for number in range(3):
        source = add_source(world.lead, f"More {number}")
        assign_to(world.lead, source, world.bob)
        annotate(world.scope(world.bob), source, "Nobody")
    assert queries() == few


def test_reader_who_has_it_is_told_so(world, api, address):
    client = api(world.alice)
    tag = client.get(address)["ETag"]
    assert client.get(address, if_none_match=tag).status_code == 304
