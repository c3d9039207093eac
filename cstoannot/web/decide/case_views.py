"""The list of decisions, and what hangs on one place."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from cstoannot.codebook.queries import load_code_tree
from cstoannot.comparison.decision_effects import VerdictEffect, compute_verdict_effects
from cstoannot.core.errors import NotFound
from cstoannot.core.fields import parse_whole_number
from cstoannot.decisions.case_queries import (
    CaseFilter,
    DecidedCase,
    filter_decisions,
    load_decided_cases,
)
from cstoannot.decisions.models import Outcome
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.queries import require_source
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_project_page,
    sign_in_required,
)
from cstoannot.web.decide.params import DecideQuery, parse_uuid
from cstoannot.web.decide.side_presenters import load_source_choices
from cstoannot.web.decide.words import OUTCOMES, describe_record, join_words

ON_A_PAGE = 50
LONGEST_QUOTE = 40  # words
OUTCOME_CHOICES = {
    Outcome.MAJORITY: "the majority’s reading",
    Outcome.ADOPTED: "one reading",
    Outcome.EDITED: OUTCOMES[Outcome.EDITED],
    Outcome.NOTHING: OUTCOMES[Outcome.NOTHING],
    Outcome.PLURAL: OUTCOMES[Outcome.PLURAL],
}
VERDICTS = {
    "agree": "agree",
    "diverge": "diverge",
    "single": "one source",
    "unaddressed": "no side taken",
}


@dataclass(frozen=True)
class DecisionRow:
    case: DecidedCase
    quote: str
    words: str
    url: str


@require_safe
@sign_in_required
def show_decisions(request: SignedInRequest, project: str) -> HttpResponse:
    """List the decisions of the project, by code, source and outcome."""
    scope = open_project(request.user, project, Permission.DECIDE)
    names = {node.code.slug: node.code.name for node in load_code_tree(scope)}
    asked = _parse_case_filter(request.GET, names)
    page = paginate_rows(request, filter_decisions(scope, asked), ON_A_PAGE)
    context = {
        "asked": asked,
        "page": page,
        "rows": [
            DecisionRow(
                case,
                Truncator(case.quote).words(LONGEST_QUOTE),
                describe_record(case.record),
                DecideQuery(place=case.place).address(project, case.source),
            )
            for case in load_decided_cases(scope, page.object_list)
        ],
        "code_names": names,
        "outcomes": OUTCOME_CHOICES.items(),
        "choices": load_source_choices(scope, None),
        "query": urlencode(_list_filter_pairs(asked)),
    }
    return render_project_page(request, scope, "decide/decisions.html", context, place="decide")


def _parse_case_filter(query: QueryDict, codes: dict[str, str]) -> CaseFilter:
    """Read the filter; values that do not exist select nothing less than all."""
    code, outcome = query.get("code", ""), query.get("outcome", "")
    source = parse_whole_number(query.get("source", ""))
    return CaseFilter(
        codes=(code,) if code in codes else (),
        sources=(source,) if source else (),
        outcomes=(outcome,) if outcome in OUTCOME_CHOICES else (),
        ruled=bool(query.get("ruled")),
    )


def _list_filter_pairs(asked: CaseFilter) -> list[tuple[str, str]]:
    pairs = [("code", code) for code in asked.codes]
    pairs += [("source", str(source)) for source in asked.sources]
    pairs += [("outcome", outcome) for outcome in asked.outcomes]
    return [*pairs, ("ruled", "yes")] if asked.ruled else pairs


@require_safe
@sign_in_required
def show_weight(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    """Show which verdicts would change with a place, by itself because it compares all sources."""
    scope = open_project(request.user, project, Permission.DECIDE)
    article = require_source(scope, source)
    asked = parse_uuid(request.GET.get("place", ""))
    if asked is None:
        return redirect("decide_source", project, article.pk)
    places = list_decidable_places(scope, article.pk)
    place = next((one for one in places if one.id == asked), None)
    if place is None:
        raise NotFound("This place has changed. Go back to the source, and open it again.")
    (found,) = compute_verdict_effects(scope, [place])
    context = {
        "source": article,
        "back": DecideQuery(place=place.id).address(project, article.pk),
        "effects": [_describe_effect(one) for one in found],
        "code_names": _load_code_names(scope),
    }
    return render_project_page(request, scope, "decide/weight.html", context, place="decide")


def _load_code_names(scope: Scope) -> dict[str, str]:
    return {node.code.slug: node.code.name for node in load_code_tree(scope)}


def _describe_effect(effect: VerdictEffect) -> dict[str, Any]:
    """Describe a verdict, what would change it, and where the source stands whatever happens."""
    by_verdict: dict[str, list[str]] = {}
    for option, verdict in effect.changing.items():
        by_verdict.setdefault(verdict, []).append(_name_option(option))
    positions = {position for _, position in effect.options.values()}
    return {
        "code": effect.code,
        "verdict": effect.verdict,
        "words": VERDICTS[effect.verdict],
        "changes": [
            {"verdict": verdict, "words": VERDICTS[verdict], "options": join_words(options)}
            for verdict, options in by_verdict.items()
        ],
        "position": effect.position,
        "firm": positions == {effect.position},
    }


def _name_option(option: str) -> str:
    names = {"majority": "the majority’s reading", "nothing": "nothing here"}
    return names.get(option, f"reading {option}")
