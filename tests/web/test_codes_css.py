"""The codebook's colours: what the style sheet says, how long it is kept, and by whom."""

import re

from cstoannot.codebook.actions import change_code
from cstoannot.codebook.bulk_actions import add_codebook
from cstoannot.codebook.queries import load_current_revision
from cstoannot.web.code_stylesheet import build_codes_css_url
from tests.builders import make_project, make_user

FOR_GOOD = "private, max-age=31536000, immutable"


def test_highlights_are_painted_in_the_paragraphs_with_their_class_alone(world, lead, at):
    css = lead.get(at("codes.css")).content.decode()
    selectors = [one for one in re.split(r"[,{}\n]", css) if "::highlight(" in one]
    assert selectors
    for selector in selectors:
        assert re.fullmatch(
            r"\.text \.has-((?:[123]|selected)-[\w-]+)::highlight\(cstoannot-\1\)", selector
        ), selector
    kinds = ("1", "2", "3", "selected")
    names = [f".text .has-{kind}-failure::highlight(cstoannot-{kind}-failure)" for kind in kinds]
    assert [name for name in names if name not in selectors] == []


def test_css_of_500_codes_is_small(db, client_for):
    lead = make_project(make_user("lena"), "Many")
    families = [{"slug": f"family-{n}", "name": f"Family {n}"} for n in range(20)]
    below = [
        {"slug": f"code-{n:03d}", "name": f"Code {n}", "parent": f"family-{n % 20}"}
        for n in range(480)
    ]
    add_codebook(lead, [*families, *below], note="Many codes")
    response = client_for(lead.user).get("/projects/many/codes.css")
    assert b".has-3-code-479::highlight(cstoannot-3-code-479)" in response.content
    assert len(response.content) < 250_000


def test_versioned_css_is_kept_for_good_and_by_one_person_alone(world, lead, at):
    response = lead.get(build_codes_css_url(world.slug, load_current_revision(world.lead)))
    assert response["Cache-Control"] == FOR_GOOD
    assert "Cookie" in response["Vary"]
    page = lead.get(at(f"sources/{world.shared.pk}/")).content.decode()
    address = build_codes_css_url(world.slug, load_current_revision(world.lead)).replace(
        "&", "&amp;"
    )
    assert f'<link rel="stylesheet" href="{address}" id="codes-css">' in page


def test_css_of_another_revision_is_asked_for_again(world, lead, at):
    number = load_current_revision(world.lead)
    for version in ("", f"?v={number + 1}", f"?v={number - 1}", "?v=x"):
        assert lead.get(at(f"codes.css{version}"))["Cache-Control"] == "private, no-cache"


def test_css_is_not_sent_again_until_a_code_changes(world, lead, at):
    first = lead.get(at("codes.css"))
    again = lead.get(at("codes.css"), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], "private, no-cache")
    change_code(world.lead, "failure", colour="#123456")
    changed = lead.get(at("codes.css"), headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert b"--code:#123456" in changed.content


def test_strangers_are_told_nothing_even_with_the_right_tag(world, client_for, at):
    tag = client_for(world.vera).get(at("codes.css"))["ETag"]
    for user, status in ((world.charlie, 404), (world.dan, 404), (None, 302)):
        for wanted in (tag, "*", '"other"'):
            response = client_for(user).get(at("codes.css"), headers={"If-None-Match": wanted})
            assert response.status_code == status
            assert "ETag" not in response


def test_css_takes_the_same_few_queries_at_any_size(lead, at, world, django_assert_num_queries):
    def look() -> None:
        with django_assert_num_queries(5):
            lead.get(at("codes.css"))

    look()
    add_codebook(world.lead, [{"slug": f"n-{n}", "name": f"N {n}"} for n in range(30)], note="30")
    look()
