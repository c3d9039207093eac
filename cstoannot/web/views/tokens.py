from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cstoannot.accounts.actions import (
    MOST_TOKENS,
    create_token,
    revoke_all_tokens,
    revoke_token,
)
from cstoannot.accounts.queries import find_own_token, tokens_of
from cstoannot.web.base import SignedInRequest, require_safe_or_post, signed_in
from cstoannot.web.drafts import take_draft
from cstoannot.web.forms.base import posted, refusals_on
from cstoannot.web.forms.tokens import TokenForm
from cstoannot.web.safeguards import ask_first


@require_safe_or_post
@signed_in
def tokens(request: SignedInRequest) -> HttpResponse:
    """List one's tokens; make one, whose secret stands in this one answer and nowhere else."""
    form = TokenForm(posted(request))
    made = secret = None
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made, secret = create_token(request.user, **form.cleaned_data)
            form = TokenForm()
    context = {
        "form": form,
        "made": made,
        "secret": secret,
        "most": MOST_TOKENS,
        "address": request.build_absolute_uri("/api/v1/me/"),
        "tokens": tokens_of(request.user, now=timezone.now()),
    }
    response = render(request, "account/tokens.html", context)
    response["Cache-Control"] = "no-store"
    if made:
        take_draft(request, response)
    return response


@require_safe_or_post
@signed_in
def revoke(request: SignedInRequest, key: str) -> HttpResponse:
    if request.method != "POST":
        token = find_own_token(request.user, key=key, now=timezone.now())
        return ask_first(
            request,
            question=f"Revoke the token “{token.name or token.token_key}”?",
            effects=[
                "Programs that use it are refused from then on, and so are those that use tokens "
                "which it made. It cannot be made valid again; you can make another token."
            ],
            button="Revoke the token",
            back=reverse("tokens"),
        )
    revoke_token(request.user, key=key)
    messages.success(request, "The token is revoked: programs that use it are refused now.")
    return redirect("tokens")


@require_safe_or_post
@signed_in
def revoke_all(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        count = tokens_of(request.user, now=timezone.now()).count()
        return ask_first(
            request,
            question="Revoke all of your tokens?",
            effects=[
                f"You have {count}. Every program that works in your name is refused from then on; "
                "you can make other tokens for those that shall go on."
            ],
            button="Revoke all tokens",
            back=reverse("tokens"),
        )
    count = revoke_all_tokens(request.user)
    what, it = ("1 token is", "it") if count == 1 else (f"{count} tokens are", "them")
    messages.success(request, f"{what} revoked: programs that use {it} are refused now.")
    return redirect("tokens")
