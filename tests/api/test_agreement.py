import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cstoannot.annotations.models import Annotation
from cstoannot.codebook.actions import change_code
from cstoannot.sources.models import Source
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.text.spans import unpack_flat_bounds
from tests.api.hostile import assert_problem
from tests.builders import add_source, annotate, assign_to, finish
from tests.stats.cases import alpha_interval

VALUE = [
    *("value", "interval", "interval_method", "interval_level", "interval_basis"),
    *("replicates", "undefined_replicates", "interval_reason", "n", "reason"),
]


@pytest.fixture
def done(world):
    """Both coders are done with the shared source, in which both marked two passages."""
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


def _ask(client, world, query=""):
    answer = client.get(f"{world.api}agreement/{query}")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("measure", MEASURES)
def test_answer_has_the_same_shape_whatever_the_measure(done, api, measure):
    found = _ask(api(done.alice), done, f"?measure={measure}")
    assert list(found) == [
        *("measure", "unit", "annotators", "sources", "pooling", "overall"),
        *("mean_over_codes", "codes", "pairs", "by_source"),
        *("after_look", "counts_after_look", "stale", "pooled_codes", "meaning"),
    ]
    assert (found["measure"], found["unit"]) == (measure, MEASURES[measure].units[0])
    assert (found["annotators"], found["sources"]) == (["beth", "bob"], [done.shared.pk])
    assert list(found["overall"]) == VALUE
    assert [list(code) for code in found["codes"]] == [
        ["code", *VALUE, "prevalence", "stale", "read_before"]
    ] * 2
    assert [code["code"] for code in found["codes"]] == ["failure", "plea"]
    assert [list(pair) for pair in found["pairs"]] == [["annotators", *VALUE, "stale"]]
    assert [pair["annotators"] for pair in found["pairs"]] == [["beth", "bob"]]
    assert [list(source) for source in found["by_source"]] == [["source", *VALUE, "stale"]]
    values = [found["overall"], *found["codes"], *found["pairs"], *found["by_source"]]
    assert {(one["value"] is None) == (one["reason"] is not None) for one in values} == {True}


def test_default_is_alpha_by_sentences_with_an_interval(done, api):
    lead = api(done.alice)
    found = _ask(lead, done)
    assert (found["measure"], found["unit"]) == ("krippendorff_alpha", "sentence")
    assert found["overall"]["n"] == len(unpack_flat_bounds(bytes(done.shared.sentences)))
    assert found["overall"]["interval"] is None
    assert found["overall"]["interval_reason"] == "few_sources"
    _finish_more_sources(done, 3)
    found = _ask(lead, done)
    overall = found["overall"]
    low, high = overall["interval"]
    assert low < overall["value"] <= high
    assert (overall["interval_method"], overall["interval_level"]) == ("jackknife", 0.95)
    assert (overall["interval_basis"], overall["interval_reason"]) == (4, None)
    assert (overall["replicates"], overall["undefined_replicates"]) == (None, None)
    assert {one["interval_reason"] for one in found["by_source"]} == {"few_sources"}
    assert _ask(lead, done) == found


def test_bootstrap_says_its_replicates(done, api):
    _finish_more_sources(done, 9)
    found = _ask(api(done.alice), done, "?interval=bootstrap")
    overall = found["overall"]
    assert (overall["interval_method"], overall["interval_basis"]) == ("bootstrap", 10)
    assert (overall["replicates"], overall["undefined_replicates"]) == (2000, 0)


def _finish_more_sources(done, count):
    """Sources that both coders finished, and coded alike in every second one."""
    for number in range(count):
        source = add_source(done.lead, f"More {number}")
        assign_to(done.lead, source, done.bob, done.beth)
        other = "failure" if number % 2 else "plea"
        for coder, code in ((done.bob, "plea"), (done.beth, other)):
            annotate(done.scope(coder), source, "Nobody came.", code)
            finish(done.scope(coder), source)


def test_interval_is_left_out_where_none_is_asked_for(done, api):
    found = _ask(api(done.alice), done, "?interval=none")
    parts = [found["overall"], *found["codes"], *found["pairs"], *found["by_source"]]
    assert {(part["interval"], part["interval_reason"]) for part in parts} == {(None, None)}


