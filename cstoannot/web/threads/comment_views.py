"""Edit and delete one's own comments."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.core.errors import Forbidden
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.threads.comment_actions import delete_comment, edit_comment
from cstoannot.threads.models import Comment
from cstoannot.threads.queries import require_comment
from cstoannot.web.base import (
    SignedInRequest,
    render_confirmation_page,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.page_forms import FormRefusals, get_posted_data
from cstoannot.web.threads.forms import CommentForm


def _require_own_comment(scope: Scope, thread: uuid.UUID, comment: uuid.UUID) -> Comment:
    found = require_comment(scope, thread, comment)
    if found.author_id != scope.user_id:
        raise Forbidden("This comment belongs to somebody else.")
    return found


@require_safe_or_post
@sign_in_required
def edit_comment_view(
    request: SignedInRequest, project: str, thread: uuid.UUID, comment: uuid.UUID
) -> HttpResponse:
    scope = open_project(request.user, project, Permission.ANNOTATE)
    found = _require_own_comment(scope, thread, comment)
    form = CommentForm(get_posted_data(request), initial={"text": found.text})
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            edit_comment(scope, thread, comment, **form.cleaned_data)
            return redirect(f"{reverse('thread', args=[project, thread])}#comment-{comment}")
    context = {"form": form, "thread_id": thread}
    return render_project_page(request, scope, "threads/edit.html", context, place="threads")


@require_safe_or_post
@sign_in_required
def delete_comment_view(
    request: SignedInRequest, project: str, thread: uuid.UUID, comment: uuid.UUID
) -> HttpResponse:
    scope = open_project(request.user, project, Permission.ANNOTATE)
    if request.method == "POST":
        gone = delete_comment(scope, thread, comment)
        ended = " The thread ended with it." if gone else ""
        messages.success(request, f"Your comment was deleted.{ended}")
        return redirect("threads", project) if gone else redirect("thread", project, thread)
    _require_own_comment(scope, thread, comment)
    return render_confirmation_page(
        request,
        scope,
        question="Delete your comment?",
        effects=["Owners and adjudicators can still read it in the history."],
        button="Delete the comment",
        back=reverse("thread", args=[project, thread]),
        place="threads",
    )
