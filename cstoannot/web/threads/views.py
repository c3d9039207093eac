"""The list of threads, the page of one, and its actions."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.codebook.queries import load_code_tree, visible_codes
from cstoannot.core.errors import DomainError
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.queries import visible_sources
from cstoannot.threads.actions import (
    ThreadDraft,
    mark_thread_read,
    open_thread,
    propose_code_from_thread,
    resolve_thread,
)
from cstoannot.threads.comment_actions import add_comment
from cstoannot.threads.queries import filter_threads, find_visible_proposal, require_thread
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.drafts import resolve_form_page_url
from cstoannot.web.page_forms import FormRefusals, get_posted_data
from cstoannot.web.threads.forms import CommentForm, NewThreadForm, ThreadProposalForm
from cstoannot.web.threads.params import (
    SHOWN,
    STATE_NAMES,
    format_about,
    parse_about,
    parse_thread_list_query,
)
from cstoannot.web.threads.presenters import build_thread_card, build_thread_cards

ON_A_PAGE = 50
MOST_CHOICES = 200
HERE = "here"  # a form with this field leads back to the page on which it stands


@require_safe
@sign_in_required
def show_threads(request: SignedInRequest, project: str) -> HttpResponse:
    """List the threads that the member may see, those with the latest comments first."""
    scope = open_project(request.user, project, Permission.ANNOTATE)
    asked = parse_thread_list_query(request.GET)
    found = filter_threads(scope, asked.filters).order_by(
        F("is_unread").desc(), F("last_at").desc(), "-id"
    )
    page = paginate_rows(request, found, ON_A_PAGE)
    context = {
        "asked": asked,
        "page": page,
        "cards": build_thread_cards(scope, page.object_list),
        "states": STATE_NAMES.items(),
        "shown": SHOWN.items(),
        "sources": list(visible_sources(scope)[:MOST_CHOICES]),
        "codes": list(visible_codes(scope)[:MOST_CHOICES]),
    }
    return render_project_page(request, scope, "threads/list.html", context, place="threads")


@require_safe_or_post
@sign_in_required
def show_thread(request: SignedInRequest, project: str, thread: uuid.UUID) -> HttpResponse:
    """Show a thread, which it marks as read, and store a reply."""
    scope = open_project(request.user, project, Permission.ANNOTATE)
    found = require_thread(scope, thread)
    form = CommentForm(get_posted_data(request))
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            add_comment(scope, thread, **form.cleaned_data)
            return _go_on(request, project, thread)
    card = build_thread_card(scope, found)
    if request.method == "GET" and card.unread:
        mark_thread_read(scope, thread, until=card.comments[-1].id)
    context = {
        "card": card,
        "thread": found,
        "form": form,
        "proposal": find_visible_proposal(scope, found),
        "may_resolve": found.opened_by_id == scope.user_id or scope.can(Permission.SEE_ALL_CODING),
    }
    return render_project_page(request, scope, "threads/thread.html", context, place="threads")


def _go_on(request: SignedInRequest, project: str, thread: uuid.UUID) -> HttpResponse:
    """Redirect to the thread, or back to the page with the panel from which it was written."""
    if HERE in request.POST:
        messages.success(request, "Your comment was saved.")
        return redirect(resolve_form_page_url(request))
    return redirect(f"{reverse('thread', args=[project, thread])}#end")


@require_safe_or_post
@sign_in_required
def open_thread_view(request: SignedInRequest, project: str) -> HttpResponse:
    """Begin a thread on what `?about=` or the form says."""
    scope = open_project(request.user, project, Permission.ANNOTATE)
    about = request.POST.get("about", "") or request.GET.get("about", "")
    form = NewThreadForm(
        get_posted_data(request), chosen=about, choices=_iterate_about_choices(scope)
    )
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            draft = ThreadDraft(text=form.cleaned_data["text"], **parse_about(about))
            return _go_on(request, project, open_thread(scope, draft).pk)
    context = {"form": form, "target": _describe_target(scope, about)}
    return render_project_page(request, scope, "threads/new.html", context, place="threads")


def _iterate_about_choices(scope: Scope) -> list[tuple[str, Any]]:
    sources = visible_sources(scope)[:MOST_CHOICES]
    codes = visible_codes(scope).filter(retired_at=None)[:MOST_CHOICES]
    return [
        ("Sources", [(format_about(source=one.pk), one.title) for one in sources]),
        ("Codes", [(format_about(code=one.slug), one.name) for one in codes]),
    ]


def _describe_target(scope: Scope, about: str) -> str:
    """Return the name of what a new thread is about; empty where the form asks for it."""
    if not about:
        return ""
    try:
        target = parse_about(about)
    except DomainError:
        return ""
    if "code" in target:
        return (
            visible_codes(scope).filter(slug=target["code"]).values_list("name", flat=True).first()
            or ""
        )
    found = visible_sources(scope).filter(pk=target.get("source", 0))
    title = found.values_list("title", flat=True).first() or ""
    return f"A place in {title}" if title and "start" in target else title


@require_safe_or_post
@sign_in_required
def resolve_thread_view(request: SignedInRequest, project: str, thread: uuid.UUID) -> HttpResponse:
    """Resolve a thread, or open it again."""
    scope = open_project(request.user, project, Permission.ANNOTATE)
    if request.method == "POST":
        resolve_thread(scope, thread, resolved=request.POST.get("to") != "open")
    return redirect("thread", project, thread)


@require_safe_or_post
@sign_in_required
def propose_from_thread_view(
    request: SignedInRequest, project: str, thread: uuid.UUID
) -> HttpResponse:
    """Propose a code from a thread, with its first words as the name and its code as parent."""
    scope = open_project(request.user, project, Permission.ANNOTATE)
    found = require_thread(scope, thread)
    card = build_thread_card(scope, found)
    places = [place for place in load_code_tree(scope) if place.code.retired_at is None]
    initial = {
        "name": card.comments[0].text.strip().partition("\n")[0][:100] if card.comments else "",
        "parent": found.code.slug if found.code and found.code.retired_at is None else "",
    }
    form = ThreadProposalForm(get_posted_data(request), places=places, initial=initial)
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            proposal = propose_code_from_thread(scope, thread, **form.cleaned_data)
            messages.success(request, f"You proposed the code “{proposal.name}”.")
            return redirect("thread", project, thread)
    context = {"form": form, "card": card, "thread": found}
    return render_project_page(request, scope, "threads/propose.html", context, place="threads")
