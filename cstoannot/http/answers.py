"""A refusal in the shape of whichever surface was asked."""

import logging

from django.http import HttpRequest, HttpResponse

from cstoannot.api.errors import TITLES, problem_response
from cstoannot.database.outages import Outage
from cstoannot.web.views.errors import plain_page

logger = logging.getLogger(__name__)


def refuse_request(request: HttpRequest, status: int, code: str, sentence: str) -> HttpResponse:
    """A problem of the API or a page that says the same. Neither asks the database for anything."""
    if request.path.startswith("/api/"):
        answer = problem_response(status, code, sentence)
    else:
        answer = plain_page(request, TITLES[status], sentence, status)
    # Django's own mark: a refusal, or an outage of which a line is written below, is no fault.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def answer_outage(request: HttpRequest, outage: Outage, error: BaseException) -> HttpResponse:
    """503, and a line in the log in place of Django's trace: an outage makes thousands of them."""
    logger.warning("%s %s: %s: %s", request.method, request.path, outage.code, error)
    sentence = f"{outage.sentence} Try again in {outage.retry_after} seconds."
    answer = refuse_request(request, 503, outage.code, sentence)
    answer["Retry-After"] = str(outage.retry_after)
    return answer
