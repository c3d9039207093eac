"""The page under a project's settings where owners make and revoke links to its results."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cstoannot.core.errors import NotFound
from cstoannot.projects.models import Results
from cstoannot.projects.permissions import Permission
from cstoannot.projects.results_actions import (
    LONGEST_LINK_DAYS,
    LONGEST_LINK_NOTE,
    USUAL_LINK_DAYS,
    create_results_link,
    revoke_results_link,
)
from cstoannot.projects.results_queries import list_results_links
from cstoannot.projects.scope import open_project
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_confirmation_page,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.drafts import mark_draft_saved
from cstoannot.web.page_forms import FormRefusals, PageForm, get_posted_data

LINKS_ON_A_PAGE = 50


class ResultsLinkForm(PageForm):
    note = forms.CharField(
        required=False,
        label="Reader",
        max_length=LONGEST_LINK_NOTE,
        help_text="To recognise the link later. Only owners see it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.IntegerField(
        initial=USUAL_LINK_DAYS,
        label="Days until it expires",
        help_text=f"From 1 to {LONGEST_LINK_DAYS}",
    )


@require_safe_or_post
@sign_in_required
def manage_results_links_view(request: SignedInRequest, project: str) -> HttpResponse:
    """List the links, and create one; its URL is shown in this response only."""
    scope = open_project(request.user, project, Permission.MANAGE)
    form, made = ResultsLinkForm(get_posted_data(request)), {}
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            link, secret = create_results_link(scope, **form.cleaned_data)
            made = {"made": link, **_build_reader_url(request, secret)}
            form = ResultsLinkForm()
    now = timezone.now()
    page = paginate_rows(request, list_results_links(scope), LINKS_ON_A_PAGE)
    context = {
        "form": form,
        "page": page,
        "links": [(one, one.state(now)) for one in page],
        "open_by_link": scope.project.results == Results.LINK,
        **made,
    }
    template = "results/links.html"
    response = render_project_page(request, scope, template, context, place="settings")
    response["Cache-Control"] = "no-store"
    if made:
        mark_draft_saved(request, response)
    return response


def _build_reader_url(request: HttpRequest, secret: str) -> dict[str, Any]:
    """Return the URL, and whether it works only on the computer where it was created."""
    host, _ = split_domain_port(request.get_host())
    return {
        "link": request.build_absolute_uri(reverse("results", args=[secret])),
        "only_here": host in settings.LOOPBACK_HOSTS,
    }


@require_safe_or_post
@sign_in_required
def revoke_results_link_view(
    request: SignedInRequest, project: str, results_link: uuid.UUID
) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method == "POST":
        revoke_results_link(scope, results_link)
        messages.success(request, "The link was revoked; it no longer works.")
        return redirect("results_links", project)
    link = list_results_links(scope).filter(pk=results_link).first()
    if link is None:
        raise NotFound("This link does not exist.")
    return render_confirmation_page(
        request,
        scope,
        question=f"Revoke the link for {link.note or 'somebody'}?",
        effects=[
            "Whoever has it can no longer read the results.",
            "This cannot be undone, but you can create another link.",
        ],
        button="Revoke the link",
        back=reverse("results_links", args=[project]),
        place="settings",
    )
