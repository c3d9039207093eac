"""The methods paragraph: true of the filter in force, right in number; its works can be cited."""

import re

import pytest
from django.utils.html import strip_tags

from cstoannot.codebook.actions import change_code
from cstoannot.decisions.actions import adopt_agreed_places, decide_place, open_decisions
from cstoannot.decisions.drafts import DecisionDraft
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.projects.actions import change_project
from cstoannot.projects.models import AgreedBounds
from cstoannot.sources.models import Source
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import IntervalMethod
from cstoannot.web.agreement.cited_works import find_works, format_bibtex, format_ris
from cstoannot.web.interval_words import INTERVAL_WORDS, list_interval_citations
from tests.builders import add_source, annotate, assign_to, finish
from tests.web.pages import text_of
from tests.web.test_agreement import both_finish, more_sources


@pytest.fixture
def paragraph(lead, at):
    def read(query=""):
        page = lead.get(f"{at('agreement/')}?{query}").content.decode()
        block = re.search(r'id="methods">\s*<p>(.*?)</p>', page, re.S)[1]
        return " ".join(strip_tags(block).replace("&amp;", "&").split())

    return read


def test_one_source_and_one_code_are_singular(world, paragraph):
    both_finish(world)
    words = paragraph("code=plea")
    assert words.startswith(
        "Two coders (beth and bob) took part; the one source that both finished is compared. "
        "This is every source that any of them finished. "
        "While coding, coders saw nothing of what others had marked. "
        "Coding was finished under revision 2 of the codebook. "
        "For the code it was recorded whether a coder’s passage of that code covers any part of a "
        "sentence (n = 4 sentences)"
    )
    assert "(Krippendorff, 2019), within one source: " in words
    assert words.endswith("Agreement was computed with cstoannot 0.1.0.")


def test_sources_read_once_are_told_with_their_share(world, paragraph):
    both_finish(world)
    alone = add_source(world.lead, "Read by one")
    assign_to(world.lead, alone, world.bob)
    finish(world.scope(world.bob), alone)
    assert (
        "Together they finished two sources, of which 50 % were coded at least twice; the other "
        "one was read by one coder only and is left out."
    ) in paragraph()
    assert "left out" not in paragraph(f"source={world.shared.pk}")


def test_third_coder_with_fewer_sources_and_a_role_is_told(world, paragraph):
    both_finish(world)
    more_sources(world, 1)
    assign_to(world.lead, world.shared, world.ada)
    finish(world.scope(world.ada), world.shared)
    words = paragraph()
    assert (
        "Of the compared sources, ada finished one, beth finished two, bob finished two." in words
    )
    assert "While coding, the other coders saw nothing of what others had marked." in words
    assert "ada coded as an adjudicator, a role that sees what all others mark." in words
    assert "pooled over codes and pooled over sources: " in words
    assert "ada" not in paragraph("annotator=beth,bob")


def test_more_than_two_coders_are_cited_only_where_there_are_some(world, paragraph):
    both_finish(world)
    words = paragraph("measure=cohen_kappa")
    assert "We report Cohen’s κ (Cohen, 1960), " in words
    assert "Krippendorff (2019)" not in words
    assign_to(world.lead, world.shared, world.ada)
    finish(world.scope(world.ada), world.shared)
    assert "the mean over their pairs (Cohen, 1960; Light, 1971)" in paragraph(
        "measure=cohen_kappa"
    )


def decide_first(world, by, outcome, **said):
    """Decide the first place of the shared source that waits for this person."""
    scope = world.scope(by)
    places = list_decidable_places(scope, world.shared.pk)
    place = next(one for one in places if one.state == "undecided")
    decide_place(scope, place.id, DecisionDraft(outcome, **said))


def test_nothing_is_told_of_decisions_where_there_are_none(world, paragraph):
    both_finish(world)
    assert "decided" not in paragraph()


def test_decisions_are_told_by_outcome_and_by_who_decided(world, paragraph):
    both_finish(world)
    decide_first(world, world.alice, "nothing", reason="Neither.")
    assert (
        "The team decided a part of one source. Of one decided place, nothing was found at one; "
        "one place is still open. One owner decided the places. Whoever decided a place did not "
        "know which coder had marked what. Each place was decided by one person."
    ) in paragraph()
    change_project(world.lead, names_while_deciding=True)
    decide_first(world, world.ada, "majority")
    words = paragraph()
    assert "The team decided one source. Of two decided places, the majority’s reading" in words
    assert "adopted at one and nothing was found at one." in words
    assert "One adjudicator and one owner decided the places." in words
    assert "For a part of the time, whoever decided a place knew who had marked what." in words
    more_sources(world, 1)
    other = Source.objects.exclude(pk=world.shared.pk).get(title__startswith="More")
    assert "The team decided" not in paragraph(f"source={other.pk}")
    assert "The team decided one source." in paragraph(f"source={world.shared.pk}")


