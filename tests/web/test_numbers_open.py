"""Every number of the agreement page leads to the list of what it counts, as long as it says."""

import html
import re

import pytest

from cstoannot.agreement.evidence import CountedSources, load_evidence
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.projects.actions import change_project
from cstoannot.projects.models import Role
from tests.agreement.demo import demo
from tests.builders import add_source, annotate, assign_to, finish, join, make_user
from tests.web.numerals import Numeral, numerals
from tests.web.test_agreement import both_finish, heading_number, more_sources

LISTS = re.compile(r"/(agreement/(evidence|counted)|disagreements)/(\?|$)")


def parts_of(client, path):
    """The page and what its script takes in."""
    page = client.get(path).content.decode()
    yield page
    for part in re.findall(r'data-part="([^"]+)"', page):
        yield client.get(html.unescape(part)).content.decode()


def names_of(scope):
    found = build_agreement_report(scope, AgreementQuery(interval="none"))
    codes = [one.code.name for one in found.codes]
    people = [one.username for one in found.annotators]
    return tuple(codes + people + [one.title for one in found.sources])


def told(client, path, names):
    """All numerals of the page and its parts. The lists' own n is part of a value's link."""
    found = [one for part in parts_of(client, path) for one in numerals(part, names)]
    return [Numeral(one.words, html.unescape(one.link)) for one in found]


def faults(client, found):
    """Numerals without a list behind them, and lists of another length."""
    wrong = [one for one in found if not LISTS.search(one.link)]
    counts: dict[str, set[int]] = {}
    for one in found:
        counts.setdefault(one.link, set()).update({one.count} - {None})
    for link in counts.keys() - {one.link for one in wrong}:
        if counts[link] != {heading_number(client.get(link))}:
            wrong.append((link, counts[link], heading_number(client.get(link))))
    return wrong


@pytest.mark.parametrize(
    "query",
    [
        "",
        "measure=u_alpha",
        "measure=cu_alpha",
        "measure=u_alpha_1995",
        "measure=stance_alpha&annotator=bob&annotator=beth",
        "unit=paragraph&code=plea",
        "interval=gwet",
        "interval=krippendorff&code=plea",
        "measure=percent_agreement&interval=none",
    ],
)
def test_every_number_opens_as_many_as_it_says(world, lead, at, query):
    both_finish(world)
    more_sources(world, 4)
    found = told(lead, f"{at('agreement/')}?{query}", names_of(world.lead))
    assert len(found) > 25
    assert faults(lead, found) == []


def test_every_number_of_the_demonstration_opens_as_many_as_it_says(client_for):
    scope = demo()
    client = client_for(scope.user)
    found = told(client, f"/projects/{scope.project.slug}/agreement/", names_of(scope))
    assert len(found) > 200
    assert faults(client, found) == []


def test_bare_number_is_a_fault(world, lead, at):
    both_finish(world)
    page = lead.get(at("agreement/")).content.decode()
    bare = re.sub(r'<a class="quiet"[^>]*>([^<]*)</a>', r"\1", page)
    assert faults(lead, numerals(bare, names_of(world.lead)))


def test_values_of_large_projects_open_as_well(world, lead, at, monkeypatch):
    monkeypatch.setattr("cstoannot.web.agreement.views.FEW_SOURCES", 0)
    both_finish(world)
    more_sources(world, 4)
    found = told(lead, at("agreement/"), names_of(world.lead))
    assert faults(lead, found) == []


@pytest.fixture
def remarkable(world):
    """A project in which a reviewer has everything to ask: the scope of its owner."""
    carl = make_user("carl")
    join(world.lead, carl, Role.ANNOTATOR)
    both_finish(world)
    alone = add_source(world.lead, "Read by one")
    assign_to(world.lead, alone, world.bob)
    finish(world.scope(world.bob), alone)
    for number in range(12):
        source = add_source(world.lead, f"Read by three {number}")
        assign_to(world.lead, source, world.bob, world.beth, carl)
        annotate(world.scope(world.bob), source, "Nobody came.", "plea")
        annotate(world.scope(world.bob), source, "We asked", "failure")
        annotate(world.scope(world.beth), source, "We asked for", "failure")
        for coder in (world.bob, world.beth, carl):
            finish(world.scope(coder), source)
    return world.lead


KEYS = {
    "annotator_without_annotations",
    "weak_codes",
    "weak_labels",
    "few_data",
    "one_coder_alone",
    "outlying_coder",
    "across_a_limit",
    "rare_codes",
    "unequal_margins",
    "single_category",
    "boundary_disagreement",
}


def keys_in(page):
    return set(re.findall(r'data-key="(\w+)"', page))


def test_figures_of_every_remark_open_what_they_count(remarkable, world, lead, at):
    seen = set()
    names = (*names_of(remarkable), "Read by one")
    shared = build_agreement_report(remarkable, AgreementQuery()).sources
    for query in ("", f"source={shared[0].pk}", "annotator=beth,carl", "annotator=bob,beth"):
        path = f"{at('agreement/diagnostics/')}?{query}"
        page = lead.get(path).content.decode()
        seen |= keys_in(page)
        found = told(lead, path, names)
        assert faults(lead, found) == [], query
        assert all(one.count is None or one.link for one in found)
    assert seen == KEYS


def test_coder_is_told_of_their_own_pairs_alone(remarkable, world, client_for, at):
    change_project(world.lead, visibility="done")
    client = client_for(world.beth)
    path = at("agreement/diagnostics/")
    found = told(client, path, (*names_of(remarkable), "Read by one"))
    assert faults(client, found) == []
    page = client.get(path).content.decode()
    assert not re.search(r"bob gave it to.*?carl to|carl gave it to.*?bob to", page)
    assert "agrees less with the other coders" not in page
    whole = client_for(world.alice).get(path).content.decode()
    assert "agrees less with the other coders" in whole


def test_lists_name_codes_coders_and_sources(remarkable, lead, at):
    def words(query):
        page = lead.get(f"{at('agreement/counted/')}?{query}").content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main")[1]).split())

    assert "3 coders" in words("of=coders")
    assert "carl" in words("of=coders")
    assert "2 sources" in words("of=compared&source=" + ",".join(_two(remarkable)))
    assert "1 source Finished by only one of the coders" in words(f"of={CountedSources.ALONE}")
    assert "12 sources" in words(f"of={CountedSources.READ}&of_annotator=carl")
    assert "the unweighted mean of their values is" in words("of=measured")
    assert "No data for this number." in words("of=undefined&annotator=bob,beth")
    assert lead.get(f"{at('agreement/counted/')}?of=nothing").status_code == 404


def _two(scope):
    return [str(one.pk) for one in build_agreement_report(scope, AgreementQuery()).sources[:2]]


def test_units_can_be_narrowed_to_those_given_the_code(remarkable, lead, at):
    result = next(
        one.result
        for one in build_agreement_report(remarkable, AgreementQuery()).codes
        if one.code.slug == "plea"
    )
    narrow = lead.get(f"{at('agreement/evidence/')}?of_code=plea&given=1")
    assert heading_number(narrow) == result.marked
    by_bob = load_evidence(remarkable, AgreementQuery(), code="plea", given_by="bob", limit=100)
    assert by_bob.total == 13
    assert all(
        "plea"
        in [
            code.slug
            for said in item.said
            if said.annotator.username == "bob"
            for code in said.codes
        ]
        for item in by_bob.items
    )
    assert load_evidence(remarkable, AgreementQuery(), code="plea", given_by="nobody").total == 0
    refused = lead.get(f"{at('agreement/evidence/')}?measure=f1_exact&given=1")
    assert refused.status_code == 422
