"""Values with which every address of the world leads to something."""

from typing import Any

from cstoannot.annotations.models import Speaker
from cstoannot.annotations.proposal_queries import visible_proposals
from tests.builders import World


def values(world: World) -> dict[str, list[Any]]:
    """By the name of the parameter; `world.invited` and a proposal have to be made before."""
    return {
        "project": [world.slug],
        "source": [world.bobs.pk],
        "annotation": [world.said["bob failure"]["id"]],
        "assignment": [world.assignments["bob bobs"].pk],
        "speaker": [Speaker.objects.get(name="A silent witness").key],
        "username": ["vera"],
        "outsider": ["nobody"],
        "code": ["plea"],
        "invitation": [world.invited[0].pk],
        "secret": [world.invited[1]],
        "number": [1],
        "key": ["abcd1234"],
        "format": ["csv"],
        "proposal": [proposal.pk for proposal in visible_proposals(world.lead)],
    }