@pytest.mark.parametrize("bounds", AgreedBounds)
def test_places_on_which_all_agree_are_told_with_the_rule(world, paragraph, bounds):
    change_project(world.lead, agreed_bounds=bounds)
    for coder in (world.bob, world.beth):
        annotate(world.scope(coder), world.shared, "Nobody came.", "plea")
    both_finish(world)
    adopt_agreed_places(world.scope(world.alice))
    words = paragraph()
    rule = {"sentence": "begin in the same sentence and", "majority": "lie within the stretch"}
    assert "the majority’s reading was adopted at one; two places are still open." in words
    assert "At one place, all coders had marked the same codes with the same stance" in words
    assert f"and bounds that {rule[bounds]}" in words


def test_two_who_decide_apart_are_told(world, paragraph):
    change_project(world.lead, decide_apart=True)
    both_finish(world)
    for who in (world.alice, world.ada):
        decide_first(world, who, "nothing", reason="Neither.")
    words = paragraph()
    assert "One adjudicator and one owner decided the places." in words
    assert "Two people decided each place without knowing of each other’s decision" in words


def test_coders_are_told_of_decisions_once_these_are_opened(world, client_for, at):
    both_finish(world)
    decide_first(world, world.alice, "nothing", reason="Neither.")
    bob = client_for(world.bob)
    change_project(world.lead, visibility="all")
    assert "The team decided" not in text_of(bob.get(at("agreement/")))
    open_decisions(world.scope(world.alice), [world.shared.pk])
    words = text_of(bob.get(at("agreement/")))
    assert "The team decided a part of one source. Of one decided place, nothing was found" in words
    assert "still open" not in words


def test_coders_are_not_told_of_places_that_others_alone_marked(world, client_for, at):
    change_project(world.lead, visibility="all")
    annotate(world.scope(world.beth), world.shared, "hopes", "plea")
    both_finish(world)
    for _ in range(3):
        decide_first(world, world.alice, "nothing", reason="Neither.")
    open_decisions(world.scope(world.alice))
    bob, beth = (text_of(client_for(one).get(at("agreement/"))) for one in (world.bob, world.beth))
    assert "Of two decided places, nothing was found at two." in bob
    assert "Of three decided places, nothing was found at three." in beth


@pytest.mark.parametrize("measure", MEASURES)
def test_works_of_every_measure_are_known(measure):
    citation = MEASURES[measure].citation
    works = find_works(citation)
    assert len(works) == len(re.findall(r"\(\d{4}\)", citation))
    assert all(work.brackets.endswith(work.year) for work in works)


@pytest.mark.parametrize("method", [one for one in IntervalMethod if INTERVAL_WORDS[one].name])
def test_works_of_every_interval_are_known(method):
    citations = list_interval_citations(method)
    assert len(find_works(" ".join(citations))) == len(citations) > 0


def test_works_are_written_as_bibtex_and_ris():
    (work,) = find_works(MEASURES["u_alpha"].citation)
    assert format_bibtex([work]) == (
        "@article{krippendorff2016,\n"
        "  author = {Krippendorff, K. and Mathet, Y. and Bouvry, S. and Widlöcher, A.},\n"
        "  title = {{On the reliability of unitizing textual continua: Further developments}},\n"
        "  journal = {Quality \\& Quantity},\n"
        "  volume = {50},\n  number = {6},\n  pages = {2347--2364},\n  year = {2016},\n}\n"
    )
    lines = format_ris([work]).split("\r\n")
    assert lines[:3] == ["TY  - JOUR", "AU  - Krippendorff, K.", "AU  - Mathet, Y."]
    assert {"SP  - 2347", "EP  - 2364", "PY  - 2016", "ER  - "} <= set(lines)


def test_files_hold_what_the_page_shows(world, lead, at):
    both_finish(world)
    page = lead.get(at("agreement/")).content.decode()
    bib = lead.get(at("agreement/citations.bib")).content.decode()
    ris = lead.get(at("agreement/citations.ris")).content.decode()
    assert bib.count("@") == ris.count("TY  - ") == page.count('<p class="reference">') > 0
    table = lead.get(at("agreement/codes.tsv")).content.decode().splitlines()
    assert table[0] == "Code\tn\tPrevalence\tValue\t95 % CI"
    assert [line.split("\t")[0] for line in table[1:]] == [
        *("Failure", "Plea", "All codes, pooled over codes"),
    ]
    block = page[page.index('id="apa"') : page.index("</table>", page.index('id="apa"'))]
    cells = [cell for line in table[1:] for cell in line.split("\t")]
    assert all(cell in block for cell in cells)


def test_code_that_looks_like_a_formula_is_none_in_the_table(world, lead, at):
    change_code(world.lead, "plea", name="=1+1")
    both_finish(world)
    assert "\n'=1+1\t" in lead.get(at("agreement/codes.tsv")).content.decode()
