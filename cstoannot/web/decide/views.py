"""The page on which the places of a source are decided."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.annotations.models import Stance
from cstoannot.annotations.queries import visible_speakers
from cstoannot.assignments.queries import select_my_assignments
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import load_code_tree, load_current_revision
from cstoannot.comparison.decision_effects import compute_verdict_effects
from cstoannot.core.errors import Conflict, DomainError, Invalid, Stale
from cstoannot.core.fields import ExpectedVersion, expect_version, parse_whole_number
from cstoannot.decisions.actions import decide_place, withdraw_decision
from cstoannot.decisions.case_queries import find_source_consensus
from cstoannot.decisions.places import DecidablePlace, PlaceState
from cstoannot.decisions.queries import find_first_undecided, list_decidable_places
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.details import format_partial_date
from cstoannot.sources.models import Source
from cstoannot.sources.queries import load_source_with_text
from cstoannot.threads.models import Thread
from cstoannot.threads.queries import load_calls_again
from cstoannot.web.article_html import resolve_text_direction
from cstoannot.web.base import (
    SignedInRequest,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.code_stylesheet import build_codes_css_url
from cstoannot.web.decide.forms import build_edit_rows, parse_decision_draft, parse_edit_rows
from cstoannot.web.decide.params import DIFFERS, ORDERS, DecideQuery, parse_decide_query, parse_uuid
from cstoannot.web.decide.presenters import (
    build_code_entries,
    build_decided_strip,
    build_place_view,
    is_asking,
)
from cstoannot.web.decide.queue_presenters import (
    build_queue,
    find_next_open,
    is_called,
    list_codes,
    select_queued,
    sort_places,
)
from cstoannot.web.decide.reading_table import describe_reason_need
from cstoannot.web.decide.side_presenters import load_like_cases, load_rules, load_source_choices
from cstoannot.web.threads.presenters import build_discussion


@require_safe
@sign_in_required
def start_deciding(request: SignedInRequest, project: str) -> HttpResponse:
    """Go to the first place of the project that waits for a decision, or say what to do."""
    scope = open_project(request.user, project, Permission.DECIDE)
    found = find_first_undecided(scope)
    if found is not None:
        # Without the place, because one on which all agree is adopted with the others.
        return redirect("decide_source", project, found[0])
    called = [one for threads in load_calls_again(scope).values() for one in threads]
    if called:
        return redirect("decide_source", project, called[0].source_id)
    context = {"choices": load_source_choices(scope, None)}
    return render_project_page(request, scope, "decide/nothing.html", context, place="decide")


@dataclass(frozen=True)
class DecidingSource:
    """A source with its places, in the order that the reader asked for."""

    scope: Scope
    source: Source
    places: Sequence[DecidablePlace]
    asked: DecideQuery

    @property
    def project(self) -> str:
        return self.scope.project.slug

    @cached_property
    def codes(self) -> dict[str, Code]:
        return {node.code.slug: node.code for node in load_code_tree(self.scope)}

    @cached_property
    def calls(self) -> dict[uuid.UUID, list[Thread]]:
        """Return the threads that ask to look at a decision again, by decision."""
        return load_calls_again(self.scope, self.source.pk)

    def list_calls(self, place: DecidablePlace) -> Sequence[Thread]:
        if place.decision is None or not is_called(place, self.calls):
            return ()
        return self.calls[place.decision.id]

    @cached_property
    def ordered(self) -> list[DecidablePlace]:
        """Return the queue, with the place of the address even if nobody has to decide it."""
        queued = select_queued(self.places, self.calls)
        if self._asked_for is not None and self._asked_for not in queued:
            queued = [one for one in self.places if one in queued or one is self._asked_for]
        weight: dict[str, int] = {}
        if self.asked.order == "verdict":
            effects = compute_verdict_effects(self.scope, queued)
            weight = {
                str(one.id): sum(bool(effect.changing) for effect in found)
                for one, found in zip(queued, effects, strict=True)
            }
        return sort_places(queued, self.asked.order, list(self.codes), weight)

    @cached_property
    def _asked_for(self) -> DecidablePlace | None:
        if self.asked.stretch is None:
            return next((one for one in self.places if one.id == self.asked.place), None)
        low, high = self.asked.stretch
        shared = [(min(one.end, high) - max(one.start, low), one) for one in self.places]
        return max(shared, key=lambda pair: pair[0], default=(0, None))[1]

    @cached_property
    def shown(self) -> DecidablePlace | None:
        """Return the place of the address, or the first that waits, or the first."""
        waiting = find_next_open(self.ordered, -1, self.calls)
        return self._asked_for or waiting or next(iter(self.ordered), None)


def _open_source(scope: Scope, source: int, asked: DecideQuery) -> DecidingSource:
    article = load_source_with_text(scope, source)
    return DecidingSource(scope, article, list_decidable_places(scope, source), asked)


@require_safe_or_post
@sign_in_required
def decide_source(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    """Show a place with everything that was marked there; a POST decides it, or undoes that."""
    scope = open_project(request.user, project, Permission.DECIDE)
    asked = parse_decide_query(request.GET)
    found = _open_source(scope, source, asked)
    if request.method == "POST":
        return _answer_decision(request, found)
    return _render_place(request, found)


def _answer_decision(request: SignedInRequest, found: DecidingSource) -> HttpResponse:
    """Decide the place that the form names and go on; show what was wrong, with what was typed."""
    place_id = parse_uuid(request.POST.get("place", ""))
    place = next((one for one in found.places if one.id == place_id), None)
    try:
        if place is None:
            raise Conflict("The coding of this place changed, so nothing was decided.")
        if request.POST.get("act") == "withdraw":
            return redirect(_withdraw_by_form(request, found, place))
        return redirect(_decide_by_form(request, found, place))
    except (Invalid, Conflict, Stale) as error:
        shown = _open_source(found.scope, found.source.pk, found.asked.at(place_id))
        return _render_place(request, shown, refusal=error)


def _withdraw_by_form(
    request: SignedInRequest, found: DecidingSource, place: DecidablePlace
) -> str:
    left = withdraw_decision(found.scope, place.id, _parse_expected(request, place))
    return found.asked.at(left.id if left else None).address(found.project, found.source.pk)


def _parse_expected(request: SignedInRequest, place: DecidablePlace) -> ExpectedVersion:
    """Return the version that the form showed."""
    version = parse_whole_number(request.POST.get("version", ""))
    return expect_version(place.version if version is None else version)


def _decide_by_form(request: SignedInRequest, found: DecidingSource, place: DecidablePlace) -> str:
    """Return the address of the next place, with a strip that says what was decided."""
    draft = parse_decision_draft(place, found.source, request.POST)
    decided = decide_place(found.scope, place.id, draft, _parse_expected(request, place))
    here = next((n for n, one in enumerate(found.ordered) if one.id == place.id), -1)
    upcoming = find_next_open(found.ordered, here, found.calls)
    goal = upcoming.id if upcoming is not None and upcoming.id != place.id else decided.id
    return found.asked.at(goal, done=decided.id).address(found.project, found.source.pk)


def _render_place(
    request: SignedInRequest, found: DecidingSource, refusal: DomainError | None = None
) -> HttpResponse:
    scope, source, asked = found.scope, found.source, found.asked
    place = found.shown
    apart = {DIFFERS: "two decided differently first"} if scope.project.decide_apart else {}
    orders = {**ORDERS, **apart}
    context: dict[str, Any] = {
        "source": source,
        "asked": asked,
        "direction": resolve_text_direction(source.language),
        "published": format_partial_date(source.published),
        "codes_css_url": build_codes_css_url(found.project, load_current_revision(scope)),
        "choices": load_source_choices(scope, source),
        "coded_myself": select_my_assignments(scope).filter(source_id=source.pk).exists(),
        "consensus": find_source_consensus(scope, source.pk),
        "queue": build_queue(
            found.project, found.places, found.ordered, place, asked, calls=found.calls
        ),
        "code_names": {slug: code.name for slug, code in found.codes.items()},
        "strip": build_decided_strip(found.places, found.ordered, asked),
        "orders": orders,
        "order_name": orders.get(asked.order, ""),
        "refusal": refusal,
        "posted": request.POST if refusal else {},
    }
    if place is not None:
        context |= _build_place_context(request, found, place, retyped=refusal is not None)
    status = 409 if isinstance(refusal, Conflict | Stale) else 422 if refusal else 200
    return render_project_page(
        request, scope, "decide/page.html", context, place="decide", status=status
    )


def _build_place_context(
    request: SignedInRequest, found: DecidingSource, place: DecidablePlace, *, retyped: bool
) -> dict[str, Any]:
    asked, slugs = found.asked, list_codes(place)
    mode = asked.mode
    if retyped and request.POST.get("act") in ("plural", "edited"):
        mode = {"plural": "plural", "edited": "edit"}[request.POST["act"]]

    def link(mode: str) -> str:
        return asked.at(place.id, mode=mode).address(found.project, found.source.pk)

    view = build_place_view(found.project, found.source, place, found.places, asked)
    context: dict[str, Any] = {
        "view": view,
        "calls": found.list_calls(place),
        "reason_hint": describe_reason_need(view.table),
        "asking": is_asking(place, mode),
        "mode": mode,
        "links": {"plain": link(""), "plural": link("plural"), "edit": link("edit")},
        "change_url": link("change"),
        "entries": build_code_entries(found.codes, slugs, load_rules(found.scope, slugs)),
        "cases": load_like_cases(found.scope, place, slugs),
        "weight_url": reverse("decide_weight", args=[found.project, found.source.pk])
        + f"?place={place.id}",
    }
    named = found.scope.project.names_while_deciding or place.state == PlaceState.DECIDED
    context["discussion"] = build_discussion(
        found.scope, place.source, place.start, place.end, nameless=not named
    )
    if mode == "edit":
        rows = parse_edit_rows(request.POST) if retyped else build_edit_rows(place, asked.start)
        context |= {
            "edit_rows": rows,
            "stances": [(stance, stance) for stance in Stance.values if stance],
            "offered_codes": [code for code in found.codes.values() if code.retired_at is None],
            "speakers": visible_speakers(found.scope).values_list("name", flat=True),
        }
    return context
