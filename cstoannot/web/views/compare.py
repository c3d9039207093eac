from typing import Any

from django.http import HttpResponse

from cstoannot.comparison.question import Question
from cstoannot.projects.scope import Scope
from cstoannot.web.base import SignedInRequest, signed_in
from cstoannot.web.comparing.chrome import comparing


@signed_in
def matrix(request: SignedInRequest, project: str) -> HttpResponse:
    def page(scope: Scope, question: Question) -> tuple[str, dict[str, Any]]:
        return "comparison/matrix.html", {}

    return comparing(request, project, "compare", page)


@signed_in
def omissions(request: SignedInRequest, project: str) -> HttpResponse:
    def page(scope: Scope, question: Question) -> tuple[str, dict[str, Any]]:
        return "comparison/omissions.html", {}

    return comparing(request, project, "compare_omissions", page)
