"""The methods paragraph: true of the filter in force, right in number; its works can be cited."""

import re

import pytest
from django.utils.html import strip_tags

from cstoannot.codebook.actions import change_code
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import IntervalMethod
from cstoannot.web.agreement.cited_works import find_works, format_bibtex, format_ris
from cstoannot.web.interval_words import INTERVAL_WORDS, list_interval_citations
from tests.builders import add_source, assign_to, finish
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
