from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.comparison.carrying import carriers
from cstoannot.comparison.coding import Claim
from cstoannot.comparison.passages import Entry, Listing, in_columns, on_one_claim
from cstoannot.comparison.question import Question, read_question
from cstoannot.comparison.reading import MOST
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, signed_in
from cstoannot.web.comparing.chrome import Offered, comparing
from cstoannot.web.comparing.columns import columns_of, quiet, tally_words
from cstoannot.web.results import tables
from cstoannot.web.views.compare import about

LONGEST_NUMBER = 9
HEAD = (
    "code",
    "claim",
    "actor",
    "source",
    "title",
    "author",
    "publisher",
    "date",
    "url",
    "start",
    "end",
    "paragraph",
    "stance",
    "voice",
    "layer",
    "annotator",
    "quote",
    "annotation",
)


@require_safe
@signed_in
def passages(request: SignedInRequest, project: str) -> HttpResponse:
    """One claim: what each source, or whoever is compared, says on it, side by side."""

    def page(scope: Scope, question: Question) -> tuple[str, dict[str, Any]]:
        found = in_columns(scope, question, page=_page(request))
        context = _context(scope, found, _page(request)) if found else {"claim": None}
        return "comparison/passages.html", context

    def asking(question: Question, offered: Offered) -> dict[str, Any]:
        chosen = [one for one in offered.claims if one.slug in question.codes]
        claim = next(iter([*chosen, *offered.claims]), None)
        asking = "comparison/claim.html"
        return {"asking": asking, "one_claim": True, "claims": offered.claims, "claim": claim}

    return comparing(request, project, "compare_passages", page, asking)


@require_safe
@signed_in
def passages_csv(request: SignedInRequest, project: str) -> HttpResponse:
    """All passages on the claim, a row an annotation."""
    scope = open_project(request.user, project)
    found = on_one_claim(scope, read_question(dict(request.GET.lists())))
    rows = (_row(entry) for entry in found.entries)
    name = f"{scope.project.slug}-passages-{found.comparison.claims[0].slug}"
    return tables.table(name, HEAD, rows)


def _row(entry: Entry) -> Sequence[tables.Field]:
    place, said = entry.place, entry.place.said[0]
    article, source = place.article, place.article.source
    return (
        place.claim.slug,
        place.claim.claim,
        entry.actor.name,
        source.pk,
        source.title,
        article.author,
        source.publisher,
        source.published,
        article.url,
        place.start,
        place.end,
        place.first_paragraph,
        said.stance,
        said.voice,
        "individual" if said.annotator else "consensus",
        said.annotator,
        place.quote,
        str(said.annotation_id),
    )


def _context(scope: Scope, found: Listing, page: int) -> dict[str, Any]:
    slug, question = scope.project.slug, found.question
    without = carriers(found.comparison).left_by_id
    columns = columns_of(slug, found, without)
    speaking = [one.cell.actor.pk for one in columns if one.cell.actor.pk]
    beside = replace(question, codes=(found.claim.slug,), sources=tuple(speaking[:MOST]))
    return {
        "found": found,
        "claim": found.claim,
        "claims": found.claims,
        "question": question,
        "address": question.address(),
        "verdict": found.comparison.verdicts[0],
        "tentative": found.comparison.tentative(0),
        "carrying": len(without),
        "tally": tally_words(found.cells),
        "columns": columns,
        "alone": len(columns) == 1,
        "quiet": quiet(found),
        "about": about(found.comparison),
        "page": Paginator(range(found.total), found.size).get_page(page),
        "before": _step(question, found.claim_at(-1)),
        "after": _step(question, found.claim_at(1)),
        "beside": f"{reverse('compare_reading', args=[slug])}?{beside.address()}"
        if len(speaking) > 1
        else "",
    }


def _step(question: Question, claim: Claim | None) -> str:
    return f"?{replace(question, codes=(claim.slug,)).address()}" if claim else ""


def _page(request: HttpRequest) -> int:
    wanted = request.GET.get("page", "")
    fits = wanted.isascii() and wanted.isdecimal() and len(wanted) <= LONGEST_NUMBER
    return max(1, int(wanted)) if fits else 1
