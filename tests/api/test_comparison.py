import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.agreement import project_cache as agreement_keeping
from cstoannot.api import comparison
from cstoannot.comparison import project_cache
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.stats.comparison.positions import CellState
from tests.agreement.demo import demo
from tests.api.hostile import assert_problem
from tests.builders import add_code, add_source, annotate, assign_to, finish, join, make_user

COUNTS = ["supports", "opposes", "mixed", "mentioned"]


@pytest.fixture
def done(world):
    """Both coders are done with the shared source."""
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


def _ask(client, world, query=""):
    answer = client.get(f"{world.api}comparison/{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_shape(done, api):
    found = _ask(api(done.alice), done, "?layer=individual&annotator=bob&voice=everyone")
    claim = found["claims"][0]
    assert (found["layer"], found["annotators"], found["voice"]) == (
        "individual",
        ["bob"],
        ["everyone"],
    )
    assert [(one["id"], one["title"]) for one in found["sources"]] == [
        (done.shared.pk, "Shared"),
        (done.bobs.pk, "Bobs"),
        (done.beths.pk, "Beths"),
    ]
    assert list(claim) == [
        *("code", "name", "claim", "verdict", "tentative", "alpha", "alpha_interval", "reason"),
        *("stance_alpha", "stance_alpha_interval", "stale", "read_before"),
        *("divergence", "sides", "cells"),
    ]
    assert (claim["code"], claim["claim"]) == ("failure", "The alliance failed.")
    nobody = dict.fromkeys(("opposes", "mixed", "mentioned", "contested", "quoted", "silent"), 0)
    sides = {"supports": 1, **nobody, "pending": 1, "unassigned": 1}
    assert (claim["verdict"], claim["sides"]) == ("single", sides)
    assert claim["cells"][0] == {
        "source": done.shared.pk,
        "state": "supports",
        **{"supports": 1, "opposes": 0, "mixed": 0, "mentioned": 0},
        "balance": 1.0,
        "read_by": 1,
        "read_before": 0,
        "readers": {"supports": 1, "opposes": 0, "mixed": 0, "mentioned": 0, "silent": 0},
    }
    assert [cell["state"] for cell in claim["cells"]] == ["supports", "pending", "unassigned"]
    assert (found["next"], found["previous"]) == (None, None)
    assert found["total"] == {"sources": 3, "claims": 1, "passages": 1}


def test_one_assignment_changes_exactly_its_source(done, api):
    lead, bob = api(done.alice), api(done.bob)
    before = _ask(lead, done)
    path = f"{done.api}assignments/{done.assignments['bob bobs'].pk}/"
    assert bob.patch(path, {"state": "done"}).status_code == 200
    after = _ask(lead, done)
    cells = zip(before["claims"][0]["cells"], after["claims"][0]["cells"], strict=True)
    changed = [(old["state"], new["state"], new["source"]) for old, new in cells if old != new]
    assert changed == [("pending", "silent", done.bobs.pk)]


def test_groups_are_named_in_place_of_sources(done, api):
    lead = api(done.alice)
    path = f"{done.api}sources/{done.shared.pk}/"
    assert lead.patch(path, {"group": "East"}, if_match="*").status_code == 200
    found = _ask(lead, done, "?by=group&voice=everyone")
    assert found["sources"] == []
    rest = [done.bobs.pk, done.beths.pk]
    assert found["actors"] == [
        {"actor": "East", "title": "East", "sources": [done.shared.pk]},
        {"actor": "none", "title": "without a group", "sources": rest},
    ]
    assert found["unnamed"] == 2
    assert [cell["actor"] for cell in found["claims"][0]["cells"]] == ["East", "none"]
    alone = _ask(lead, done, "?by=group&voice=everyone&group=none")
    assert [one["sources"] for one in alone["actors"]] == [rest]
    assert alone["claims"][0]["cells"][0] == found["claims"][0]["cells"][1]


def test_group_that_is_called_none_is_apart_from_sources_without_one(done, api):
    lead = api(done.alice)
    for name in ("none", "name:none"):
        path = f"{done.api}sources/{done.shared.pk}/"
        assert lead.patch(path, {"group": name}, if_match="*").status_code == 200
        found = _ask(lead, done, "?by=group")
        assert [one["title"] for one in found["actors"]] == [name, "without a group"]
        for actor in found["actors"]:
            alone = _ask(lead, done, f"?by=group&group={actor['actor']}")
            assert alone["actors"] == [actor]
    for source in (done.bobs, done.beths):
        path = f"{done.api}sources/{source.pk}/"
        assert lead.patch(path, {"group": "East"}, if_match="*").status_code == 200
    assert_problem(lead.get(f"{done.api}comparison/?group=none"), 422)


def test_windows_of_sources_make_up_the_whole(done, api, monkeypatch):
    lead = api(done.alice)
    whole = _ask(lead, done, "?voice=everyone")
    monkeypatch.setattr(comparison, "MOST_CELLS", 2)
    windows, url = [], f"{done.api}comparison/?voice=everyone"
    while url:
        windows.append(lead.get(url).json())
        url = windows[-1]["next"] and "/" + windows[-1]["next"].split("/", 3)[3]
    assert [len(one["sources"]) for one in windows] == [2, 1]
    assert [one["previous"] is None for one in windows] == [True, False]
    cells = [cell for one in windows for cell in one["claims"][0]["cells"]]
    assert cells == whole["claims"][0]["cells"]
    for one in windows:
        for name in ("verdict", "sides", "alpha", "divergence"):
            assert one["claims"][0][name] == whole["claims"][0][name]
        assert one["total"] == whole["total"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?sources=1", 400),
        ("?layer=both", 400),
        ("?by=author", 400),
        ("?order=size", 400),
        ("?verdict=perhaps", 400),
        ("?offset=-1", 400),
        ("?offset=x", 400),
        ("?source=x", 400),
        ("?source=999999", 422),
        ("?code=nothing", 422),
        ("?annotator=nobody", 422),
        ("?voice=Nobody", 422),
        ("?group=nowhere", 422),
        ("?publisher=nobody", 422),
        ("?since=20", 422),
        ("?layer=consensus&annotator=bob", 422),
        ("?since=2021&until=2020", 422),
    ],
)
def test_what_makes_no_sense_is_refused(done, api, query, status):
    assert_problem(api(done.alice).get(f"{done.api}comparison/{query}"), status)


