"""Values with which every address of the world leads to something."""

from typing import Any

from cstoannot.annotations.models import Speaker
from cstoannot.annotations.proposal_queries import visible_proposals
from cstoannot.assignments.plan_queries import list_plans
from cstoannot.assignments.round_queries import visible_rounds
from cstoannot.decisions.places import build_place_id
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.projects.results_queries import list_results_links
from cstoannot.threads.queries import list_comments, visible_threads
from tests.builders import World


def values(world: World) -> dict[str, list[Any]]:
    """By the name of the parameter; `world.invited`, a proposal and a thread are made before.

    Beth's own source holds a place to decide once she has finished it.
    """
    places = [one.id for one in list_decidable_places(world.lead, world.beths.pk)]
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
        "results_link": list(list_results_links(world.lead).values_list("pk", flat=True)),
        "rest": ["agreement/"],
        "number": [1],
        "key": ["abcd1234"],
        "format": ["csv"],
        "thread": [thread.pk for thread in visible_threads(world.lead)],
        "comment": [
            comment.pk
            for thread in visible_threads(world.lead)
            for comment in list_comments(world.lead, thread.pk)
        ],
        "place": places[:1] or [build_place_id(world.beths.pk, [], [])],
        "plan": [plan.pk for plan in list_plans(world.lead)],
        "round": [one.pk for one in visible_rounds(world.lead)],
        "proposal": [proposal.pk for proposal in visible_proposals(world.lead)],
    }
