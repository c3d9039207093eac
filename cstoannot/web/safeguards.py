"""What destroys something asks first, or offers to undo it: one way to do each."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cstoannot.projects.scope import Scope
from cstoannot.web.base import project_page


def tell_with_undo(request: HttpRequest, sentence: str, undo: str) -> None:
    """Say what was done, beside a button *Undo* that posts to the address `undo`."""
    messages.success(request, sentence, extra_tags=undo)


def ask_first(
    request: HttpRequest,
    scope: Scope | None = None,
    *,
    question: str,
    effects: list[str],
    button: str,
    back: str,
    place: str = "",
) -> HttpResponse:
    """The page that an address which destroys something answers to GET; its button posts there.

    `effects` are sentences that say what will happen; `back` is where *Cancel* leads.
    """
    context: dict[str, Any] = {
        "question": question,
        "effects": effects,
        "button": button,
        "back": back,
    }
    if scope is None:
        return render(request, "confirm.html", context)
    return project_page(request, scope, "confirm.html", context, place=place)
