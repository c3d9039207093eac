"""The page of each coder against the consensus, and its download."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.agreement.consensus_reports import (
    MATCHES,
    UNIT,
    CoderAgainstConsensus,
    ConsensusReport,
    ConsensusValues,
    build_consensus_report,
)
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web import downloads
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_project_page,
    sign_in_required,
)
from cstoannot.web.learning.presenters import (
    DIFFERENCE_TITLES,
    MATCH_TITLES,
    build_consensus_row,
    build_consensus_rows,
    build_difference_rows,
)

ON_A_PAGE = 50


@require_safe
@sign_in_required
def show_consensus_agreement(request: SignedInRequest, project: str) -> HttpResponse:
    """Show all coders, or one of them by code, with the passages behind the values."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = build_consensus_report(scope)
    match = parse_match(request.GET.get("match", ""))
    chosen = choose_coder(found, request.GET.get("coder", ""))
    context: dict[str, Any] = {
        "found": found,
        "unit": UNIT,
        "match": match,
        "matches": MATCH_TITLES.items(),
        "summaries": [(one, build_consensus_row(None, one.overall, match)) for one in found.coders],
        "opened": scope.can(Permission.SEE_ALL_CODING),
        **(build_coder_context(request, scope, chosen, match) if chosen else {}),
    }
    return render_project_page(
        request, scope, "learning/consensus.html", context, place="agreement"
    )


def parse_match(asked: str) -> str:
    return asked if asked in MATCHES else "overlap"


def choose_coder(found: ConsensusReport, username: str) -> CoderAgainstConsensus | None:
    """Return the coder of this name; the only one without a name; otherwise None."""
    known = {one.annotator.username: one for one in found.coders}
    if len(known) == 1 and not username:
        return found.coders[0]
    return known.get(username)


def build_coder_context(
    request: SignedInRequest, scope: Scope, chosen: CoderAgainstConsensus, match: str
) -> dict[str, Any]:
    """Build what a page shows of one coder: values by code, and a page of differences."""
    kind = request.GET.get("kind", "")
    listed = [one for one in chosen.differences if kind in {"", one.kind}]
    page = paginate_rows(request, listed, ON_A_PAGE)
    return {
        "chosen": chosen,
        "rows": build_consensus_rows(chosen, match),
        "kind": kind,
        "kinds": [(key, DIFFERENCE_TITLES[key], count) for key, count in chosen.counts.items()],
        "page": page,
        "differences": build_difference_rows(scope, page.object_list),
    }


HEAD = (
    *("coder", "code", "name", "sources", "match", "precision", "recall", "f1", "f1_low"),
    *("f1_high", "own", "consensus", "alpha", "alpha_low", "alpha_high"),
)


@require_safe
@sign_in_required
def download_consensus_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    rows: list[tuple[downloads.Field, ...]] = []
    for one in build_consensus_report(scope).coders:
        parts = [("", "", one.overall)]
        parts += [(row.code.slug, row.code.name, row.values) for row in one.codes]
        for slug, title, values in parts:
            told = (one.annotator.username, slug, title, one.sources)
            rows += [(*told, *cells) for cells in _list_value_cells(values)]
    return downloads.render_csv_download(f"{scope.project.slug}-consensus", HEAD, rows)


def _list_value_cells(values: ConsensusValues) -> list[tuple[downloads.Field, ...]]:
    alpha = values.alpha
    limits = (alpha.interval.low, alpha.interval.high) if alpha.interval else (None, None)
    found: list[tuple[downloads.Field, ...]] = []
    for name, match in values.matches.items():
        f1 = match.f1
        ends = (f1.interval.low, f1.interval.high) if f1.interval else (None, None)
        shares = match.shares
        counts = (shares.own, shares.reference)
        found.append(
            (name, shares.precision, shares.recall, f1.value, *ends, *counts, alpha.value, *limits)
        )
    return found
