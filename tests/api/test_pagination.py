import pytest

from cstoannot.annotations.models import Annotation
from tests.builders import add_source, annotate


@pytest.fixture
def many(world):
    """Twelve annotations that share source and start, and were changed at the same time."""
    bob = world.scope(world.bob)
    for _ in range(10):
        annotate(bob, world.shared, "The alliance failed its member.", note="one of many")
    Annotation.objects.update(updated_at="2026-01-01T00:00:00Z")


def _follow(client, link):
    return client.get(link.replace("http://testserver", "")).json()


def _walk(client, path, step="next"):
    pages = []
    while path:
        page = _follow(client, path)
        pages.append([row.get("id") or row.get("slug") for row in page["results"]])
        last, path = page, page[step]
    return pages, last


@pytest.mark.parametrize("order", ["position", "updated_at", "-updated_at"])
@pytest.mark.parametrize("size", [1, 4, 5, 15, 100])
def test_every_row_once_both_ways(world, api, many, order, size):
    lead = api(world.alice)
    path = f"{world.api}annotations/?ordering={order}"
    everything = [row["id"] for row in lead.get(path).json()["results"]]
    assert len(set(everything)) == len(everything) == 15
    forth, last = _walk(lead, f"{path}&page_size={size}")
    assert [one for page in forth for one in page] == everything
    assert {len(page) for page in forth[:-1]} <= {size}
    if last["previous"]:
        back, _ = _walk(lead, last["previous"], "previous")
        assert [one for page in reversed(back) for one in page] == everything[: -len(forth[-1])]


def test_links_keep_the_question(world, api, many):
    lead = api(world.alice)
    path = f"{world.api}annotations/?annotator=bob&q=alliance&page_size=3"
    pages, _ = _walk(lead, path)
    assert sum(map(len, pages)) == 11


def test_rows_added_or_gone_meanwhile_shift_nothing(world, api, many):
    lead, bob = api(world.alice), api(world.bob)
    first = lead.get(f"{world.api}annotations/?page_size=5").json()
    for row in first["results"][:2]:
        bob.delete(f"{world.api}annotations/{row['id']}/")
    rest, _ = _walk(lead, first["next"])
    assert sum(map(len, rest)) == 10


@pytest.mark.parametrize("order", ["title", "-title", "published", "-position"])
def test_texts_as_keys(world, api, order):
    titles = ["é", "e", "E", "Z", "", "𠀀", "a, b", "100%", "\u202ex", "'", "%00", "\\"]
    for title in titles:
        add_source(world.lead, title or "-", "x", published="2020" if title < "a" else "")
    lead = api(world.alice)
    path = f"{world.api}sources/?ordering={order}"
    everything = [row["id"] for row in lead.get(path).json()["results"]]
    pages, _ = _walk(lead, f"{path}&page_size=2")
    assert [one for page in pages for one in page] == everything
    assert len(everything) == 15


def test_order_through_relations(world, api):
    lead = api(world.alice)
    path = f"{world.api}assignments/"
    everything = [row["id"] for row in lead.get(path).json()["results"]]
    assert _walk(lead, f"{path}?page_size=1")[0] == [[one] for one in everything]


def test_an_empty_list(world, api):
    empty = {"next": None, "previous": None, "results": []}
    assert api(world.dan).get("projects/").json() == empty


def test_what_is_gone_behind_a_cursor(world, api):
    lead = api(world.alice)
    first = lead.get(f"{world.api}sources/?page_size=2").json()
    lead.delete(f"{world.api}sources/{world.beths.pk}/?confirm=true")
    page = _follow(lead, first["next"])
    assert (page["results"], page["next"]) == ([], None)
    assert _follow(lead, page["previous"])["results"] == first["results"]
