from cstoannot.codebook.actions import change_code
from cstoannot.codebook.queries import load_current_revision
from cstoannot.comparison.queries import load_comparison_dataset
from cstoannot.stats.readings import compute_read
from tests.builders import add_code, annotate, finish


def _read(scope):
    """Who has read the shared source, by code."""
    compared = load_comparison_dataset(scope)
    place = [one.title for one in compared.sources].index("Shared")
    read = compute_read(compared.finished_under, compared.born)[place]
    names = [one.username for one in compared.annotators]
    return {
        claim.slug: [name for name, there in zip(names, read[:, number], strict=True) if there]
        for number, claim in enumerate(compared.claims)
    }


def test_dataset_tells_who_has_read_what_for_which_claim(world):
    add_code(world.lead, "Early", claim="It was early.")
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    finish(bob, world.shared)
    late = add_code(world.lead, "Late", claim="It was late.")
    finish(beth, world.shared)
    read = _read(world.lead)
    assert (read["early"], read["late"]) == (["bob", "beth"][::-1], ["beth"])
    # Another name, claim or place leaves the birth of a code as it is.
    change_code(world.lead, "early", name="Sooner", claim="It was sooner.")
    assert _read(world.lead) == read
    compared = load_comparison_dataset(world.lead)
    assert compared.born.tolist() == [claim.born for claim in compared.claims]
    assert compared.born.max() == late.added_revision < load_current_revision(world.lead)
    # Finishing again reads it for the codes of now.
    annotate(bob, world.shared, "Nobody", "late")
    assert _read(world.lead)["late"] == ["beth", "bob"]