@pytest.mark.parametrize(
    ("measure", "interval"),
    [(key, interval) for key, one in MEASURES.items() for interval in one.intervals],
)
def test_every_interval_that_a_measure_offers_is_computed(done, api, measure, interval):
    found = _ask(api(done.alice), done, f"?measure={measure}&interval={interval}")
    assert found["measure"] == measure


@pytest.mark.parametrize("interval", ["gwet", "krippendorff"])
def test_other_intervals_are_those_of_each_code(done, api, interval):
    lead = api(done.alice)
    _finish_more_sources(done, 3)
    found = _ask(lead, done, f"?interval={interval}")
    expected = alpha_interval(_rated(done, "plea"), interval)
    assert found["codes"][1]["interval"] == pytest.approx([expected.low, expected.high])
    assert found["overall"]["interval"] is None
    one = _ask(lead, done, f"?interval={interval}&code=plea")
    assert one["overall"]["interval"] == found["codes"][1]["interval"]
    assert one["pairs"][0]["interval"] == found["codes"][1]["interval"]


def _rated(world, code):
    """One row a sentence of what both finished: whether bob and beth marked any of it."""
    both = Source.objects.filter(assignments__annotator=world.beth, assignments__state="done")
    return [
        [
            int(marked.filter(annotator=coder, start__lt=high, end__gt=low).exists())
            for coder in (world.bob, world.beth)
        ]
        for source in both
        for marked in [Annotation.objects.filter(source=source, code__slug=code)]
        for low, high in unpack_flat_bounds(bytes(source.sentences))
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("measure=gamma", "measure"),
        ("unit=word", "unit"),
        ("measure=u_alpha&unit=sentence", "unit"),
        ("interval=all", "interval"),
        ("measure=cohen_kappa&interval=gwet", "interval"),
        ("measure=fleiss_kappa&interval=krippendorff", "interval"),
        ("measure=u_alpha&interval=gwet", "interval"),
        ("source=one", "source"),
        ("source=", "source"),
        ("code=", "code"),
        ("nothing=1", "nothing"),
    ],
)
def test_question_that_cannot_be_asked_is_refused_with_a_sentence(done, api, query, field):
    answer = api(done.alice).get(f"{done.api}agreement/?{query}")
    assert answer.status_code in {400, 422}
    assert_problem(answer, answer.status_code)
    (sentence,) = answer.json()["errors"][field]
    assert sentence.endswith(".")


def test_nobody_done_is_no_value_with_a_reason(world, api):
    found = _ask(api(world.alice), world)
    assert (found["annotators"], found["sources"]) == ([], [])
    assert found["overall"] == dict.fromkeys(VALUE) | {"n": 0, "reason": "one_annotator"}


def test_single_coder_is_no_value_with_a_reason(world, api):
    finish(world.scope(world.bob), world.shared)
    found = _ask(api(world.alice), world)
    assert (found["annotators"], found["sources"], found["pairs"]) == (["bob"], [], [])
    assert (found["overall"]["value"], found["overall"]["reason"]) == (None, "one_annotator")


def test_single_category_is_no_value_with_a_reason(done, api):
    found = _ask(api(done.alice), done, "?unit=source")
    assert {code["reason"] for code in found["codes"]} == {"single_category"}
    assert (found["overall"]["value"], found["overall"]["reason"]) == (None, "single_category")


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("query", ["annotator=bob", "annotator=alice", "source={unread}"])
def test_selection_of_nothing_has_no_value(done, api, measure, query):
    unread = add_source(done.lead, title="Unread", text="Nobody read this.").pk
    found = _ask(api(done.alice), done, f"?measure={measure}&{query.format(unread=unread)}")
    assert found["overall"]["value"] is None
    assert found["overall"]["reason"] is not None


@pytest.mark.parametrize("path", ["agreement/", "disagreements/"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("code=nothing", "code"),
        ("code=failure,nothing", "code"),
        ("annotator=nobody", "annotator"),
        ("annotator=bob,n%C3%A9", "annotator"),
        ("source=999999", "source"),
    ],
)
def test_names_that_do_not_exist_are_refused(done, api, path, query, field):
    answer = api(done.alice).get(f"{done.api}{path}?{query}")
    assert_problem(answer, 422)
    assert list(answer.json()["errors"]) == [field]


