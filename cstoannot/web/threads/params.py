"""What a thread is about, and which threads a list shows, as addresses hold it."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from cstoannot.core.errors import Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.threads.queries import ThreadFilter

_STRETCH = re.compile(r"(\d{1,10})-(\d{1,10})", re.ASCII)
SHOWN = {
    "": "all",
    "unread": "unread",
    "mentions": "that mention me",
    "mine": "that I wrote in",
    "again": "that ask to look again",
}
STATE_NAMES = {"open": "open", "resolved": "resolved", "all": "open and resolved"}


def format_about(
    *,
    source: int | None = None,
    start: int | None = None,
    end: int | None = None,
    code: str = "",
    decision: object = None,
) -> str:
    """Return what a thread is about as one word: place:3:812-830, source:3, code:plea."""
    if decision is not None:
        return f"decision:{decision}"
    if code:
        return f"code:{code}"
    return f"source:{source}" if start is None else f"place:{source}:{start}-{end}"


def parse_about(value: str) -> dict[str, Any]:
    """Return the fields of a thread's draft; raise Invalid for what `format_about` never gives."""
    kind, _, rest = value.partition(":")
    if kind == "code" and rest:
        return {"kind": kind, "code": rest}
    if kind == "decision":
        try:
            return {"kind": kind, "decision": uuid.UUID(rest)}
        except ValueError:
            raise _refuse_about() from None
    number, _, stretch = rest.partition(":")
    source = parse_whole_number(number)
    if source is None or kind not in ("source", "place"):
        raise _refuse_about()
    if kind == "source" and not stretch:
        return {"kind": kind, "source": source}
    found = _STRETCH.fullmatch(stretch)
    if found is None or kind == "source":
        raise _refuse_about()
    return {"kind": kind, "source": source, "start": int(found[1]), "end": int(found[2])}


def _refuse_about() -> Invalid:
    return Invalid("Choose what the thread is about.", field="about")


@dataclass(frozen=True)
class ThreadListQuery:
    """Which threads the list shows; what an address says wrongly counts as not said."""

    state: str
    show: str
    source: int | None
    code: str

    @property
    def filters(self) -> ThreadFilter:
        return ThreadFilter(
            state="" if self.state == "all" else self.state,
            unread=True if self.show == "unread" else None,
            mine=self.show == "mine",
            mentions=self.show == "mentions",
            asks_again=self.show == "again",
            sources=() if self.source is None else (self.source,),
            codes=(self.code,) if self.code else (),
        )


def parse_thread_list_query(given: QueryDict) -> ThreadListQuery:
    state, show = given.get("state", ""), given.get("show", "")
    return ThreadListQuery(
        state=state if state in STATE_NAMES else "open",
        show=show if show in SHOWN else "",
        source=parse_whole_number(given.get("source", "")),
        code=given.get("code", "").replace("\x00", ""),
    )
