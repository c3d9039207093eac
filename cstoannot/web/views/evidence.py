"""What stands behind the numbers of agreement: units, passages, codes, coders, sources."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.agreement.counted import Sources, sources_counted
from cstoannot.agreement.evidence import Evidence
from cstoannot.agreement.evidence import evidence as evidence_of
from cstoannot.agreement.reports import Question, report
from cstoannot.core.errors import NotFound
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.stats.coefficients.kinds import Kind
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.web.base import SignedInRequest, project_page, signed_in
from cstoannot.web.results.asking import (
    Choices,
    address,
    choices,
    numbers_of,
    question_of,
    words_of,
)
from cstoannot.web.results.links import Links
from cstoannot.web.results.numbers import rounded
from cstoannot.web.results.parts import part_of
from cstoannot.web.results.rows import Rows
from cstoannot.web.views.agreement import closed

ITEMS_ON_A_PAGE = 50
ON_A_PAGE = 100


@dataclass(frozen=True)
class Part:
    """Which number of a report it is, by what the address asks for.

    `given_by`: of the units, those given the code by this coder; by anybody if empty.
    """

    code: str
    pair: tuple[str, str] | None
    source: int | None
    given_by: str | None

    @classmethod
    def of(cls, request: SignedInRequest) -> "Part":
        query = request.GET
        pair = words_of(query, "of_pair")
        anybody = "" if query.get("given") == "1" else None
        return cls(
            query.get("of_code", ""),
            (pair[0], pair[1]) if len(pair) == 2 else None,
            next(iter(numbers_of(query, "of_source")), None),
            query.get("given_by") or anybody,
        )

    def address(self) -> dict[str, str | Iterable[str]]:
        """Without `given_by`."""
        source = "" if self.source is None else str(self.source)
        return {"of_code": self.code, "of_pair": self.pair or (), "of_source": source}


@require_safe
@signed_in
def evidence(request: SignedInRequest, project: str) -> HttpResponse:
    """The units or passages that a number counts: as many as its n says."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    question, offered, asked = question_of(request.GET), choices(scope), Part.of(request)
    if not offered.sources:
        return closed(request, scope)

    def part(offset: int) -> Evidence:
        return evidence_of(
            scope,
            question,
            code=asked.code,
            pair=asked.pair,
            source=asked.source,
            given_by=asked.given_by,
            offset=offset,
            limit=ITEMS_ON_A_PAGE,
        )

    found, page = part_of(request, part, ITEMS_ON_A_PAGE)
    context = {"found": found, "page": page, "address": address(question)}
    context |= _named(question, offered, asked)
    return project_page(request, scope, "agreement/evidence.html", context, place="agreement")


def _named(question: Question, offered: Choices, asked: Part) -> dict[str, Any]:
    """What the number is of, and for units the way to those that carry the code, and back."""
    measure, back = MEASURES[question.measure], asked.address()
    return {
        "measure": measure,
        "part": asked,
        "of_code": next((one for one in offered.codes if one.slug == asked.code), None),
        "of_source": next((one for one in offered.sources if one.pk == asked.source), None),
        "every": f"?{address(question, **back)}",
        "only_given": f"?{address(question, **back, given='1')}"
        if measure.kind is Kind.UNITS
        else "",
    }


@require_safe
@signed_in
def counted(request: SignedInRequest, project: str) -> HttpResponse:
    """The codes, coders or sources that a number counts."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    question, of = question_of(request.GET), request.GET.get("of", "codes")
    if not choices(scope).sources:
        return closed(request, scope)
    if of in _OF_CODES:
        context = _codes(scope, question, of)
    elif of == "coders":
        found = report(scope, question)
        context = {"coders": Paginator(found.annotators, ON_A_PAGE)}
    elif of in list(Sources):
        coder = request.GET.get("of_annotator", "")
        sources = sources_counted(scope, question, Sources(of), coder)
        context = {"sources": Paginator(sources, ON_A_PAGE), "of_annotator": coder}
    else:
        raise NotFound("There is no such list. Go back to the agreement page.")
    (kind,) = {"codes", "coders", "sources"} & set(context)
    context["page"] = context[kind].get_page(request.GET.get("page"))
    context |= {"kind": kind, "of": of, "question": question, "address": address(question)}
    context["links"] = Links(scope.project.slug, question)
    return project_page(request, scope, "agreement/counted.html", context, place="agreement")


_OF_CODES = {"codes": (True, False), "measured": (True,), "undefined": (False,)}


def _codes(scope: Scope, question: Question, of: str) -> dict[str, Any]:
    found = report(scope, question)
    rows = Rows(scope.project.slug, found).codes(None)
    wanted = [row for row in rows if bool(row.shown.value) in _OF_CODES[of]]
    return {
        "report": found,
        "codes": Paginator(wanted, ON_A_PAGE),
        "mean": rounded(found.mean_over_codes) if of == "measured" else "",
    }