def test_blind_coder_cannot_tell_a_coder_from_nobody(done, api):
    """Beth codes, nobody does not exist; Bob is not told which."""
    bob = api(done.bob)
    answers = [bob.get(f"{done.api}agreement/?annotator={name}") for name in ("beth", "hteb")]
    assert [answer.status_code for answer in answers] == [422, 422]
    there, nowhere = (answer.json()["errors"]["annotator"][0] for answer in answers)
    assert there.replace("beth", "hteb") == nowhere


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("code=failure,plea", "code=failure&code=plea"),
        ("annotator=bob,beth", "annotator=beth&annotator=bob"),
        ("source={0},{1}", "source={1}&source={0}"),
    ],
)
def test_values_by_commas_are_those_repeated(done, api, one, other):
    sources = (done.shared.pk, done.bobs.pk)
    lead = api(done.alice)
    found = _ask(lead, done, "?" + one.format(*sources))
    assert found == _ask(lead, done, "?" + other.format(*sources))
    assert found == _ask(lead, done)


def test_codes_chosen_are_the_only_ones(done, api):
    lead = api(done.alice)
    whole, part = _ask(lead, done), _ask(lead, done, "?code=plea")
    assert part["codes"] == whole["codes"][1:]
    assert part["overall"]["value"] == whole["codes"][1]["value"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"measure": "stance_alpha"},
        {"unit": "paragraph", "code": ["plea"]},
        {"interval": "gwet", "code": ["plea"]},
        {"interval": "none"},
    ],
)
def test_command_prints_what_the_api_answers(done, api, options):
    parts = {
        name: ",".join([value] if isinstance(value, str) else value)
        for name, value in options.items()
    }
    query = "&".join(f"{name}={value}" for name, value in parts.items())
    out = StringIO()
    call_command("measure_agreement", done.slug, stdout=out, **options)
    assert json.loads(out.getvalue()) == _ask(api(done.alice), done, f"?{query}")


@pytest.mark.parametrize(
    ("slug", "options", "sentence"),
    [
        ("nowhere", {}, "There is no project nowhere."),
        ("alliances", {"measure": "gamma"}, f"measure is one of: {', '.join(MEASURES)}."),
        (
            "alliances",
            {"measure": "scott_pi", "interval": "gwet"},
            "Scott’s π has no gwet interval. Choose one of: jackknife, bootstrap, none.",
        ),
    ],
)
def test_command_refuses_with_a_sentence(done, slug, options, sentence):
    with pytest.raises(CommandError) as refusal:
        call_command("measure_agreement", slug, **options)
    assert str(refusal.value) == sentence


def test_change_is_in_the_next_answer(done, api):
    lead = api(done.alice)
    before = _ask(lead, done)
    annotate(done.scope(done.bob), done.shared, "Nobody came.", "plea")
    after = _ask(lead, done)
    assert after["codes"][0] == before["codes"][0]
    assert after["codes"][1]["value"] < before["codes"][1]["value"]


def test_stale_passages_are_counted_and_left_out_where_asked(done, api):
    lead = api(done.alice)
    change_code(done.lead, "plea", definition="Only a plea by a government.")
    found, current = _ask(lead, done), _ask(lead, done, "?meaning=current")
    for answer, meaning in ((found, "any"), (current, "current")):
        assert (answer["stale"], answer["meaning"]) == (2, meaning)
        assert [code["stale"] for code in answer["codes"]] == [0, 2]
        assert [part["stale"] for part in (*answer["pairs"], *answer["by_source"])] == [2, 2]
    assert found["codes"][0] == current["codes"][0]
    assert current["codes"][1]["value"] is None
    listed = lead.get(f"{done.api}disagreements/?meaning=current&code=plea").json()
    assert listed["total"] == 0 < lead.get(f"{done.api}disagreements/?code=plea").json()["total"]
    refused = lead.get(f"{done.api}agreement/?meaning=old")
    assert refused.status_code == 400