def test_rights(done, api):
    assert_problem(api(done.bob).get(f"{done.api}comparison/?annotator=beth"), 403)
    assert_problem(api(done.vera).get(f"{done.api}comparison/?layer=individual"), 403)
    assert_problem(api(done.charlie).get(f"{done.api}comparison/"), 404)
    assert _ask(api(done.vera), done)["layer"] == "consensus"
    bobs = _ask(api(done.bob), done)
    assert [one["id"] for one in bobs["sources"]] == [done.shared.pk, done.bobs.pk]
    assert bobs["claims"][0]["reason"] == "not_open"


def test_filters_and_orders(done, api):
    add_code(done.lead, "Duty", claim="There was a duty.")
    lead = api(done.alice)
    assert [one["code"] for one in _ask(lead, done)["claims"]] == ["failure", "duty"]
    only = _ask(lead, done, f"?code=duty&source={done.shared.pk}")
    assert [one["code"] for one in only["claims"]] == ["duty"]
    assert [cell["state"] for cell in only["claims"][0]["cells"]] == ["pending"]
    assert _ask(lead, done, "?verdict=diverge")["claims"] == []
    assert len(_ask(lead, done, "?verdict=single,unaddressed,agree")["claims"]) == 2
    for order in ("divergence", "likeness", "codebook"):
        assert len(_ask(lead, done, f"?order={order}")["claims"]) == 2


def test_unchanged_answer_is_not_sent_again(done, api):
    lead = api(done.alice)
    first = lead.get(f"{done.api}comparison/")
    again = lead.get(f"{done.api}comparison/", if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_answers_are_those_of_the_pages(db, api):
    """The report is held to the codings by tests/comparison/test_demo.py."""
    scope = demo()
    found = build_comparison_report(scope, ComparisonQuery())
    told = api(scope.user).get(f"/api/v1/projects/{scope.project.slug}/comparison/").json()
    for place, claim in enumerate(told["claims"]):
        assert claim["tentative"] == list(found.tentative[place])
        assert claim["stance_alpha"] == found.agreement[place].stance.value
        assert claim["sides"] == found.sides.of_claim(place)
        assert sum(claim["sides"].values()) == 5
        for n, cell in enumerate(claim["cells"]):
            for name in COUNTS:
                assert cell[name] == getattr(found.matrix, name)[n, place]
            assert CellState[cell["state"].upper()] == found.matrix.state[n, place]
            assert (cell["read_by"], sum(cell["readers"].values())) == (3, 3)


def test_queries_do_not_grow(world, client_for):
    """Signed in, the door, the history; cold: sources, assignments, passages, codes, speakers."""
    lead, client = world.lead, client_for(world.alice)
    coder = join(lead, make_user("coder"), "annotator")
    found = []
    for number in range(3):
        source = add_source(lead, f"More {number}")
        add_code(lead, f"Code {number}", claim=f"Claim {number}.")
        assign_to(lead, source, coder.user, world.bob)
        annotate(coder, source, "member", f"code-{number}", voice=f"Voice {number}", stance="mixed")
        finish(coder, source)
        finish(world.scope(world.bob), source)
        project_cache.clear_comparison_cache()
        agreement_keeping.clear_agreement_cache()
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"{world.api}comparison/").status_code == 200
            counts.append(len(captured))
        found.append(tuple(counts))
    assert len(set(found)) == 1, found
    assert found[0][1] <= 5


def test_choice_that_there_is_not_is_answered_with_those_there_are(done, api):
    answer = api(done.alice).get("projects/alliances/comparison/?by=planet")
    assert answer.status_code == 400
    said = "“planet” is none of: source, group, publisher, speaker."
    assert answer.json()["errors"]["by"] == [said]
