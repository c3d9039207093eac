"""The page for the API tokens of a user."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cstoannot.accounts.actions import (
    LONGEST_LIFE_DAYS,
    MOST_TOKENS,
    create_token,
    revoke_all_tokens,
    revoke_token,
)
from cstoannot.accounts.queries import list_working_tokens, require_own_token
from cstoannot.web.base import (
    SignedInRequest,
    render_confirmation_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.drafts import mark_draft_saved
from cstoannot.web.page_forms import FormRefusals, PageForm, get_posted_data


class TokenForm(PageForm):
    name = forms.CharField(
        required=False,
        max_length=100,
        help_text="What the token is for, for example nightly export",
    )
    days = forms.IntegerField(
        initial=365, label="Days until it expires", help_text=f"From 1 to {LONGEST_LIFE_DAYS}"
    )
    read_only = forms.TypedChoiceField(
        label="Access",
        choices=[("yes", "read only"), ("no", "read and write")],
        initial="yes",
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )


@require_safe_or_post
@sign_in_required
def manage_tokens_view(request: SignedInRequest) -> HttpResponse:
    """List one's tokens, or create one; only this response shows its secret."""
    form = TokenForm(get_posted_data(request))
    made = secret = None
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            made, secret = create_token(request.user, **form.cleaned_data)
            form = TokenForm()
    context = {
        "form": form,
        "made": made,
        "secret": secret,
        "most": MOST_TOKENS,
        "address": request.build_absolute_uri("/api/v1/me/"),
        "tokens": list_working_tokens(request.user, now=timezone.now()),
    }
    response = render(request, "account/tokens.html", context)
    response["Cache-Control"] = "no-store"
    if made:
        mark_draft_saved(request, response)
    return response


@require_safe_or_post
@sign_in_required
def revoke_token_view(request: SignedInRequest, key: str) -> HttpResponse:
    if request.method != "POST":
        token = require_own_token(request.user, key=key, now=timezone.now())
        return render_confirmation_page(
            request,
            question=f"Revoke the token “{token.name or token.token_key}”?",
            effects=[
                "Programs that use this token, or tokens created with it, lose access. This "
                "cannot be undone, but you can create another token."
            ],
            button="Revoke the token",
            back=reverse("tokens"),
        )
    revoke_token(request.user, key=key)
    messages.success(request, "The token was revoked: programs that use it have lost access.")
    return redirect("tokens")


@require_safe_or_post
@sign_in_required
def revoke_all_tokens_view(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        count = list_working_tokens(request.user, now=timezone.now()).count()
        return render_confirmation_page(
            request,
            question="Revoke all of your tokens?",
            effects=[
                f"You have {count}. All programs that use them lose access. You can create new "
                f"tokens for programs that still need access."
            ],
            button="Revoke all tokens",
            back=reverse("tokens"),
        )
    count = revoke_all_tokens(request.user)
    what, it = ("1 token was", "it") if count == 1 else (f"{count} tokens were", "them")
    messages.success(request, f"{what} revoked: programs that use {it} have lost access.")
    return redirect("tokens")
