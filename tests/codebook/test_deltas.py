"""Revisions store changes; read back, each is the whole codebook that a slow model kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cstoannot.codebook.deltas import CodebookState
from tests.codebook.test_diff import entry

SLUGS = st.sampled_from("abcdef")
SNAPSHOTS = st.lists(
    st.builds(
        lambda slug, position, name: entry(slug, position, name=name),
        SLUGS,
        st.integers(0, 2),
        st.sampled_from(["x", "y"]),
    ),
    max_size=6,
    unique_by=lambda one: one["slug"],
).map(lambda entries: sorted(entries, key=lambda one: one["position"]))


@given(st.lists(SNAPSHOTS, max_size=8), st.dictionaries(SLUGS, st.integers(0, 9)))
def test_any_snapshots_are_read_back_in_their_order(snapshots, ranks):
    state = CodebookState()
    stored = [state.advance_to(snapshot, ranks) for snapshot in snapshots]
    again = CodebookState()
    for changes, snapshot in zip(stored, snapshots, strict=True):
        again.apply(changes)
        assert again.snapshot() == snapshot
    held = [{one["slug"] for one in snapshot} for snapshot in snapshots]
    for slug, number in again.added_revisions.items():
        assert all(slug in codes for codes in held[number - 1 :])
        assert number == 1 or slug not in held[number - 2]


class Codebook(RuleBasedStateMachine):
    """Codes added, changed, moved and removed, beside copies of everything at each revision."""

    def __init__(self):
        super().__init__()
        self.codes = []
        self.kept = []
        self.stored = []

    def _revise(self, **changes):
        self.stored.append(changes)
        self.kept.append([dict(one) for one in sorted(self.codes, key=lambda o: o["position"])])

    @rule(slug=st.sampled_from("abcdefgh"), position=st.integers(0, 5))
    def add(self, slug, position):
        if slug not in {one["slug"] for one in self.codes}:
            self.codes.append(entry(slug, position))
            self._revise(added=[entry(slug, position)])

    @rule(data=st.data())
    def change(self, data):
        if self.codes:
            one = data.draw(st.sampled_from(self.codes))
            fields = data.draw(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "name": st.text(max_size=3),
                        "position": st.integers(0, 5),
                        "parent": st.sampled_from([None, "a"]),
                        "retired": st.booleans(),
                    },
                )
            )
            one.update(fields)
            self._revise(changed={one["slug"]: fields})

    @rule(data=st.data())
    def remove(self, data):
        if self.codes:
            one = data.draw(st.sampled_from(self.codes))
            self.codes.remove(one)
            self._revise(removed=[one["slug"]])

    @invariant()
    def every_revision_reads_back(self):
        state = CodebookState()
        for changes, kept in zip(self.stored, self.kept, strict=True):
            state.apply(changes)
            assert state.snapshot() == kept


TestCodebook = Codebook.TestCase


@pytest.mark.parametrize(
    "changes",
    [
        {"removed": ["b"]},
        {"changed": {"b": {"name": "B"}}},
        {"added": [entry("a")]},
        {"order": ["a", "b"]},
        {"order": ["a", "a"]},
    ],
)
def test_changes_that_do_not_fit_are_refused(changes):
    state = CodebookState([{"added": [entry("a")]}])
    with pytest.raises(ValueError):
        state.apply(changes)
