"""Codes by their names, and states of a source's decisions by the dots that show them."""

from collections.abc import Mapping

from django import template

from cstoannot.assignments.models import ConsensusState

register = template.Library()


@register.filter
def code_name(slug: str, names: Mapping[str, str]) -> str:
    """Return the name of a code; its slug if the codebook no longer has it."""
    return names.get(slug, slug)


@register.filter
def consensus_dot(state: str) -> str:
    """Return the `data-state` of the dot that shows how far a source is decided."""
    dots = {
        ConsensusState.UNDER_WAY: "started",
        ConsensusState.DECIDED: "done",
        ConsensusState.AGAIN: "again",
    }
    return dots.get(ConsensusState(state), "")
