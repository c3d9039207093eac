"""The lists of what an agreement number counts: units, passages, codes, coders, sources."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.agreement.evidence import (
    CountedSources,
    EvidencePage,
    EvidenceShown,
    list_counted_sources,
)
from cstoannot.agreement.evidence import load_evidence as evidence_of
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.stats.agreement.diagnostics import is_rare_code
from cstoannot.stats.agreement.reliability_checks import is_weak_code
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import Coefficient
from cstoannot.web.agreement.closed_page import render_closed_agreement
from cstoannot.web.agreement.params import (
    AgreementChoices,
    format_agreement_query,
    load_agreement_choices,
    parse_agreement_query,
    parse_number_list,
    parse_word_list,
)
from cstoannot.web.agreement.presenters import EvidenceLinks, ReportRows
from cstoannot.web.base import (
    SignedInRequest,
    paginate_counted_result,
    render_project_page,
    sign_in_required,
)
from cstoannot.web.coefficient_display import format_coefficient

ITEMS_ON_A_PAGE = 50
ON_A_PAGE = 100


@dataclass(frozen=True)
class EvidencePart:
    """A number of a report, as the URL names it.

    `given_by`: only units to which this coder gave the code; empty for any coder. `shown`: which of
    them are listed; unless asked for, not those that nobody marked.
    """

    code: str
    pair: tuple[str, str] | None
    source: int | None
    given_by: str | None
    shown: EvidenceShown

    @classmethod
    def of(cls, request: SignedInRequest) -> "EvidencePart":
        query = request.GET
        pair = parse_word_list(query, "of_pair")
        anybody = "" if query.get("given") == "1" else None
        shown = query.get("show") or EvidenceShown.MARKED
        if shown not in list(EvidenceShown):
            raise Invalid(f"show is one of: {', '.join(EvidenceShown)}.", field="show")
        return cls(
            query.get("of_code", ""),
            (pair[0], pair[1]) if len(pair) == 2 else None,
            next(iter(parse_number_list(query, "of_source")), None),
            query.get("given_by") or anybody,
            EvidenceShown(shown),
        )

    def address(self) -> dict[str, str | Iterable[str]]:
        """Return the query string, without `given_by` and `shown`."""
        source = "" if self.source is None else str(self.source)
        return {"of_code": self.code, "of_pair": self.pair or (), "of_source": source}

    def narrowed_address(self) -> dict[str, str | Iterable[str]]:
        """Return the query string, without `shown`."""
        given = {"given": "1"} if self.given_by == "" else {"given_by": self.given_by or ""}
        return {**self.address(), **given}


@require_safe
@sign_in_required
def show_evidence(request: SignedInRequest, project: str) -> HttpResponse:
    """Show the n units or passages that a number counts."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    question, offered, asked = (
        parse_agreement_query(request.GET),
        load_agreement_choices(scope),
        EvidencePart.of(request),
    )
    if not offered.sources:
        return render_closed_agreement(request, scope)

    def part(offset: int) -> EvidencePage:
        return evidence_of(
            scope,
            question,
            code=asked.code,
            pair=asked.pair,
            source=asked.source,
            given_by=asked.given_by,
            shown=asked.shown,
            offset=offset,
            limit=ITEMS_ON_A_PAGE,
        )

    found, page = paginate_counted_result(request, part, ITEMS_ON_A_PAGE)
    context = {"found": found, "page": page, "address": format_agreement_query(question)}
    context |= _describe_evidence_part(question, offered, asked)
    context["choices"] = list(_iterate_shown_choices(found, question, asked))
    return render_project_page(
        request, scope, "agreement/evidence.html", context, place="agreement"
    )


def _describe_evidence_part(
    question: AgreementQuery, offered: AgreementChoices, asked: EvidencePart
) -> dict[str, Any]:
    """Describe the number; `every` links to it where only units with a code are counted."""
    return {
        "measure": MEASURES[question.measure],
        "part": asked,
        "of_code": next((one for one in offered.codes if one.slug == asked.code), None),
        "of_source": next((one for one in offered.sources if one.pk == asked.source), None),
        "every": f"?{format_agreement_query(question, **asked.address())}",
    }


_SHOWN_WORDS = {
    EvidenceShown.MARKED: "marked",
    EvidenceShown.DIFFER: "coders differ",
    EvidenceShown.ALIKE: "all alike",
    EvidenceShown.UNMARKED: "nobody marked",
    EvidenceShown.ALL: "all",
}


@dataclass(frozen=True)
class ShownChoice:
    """A choice of what to list: how many it lists, in words, and its URL."""

    count: int
    words: str
    link: str
    chosen: bool


def _iterate_shown_choices(
    found: EvidencePage, question: AgreementQuery, asked: EvidencePart
) -> Iterable[ShownChoice]:
    """Yield the choices; what is marked is left out where everything is."""
    everything_marked = found.sizes and not found.sizes[EvidenceShown.UNMARKED]
    chosen = asked.shown
    if everything_marked and chosen is EvidenceShown.MARKED:
        chosen = EvidenceShown.ALL
    for one, words in _SHOWN_WORDS.items() if found.sizes else ():
        if not (everything_marked and one in {EvidenceShown.MARKED, EvidenceShown.UNMARKED}):
            show = {} if one is EvidenceShown.MARKED else {"show": str(one)}
            link = f"?{format_agreement_query(question, **asked.narrowed_address(), **show)}"
            yield ShownChoice(found.sizes[one], words, link, one is chosen)


@require_safe
@sign_in_required
def show_counted_items(request: SignedInRequest, project: str) -> HttpResponse:
    """Show the codes, coders or sources that a number counts."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    question, of = parse_agreement_query(request.GET), request.GET.get("of", "codes")
    if not load_agreement_choices(scope).sources:
        return render_closed_agreement(request, scope)
    if of in _OF_CODES:
        context = _build_counted_codes(scope, question, of)
    elif of == "coders":
        found = build_agreement_report(scope, question)
        context = {"coders": Paginator(found.annotators, ON_A_PAGE)}
    elif of in list(CountedSources):
        coder = request.GET.get("of_annotator", "")
        sources = list_counted_sources(scope, question, CountedSources(of), coder)
        context = {"sources": Paginator(sources, ON_A_PAGE), "of_annotator": coder}
    else:
        raise NotFound("This list does not exist. Go back to the agreement page.")
    (kind,) = {"codes", "coders", "sources"} & set(context)
    context["page"] = context[kind].get_page(request.GET.get("page"))
    context |= {
        "kind": kind,
        "of": of,
        "question": question,
        "address": format_agreement_query(question),
    }
    context["links"] = EvidenceLinks(scope.project.slug, question)
    return render_project_page(request, scope, "agreement/counted.html", context, place="agreement")


_OF_CODES: dict[str, Callable[[Coefficient], bool]] = {
    "codes": lambda value: True,
    "measured": lambda value: value.value is not None,
    "undefined": lambda value: value.value is None,
    "weak": is_weak_code,
    "rare": is_rare_code,
}


def _build_counted_codes(scope: Scope, question: AgreementQuery, of: str) -> dict[str, Any]:
    found = build_agreement_report(scope, question)
    wanted = [one.code for one in found.codes if _OF_CODES[of](one.result)]
    rows = [row for row in ReportRows(scope.project.slug, found).codes(None) if row.code in wanted]
    return {
        "report": found,
        "codes": Paginator(rows, ON_A_PAGE),
        "mean": format_coefficient(found.mean_over_codes) if of == "measured" else "",
    }
