"""Names of everything that has one: refused with a sentence, or given back as they are."""

from urllib.parse import urlencode

import pytest

from tests.api.hostile import LINES, NOT_LINES, assert_problem, contents

# What takes a name: where it is sent, beside what, and in which field it stands.
NAMED = {
    "project": ("projects/", {}, "name"),
    "source": ("{}sources/", {"text": "Text."}, "title"),
    "publisher": ("{}sources/", {"title": "T", "text": "Text."}, "publisher"),
    "code": ("{}codes/", {}, "name"),
    "speaker": ("{}speakers/", {}, "name"),
    "proposal": ("{}code-proposals/", {}, "name"),
    "token": ("me/tokens/", {}, "name"),
}
MAY_BE_EMPTY = {"publisher", "token"}


@pytest.mark.parametrize("kind", NAMED)
def test_names_come_back_as_they_are(world, api, kind):
    lead = api(world.alice)
    path, beside, field = NAMED[kind]
    for name in LINES.values():
        answer = lead.post(path.format(world.api), {**beside, field: name})
        assert answer.status_code == 201, (name, answer.content)
        assert answer.json()[field] == name
        if kind == "token":  # nobody may have more than twenty
            assert lead.delete(f"me/tokens/{answer.json()['key']}/").status_code == 204


@pytest.mark.parametrize("kind", NAMED)
def test_bad_names_are_refused_with_nothing_stored(world, api, kind):
    lead = api(world.alice)
    path, beside, field = NAMED[kind]
    before = contents()
    for why, name in NOT_LINES.items():
        if kind in MAY_BE_EMPTY and not name.strip():
            continue
        body = assert_problem(lead.post(path.format(world.api), {**beside, field: name}), 400, 422)
        assert list(body["errors"]) == [field], why
    assert contents() == before


@pytest.mark.parametrize("kind", NAMED)
def test_names_are_strings(world, api, kind):
    lead = api(world.alice)
    path, beside, field = NAMED[kind]
    before = contents()
    for name in (5, 1.5, True, None, [], ["a"], {}, {"a": 1}):
        assert_problem(lead.post(path.format(world.api), {**beside, field: name}), 400)
    assert contents() == before


def test_voices_come_back_and_are_found(world, api):
    bob = api(world.bob)
    path = f"{world.api}annotations/"
    said = {"source": world.shared.pk, "code": "failure", "start": 0, "end": 3}
    for name in LINES.values():
        made = bob.post(path, {**said, "voice": name}).json()
        assert made["voice"] == name
        found = bob.get(f"{path}?{urlencode({'voice': name})}").json()["results"]
        assert [row["id"] for row in found] == [made["id"]]
    before = contents()
    for name in ("a\tb", "a\x00b", "a\ud800b", "a\r\nb", "n" * 201):
        assert_problem(bob.post(path, {**said, "voice": name}), 400, 422)
    assert_problem(bob.post(path, {**said, "note": "n" * 10_001}), 422)
    assert contents() == before


@pytest.mark.parametrize(("kind", "most"), [("project", 200), ("source", 500), ("code", 100)])
def test_longest_names(world, api, kind, most):
    lead = api(world.alice)
    path, beside, field = NAMED[kind]
    name = "𠀀" * most
    answer = lead.post(path.format(world.api), {**beside, field: name})
    assert answer.json()[field] == name
    assert_problem(lead.post(path.format(world.api), {**beside, field: name + "x"}), 422)


def test_names_alike_are_refused(world, api):
    lead = api(world.alice)
    codes = f"{world.api}codes/"
    for name in ("Guilt", "Guilt.", "Guilt 2", "Gui|t"):
        assert lead.post(codes, {"name": name}).status_code == 201
    before = contents()
    for name in ("guilt", "GUILT", "guilt\u200b", "Gu\u0456lt", "Ｇuilt", "Guilt\u00ad"):
        body = assert_problem(lead.post(codes, {"name": name}), 409)
        assert "“Guilt”" in body["errors"]["name"][0]
    assert contents() == before


def test_slug_is_refused_or_given_back(world, api):
    lead = api(world.alice)
    before = contents()
    bad = ["new", "none", "null", "A", "a b", "a/b", "..", "a\x00", "é", "x" * 61, "a_-", "%00"]
    for slug in bad:
        assert_problem(lead.post("projects/", {"name": "N", "slug": slug}), 400, 422)
    assert_problem(lead.post("projects/", {"name": "N", "slug": world.slug}), 409)
    assert_problem(lead.post(f"{world.api}codes/", {"name": "N", "slug": "a b"}), 422)
    assert_problem(lead.post(f"{world.api}codes/", {"name": "N", "slug": "failure"}), 409)
    assert contents() == before
    for slug in ("con", "constructor", "true", "1", "x" * 60):
        assert lead.post("projects/", {"name": "N", "slug": slug}).json()["slug"] == slug


def test_colours_that_are_more_than_colours_are_refused(world, api):
    lead = api(world.alice)
    before = contents()
    bad = ["red", "#fff", "#12345g", "#123456;}", "url(x)", "#１２３４５６", "var(--x)", "#1234567"]
    for colour in bad:
        assert_problem(lead.post(f"{world.api}codes/", {"name": "N", "colour": colour}), 422)
        assert_problem(lead.patch(f"{world.api}codes/failure/", {"colour": colour}), 422)
    assert contents() == before


def test_shortcut_is_one_free_key(world, api):
    lead = api(world.alice)
    before = contents()
    for key in ("ab", "İ", "!", "\x00", "👍", "j"):
        assert_problem(lead.post(f"{world.api}codes/", {"name": "N", "shortcut": key}), 400, 422)
    assert_problem(lead.post(f"{world.api}codes/", {"name": "N", "shortcut": "F"}), 409)
    assert contents() == before


def test_addresses_dates_and_languages_of_a_source(world, api):
    path = f"{world.api}sources/{world.shared.pk}/"
    lead = api(world.alice)
    before = contents()
    bad = {
        "url": ["javascript:alert(1)", "//x", "http://", "http://[", "ftp://x", "http://a b", "x"],
        "published": ["2020-13", "2020-02-30", "20", "٢٠٢٠", "0000", "2020-1-1", "yesterday"],
        "language": ["english please", "e", "en_US", "en-", "é", "x" * 40],
    }
    for field, values in bad.items():
        for value in values:
            body = assert_problem(lead.patch(path, {field: value}), 422)
            assert list(body["errors"]) == [field]
    assert contents() == before


def test_notes_of_several_lines_come_back(world, api):
    lead = api(world.alice)
    note = " one\n\ttwo\r\n<b>three</b> \u202e\ufeff"
    path = f"{world.api}sources/{world.shared.pk}/"
    assert lead.patch(path, {"note": note}).json()["note"] == note
    code = lead.patch(f"{world.api}codes/failure/", {"definition": note}).json()
    assert code["definition"] == note
    for body in ({"note": "a\x00"}, {"note": "a\ud800"}, {"note": "x" * 20_001}):
        assert_problem(lead.patch(path, body), 400, 422)
