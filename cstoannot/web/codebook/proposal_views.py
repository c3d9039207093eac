"""Accept or decline code proposals; withdraw one's own."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.annotations.models import CodeProposal
from cstoannot.annotations.proposal_actions import (
    accept_proposal,
    decline_proposal,
    withdraw_proposal,
)
from cstoannot.annotations.proposal_queries import check_proposer, require_proposal
from cstoannot.codebook.queries import load_code_tree
from cstoannot.core.errors import Conflict
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import open_project
from cstoannot.web.base import (
    SignedInRequest,
    render_confirmation_page,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.codebook.forms import AcceptProposalForm, DeclineProposalForm, UseCodeForm
from cstoannot.web.page_forms import FormRefusals, PageForm

# By prefix of the form: the action, and the message after it.
_ACTIONS: dict[str, tuple[Callable[..., CodeProposal], str]] = {
    "accept": (accept_proposal, "“{name}” was added to the codebook."),
    "use": (accept_proposal, "The proposal was closed: the code is “{name}”."),
    "decline": (decline_proposal, "The proposal was declined."),
}


@require_safe_or_post
@sign_in_required
def decide_proposal_view(
    request: SignedInRequest, project: str, proposal: uuid.UUID
) -> HttpResponse:
    """Show a proposal; accept it, use an existing code instead, or decline it."""
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    found = require_proposal(scope, proposal)
    forms = _build_proposal_forms(
        request, found, [p for p in load_code_tree(scope) if p.code.retired_at is None]
    )
    chosen = request.POST.get("act", "")
    form = forms.get(chosen)
    if form is not None and form.is_valid():
        act, words = _ACTIONS[chosen]
        with FormRefusals(form):
            decided = act(scope, found.pk, **form.cleaned_data)
            name = decided.code.name if decided.code else ""
            messages.success(request, words.format(name=name))
            return redirect("codebook", project)
    context = {"proposal": found, "tried": form, **{f"{name}_form": f for name, f in forms.items()}}
    return render_project_page(request, scope, "codebook/proposal.html", context, place="codebook")


@require_safe_or_post
@sign_in_required
def withdraw_proposal_view(
    request: SignedInRequest, project: str, proposal: uuid.UUID
) -> HttpResponse:
    """Withdraw one's own pending proposal."""
    scope = open_project(request.user, project)
    codebook = reverse("codebook", args=[project])
    if request.method == "POST":
        try:
            gone = withdraw_proposal(scope, proposal)
        except Conflict as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"Your proposal “{gone.name}” was withdrawn.")
        return redirect(f"{codebook}#proposals")
    found = require_proposal(scope, proposal)
    check_proposer(scope, found)
    return render_confirmation_page(
        request,
        scope,
        question=f"Withdraw your proposal “{found.name}”?",
        effects=["It will not be decided. The history still shows that you proposed it."],
        button="Withdraw the proposal",
        back=f"{codebook}#proposals",
        place="codebook",
    )


def _build_proposal_forms(
    request: SignedInRequest, found: CodeProposal, places: list[Any]
) -> dict[str, PageForm]:
    """Build the forms by action; the one that was sent has the posted data."""
    chosen = request.POST.get("act") if request.method == "POST" else None
    stored = {
        "name": found.name,
        "parent": found.parent.slug if found.parent else "",
        "claim": found.claim,
    }
    sent = {name: request.POST if chosen == name else None for name in _ACTIONS}
    gone = found.parent.name if found.parent and found.parent.retired_at else ""
    return {
        "accept": AcceptProposalForm(
            sent["accept"], places=places, gone=gone, initial=stored, prefix="accept"
        ),
        "use": UseCodeForm(sent["use"], places=places, prefix="use"),
        "decline": DeclineProposalForm(sent["decline"], prefix="decline"),
    }
