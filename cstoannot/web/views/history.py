import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.annotations.queries import visible_events
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import Invalid
from cstoannot.projects.scope import open_project
from cstoannot.sources.queries import passages_at
from cstoannot.web.base import SignedInRequest, project_page, signed_in
from cstoannot.web.sentences import spans_of, tell

ON_A_PAGE = 100


@require_safe
@signed_in
def history(request: SignedInRequest, project: str) -> HttpResponse:
    """What happened, newest first; `?before=` an event goes on from it."""
    scope = open_project(request.user, project)
    events = visible_events(scope)
    before = request.GET.get("before", "")
    if before:
        events = events.filter(id__lt=_event_id(before))
    found = list(events[: ON_A_PAGE + 1])
    names = dict(visible_codes(scope).values_list("slug", "name"))
    shown = found[:ON_A_PAGE]
    quotes = passages_at(scope, {span for event in shown for span in spans_of(event)})
    context = {
        "told": [tell(event, names, quotes) for event in shown],
        "next": found[ON_A_PAGE - 1].pk if len(found) > ON_A_PAGE else None,
        "begun": not before,
    }
    return project_page(request, scope, "project/history.html", context, place="history")


def _event_id(value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError:
        raise Invalid("This is no place in the history. Begin at its newest entry.") from None
