"""Whatever Beth does, Bob and Vera read the same bytes under the same tags."""

import pytest

from tests.api.hostile import assert_problem

PATHS = [
    "me/",
    "projects/",
    "{}",
    "{}members/",
    "{}sources/",
    "{}codes/",
    "{}codes/failure/",
    "{}codebook/revisions/",
    "{}assignments/",
    "{}annotations/",
    "{}annotations/?ordering=-updated_at&page_size=1",
    "{}annotations/?q=alliance&code=failure&descendants=true",
    "{}annotations/?annotator=beth,bob",
    "{}annotations/?voice=A%20silent%20witness",
    "{}speakers/",
    "{}code-proposals/",
    "{}code-proposals/?state=waiting",
    "{}events/",
    "{}events/?kind=annotation&page_size=2",
    "{}events/?actor=beth",
]


def _read(client, world):
    answers = [client.get(path.format(world.api)) for path in PATHS]
    assert {answer.status_code for answer in answers} == {200}
    return [(path, a.content, a["ETag"]) for path, a in zip(PATHS, answers, strict=True)]


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_nothing_that_another_coder_does_is_told(world, api, who):
    reader, beth = api(getattr(world, who)), api(world.beth)
    before = _read(reader, world)
    said = {"source": world.shared.pk, "code": "failure", "start": 0, "end": 12}
    new = beth.post(f"{world.api}annotations/", {**said, "voice": "Somebody new"}).json()["id"]
    changed = f"{world.api}annotations/{world.said['beth failure']['id']}/"
    beth.patch(changed, {"note": "alliance", "code": "plea"}, if_match="*")
    beth.delete(f"{world.api}annotations/{world.said['beth plea']['id']}/")
    proposal = {"name": "Debt", "source": world.shared.pk, "start": 0, "end": 12}
    proposed = beth.post(f"{world.api}code-proposals/", proposal).json()["id"]
    for name in ("beth shared", "beth beths"):
        path = f"{world.api}assignments/{world.assignments[name].pk}/"
        assert beth.patch(path, {"state": "done"}).status_code == 200
    assert _read(reader, world) == before
    assert_problem(reader.get(f"{world.api}annotations/{new}/"), 404)
    assert_problem(reader.get(f"{world.api}code-proposals/{proposed}/"), 404)


def test_the_same_would_be_told_to_those_who_lead(world, api):
    """That the test above holds something to leak."""
    before = _read(api(world.alice), world)
    said = {"source": world.shared.pk, "code": "failure", "start": 0, "end": 12}
    api(world.beth).post(f"{world.api}annotations/", {**said, "voice": "Somebody new"})
    api(world.beth).post(f"{world.api}code-proposals/", {"name": "Debt"})
    after = _read(api(world.alice), world)
    changed = {path for (path, *old), (_, *new) in zip(before, after, strict=True) if old != new}
    assert changed == {
        "{}codes/",
        "{}codes/failure/",
        "{}annotations/",
        "{}annotations/?ordering=-updated_at&page_size=1",
        "{}annotations/?q=alliance&code=failure&descendants=true",
        "{}annotations/?annotator=beth,bob",
        "{}speakers/",
        "{}code-proposals/",
        "{}code-proposals/?state=waiting",
        "{}events/",
        "{}events/?kind=annotation&page_size=2",
        "{}events/?actor=beth",
    }
