"""The passages on one claim, with a column for each actor, and citations."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.annotations.models import Layer
from cstoannot.comparison.comparison_query import ComparisonQuery, read_comparison_query
from cstoannot.comparison.dataset import Claim
from cstoannot.comparison.excerpts import Article, Excerpt
from cstoannot.comparison.leave_one_out import find_pivotal_passages
from cstoannot.comparison.passages import (
    ActorColumn,
    ClaimListing,
    PassageEntry,
    PositionCell,
    build_cell_query,
    find_claim_listing,
    list_claim_passages,
)
from cstoannot.comparison.side_by_side import MOST
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.details import format_partial_date
from cstoannot.sources.queries import load_source_texts
from cstoannot.stats.comparison.positions import Verdict
from cstoannot.web import downloads
from cstoannot.web.article_html import resolve_text_direction
from cstoannot.web.base import SignedInRequest, parse_page_number, sign_in_required
from cstoannot.web.cell_words import (
    describe_readers,
    describe_sides,
    describe_speaking_layer,
    describe_tentative_reasons,
    list_empty_states,
    name_verdict,
)
from cstoannot.web.compare.frame import (
    ComparisonChoices,
    describe_comparison,
    render_comparison_page,
)
from cstoannot.web.compare.presenters import list_claim_alphas
from cstoannot.web.compare.reading_presenters import build_excerpt_url

AROUND = 90  # characters of context on each side
NAMED = 60  # actors without passages that are named in their line


@dataclass(frozen=True)
class ExcerptCard:
    """An excerpt with the URL of its source and its citation."""

    place: Excerpt
    link: str
    direction: str
    citation: str
    without: str
    """The verdict without it, if the verdict depends on it; otherwise empty."""
    around: tuple[str, str] = ("", "")
    """The text before and after it, for readers who see no more of the article."""

    @property
    def said(self) -> list[dict[str, str]]:
        return [
            {"who": describe_speaking_layer(one), "stance": one.stance, "voice": one.voice}
            for one in self.place.said
        ]

    @property
    def paragraphs(self) -> str:
        first, last = self.place.first_paragraph, self.place.last_paragraph
        return f"¶ {first}" if first == last else f"¶ {first}–{last}"


@dataclass(frozen=True)
class CountLink:
    """How many passages a coder has, or a voice: `link` lists them."""

    name: str
    passages: int
    link: str


@dataclass(frozen=True)
class PassageColumn:
    """`all_link`: this column alone, with all passages; `title_link`: a source.

    `marks`: the coders' own passages, where the majority answers.
    """

    cell: PositionCell
    marks: Sequence[CountLink]
    column: ActorColumn
    cards: Sequence[ExcerptCard]
    title_link: str
    about: str
    all_link: str

    @property
    def coders(self) -> str:
        return describe_readers(self.cell.readers)

    @property
    def more(self) -> int:
        return self.cell.passages - self.column.first - self.column.listed


@dataclass(frozen=True)
class SilentActor:
    """`behind`: what is there all the same, by coder if contested, by voice if quoted."""

    name: str
    behind: Sequence[CountLink]


@dataclass(frozen=True)
class SilentActors:
    """Actors without passages, for one reason."""

    state: str
    meaning: str
    named: Sequence[SilentActor]
    more: int


def describe_tally(cells: Iterable[PositionCell]) -> str:
    """Describe cells as in: 2 support · 1 opposes · 1 mixed · 1 silent."""
    return describe_sides(Counter(cell.state for cell in cells))


def build_passage_columns(
    slug: str, found: ClaimListing, without: Mapping[int, Verdict]
) -> list[PassageColumn]:
    return [_build_passage_column(slug, found, column, without) for column in found.columns]


def _build_passage_column(
    slug: str, found: ClaimListing, column: ActorColumn, without: Mapping[int, Verdict]
) -> PassageColumn:
    cell, question = column.cell, found.question
    at = reverse("compare_passages", args=[slug])
    article = column.places[0].article if column.places and cell.actor.pk else None
    return PassageColumn(
        cell=cell,
        marks=_list_coder_links(slug, found, cell),
        column=column,
        cards=[_build_excerpt_card(slug, place, without) for place in column.places],
        title_link=reverse("annotate", args=[slug, cell.actor.pk]) if cell.actor.pk else "",
        about=_describe_article(article) if article else "",
        all_link=f"{at}?{build_cell_query(question, cell.actor, cell.claim).address()}",
    )


def _list_coder_links(slug: str, found: ClaimListing, cell: PositionCell) -> list[CountLink]:
    """Link the coders' own passages in a source, where several coders answer."""
    if len(found.comparison.annotators) < 2:
        return []
    at = reverse("compare_passages", args=[slug])
    whole = build_cell_query(found.question, cell.actor, cell.claim)
    return [
        CountLink(
            one.name,
            one.passages,
            f"{at}?{replace(whole, layer=Layer.INDIVIDUAL, annotators=(one.key,)).address()}",
        )
        for one in found.unheard.coders.get(cell.actor.pk or 0, ())
    ]


def _list_voice_links(slug: str, found: ClaimListing, cell: PositionCell) -> list[CountLink]:
    """Link the passages in a source that are in voices not asked for."""
    at = reverse("compare_passages", args=[slug])
    whole = build_cell_query(found.question, cell.actor, cell.claim)
    return [
        CountLink(one.name, one.passages, f"{at}?{replace(whole, voices=(one.key,)).address()}")
        for one in found.unheard.voices.get(cell.actor.pk or 0, ())
    ]


def _describe_article(article: Article) -> str:
    source = article.source
    parts = (source.publisher, article.author, format_partial_date(source.published))
    return " · ".join(part for part in parts if part)


def _build_excerpt_card(slug: str, place: Excerpt, without: Mapping[int, Verdict]) -> ExcerptCard:
    verdicts = [without[one.row] for one in place.said if one.row in without]
    return ExcerptCard(
        place=place,
        link=build_excerpt_url(slug, place),
        direction=resolve_text_direction(place.article.language),
        citation=format_citation(place),
        without=name_verdict(verdicts[0]) if verdicts else "",
    )


def _add_context(scope: Scope, columns: Sequence[PassageColumn]) -> list[PassageColumn]:
    """Add a line of context to the passages, for readers who see no more of the articles."""
    if scope.can(Permission.READ_ARTICLES):
        return list(columns)
    cards = [card for column in columns for card in column.cards]
    texts = load_source_texts(scope, sorted({card.place.article.source.pk for card in cards}))
    return [
        replace(column, cards=[_add_card_context(card, texts) for card in column.cards])
        for column in columns
    ]


def _add_card_context(card: ExcerptCard, texts: Mapping[int, str]) -> ExcerptCard:
    text, place = texts[card.place.article.source.pk], card.place
    before = text[max(0, place.start - AROUND) : place.start].rpartition("\n")[2]
    after = text[place.end : place.end + AROUND].partition("\n")[0]
    if len(before) == AROUND:
        before = "… " + before.partition(" ")[2]
    if len(after) == AROUND:
        after = after.rpartition(" ")[0] + " …"
    return replace(card, around=(before, after))


def format_citation(place: Excerpt) -> str:
    """Format the quote with author, title, publisher, date, URL and offsets.

    Offsets are code points of the stored text, from 0, half-open.
    """
    article, source = place.article, place.article.source
    published = format_partial_date(source.published) or "no date"
    about = [article.author, f"“{source.title}”", source.publisher, published, article.url]
    where = ", ".join(part for part in about if part)
    return f"“{place.quote}” ({where}, characters {place.start}–{place.end})"


def list_silent_actors(slug: str, found: ClaimListing) -> list[SilentActors]:
    """List the actors without passages on the claim, by reason."""
    meanings = list_empty_states(found.comparison.layer)
    cells: dict[str, list[PositionCell]] = {state: [] for state in meanings}
    for cell in found.cells:
        if cell.state in cells:
            cells[cell.state].append(cell)
    behind = {"contested": _list_coder_links, "quoted": _list_voice_links}
    return [
        SilentActors(
            state=state,
            meaning=meanings[state],
            named=[
                SilentActor(
                    cell.actor.name, behind[state](slug, found, cell) if state in behind else []
                )
                for cell in some[:NAMED]
            ],
            more=len(some[NAMED:]),
        )
        for state, some in cells.items()
        if some
    ]


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
    "read_by",
    "marked_by",
    "tied",
    "quote",
    "annotation",
)


@require_safe
@sign_in_required
def show_compared_passages(request: SignedInRequest, project: str) -> HttpResponse:
    """Show what each actor says on one claim, side by side."""

    def page(scope: Scope, question: ComparisonQuery) -> tuple[str, dict[str, Any]]:
        found = find_claim_listing(scope, question, page=parse_page_number(request))
        context = (
            _build_passages_context(scope, found, parse_page_number(request))
            if found
            else {"claim": None}
        )
        return "comparison/passages.html", context

    def asking(question: ComparisonQuery, offered: ComparisonChoices) -> dict[str, Any]:
        chosen = [one for one in offered.claims if one.slug in question.codes]
        claim = next(iter([*chosen, *offered.claims]), None)
        asking = "comparison/claim.html"
        return {"asking": asking, "one_claim": True, "claims": offered.claims, "claim": claim}

    return render_comparison_page(request, project, "compare_passages", page, asking)


@require_safe
@sign_in_required
def download_passages_csv(request: SignedInRequest, project: str) -> HttpResponse:
    """Send all passages on the claim, a row for each."""
    scope = open_project(request.user, project)
    found = list_claim_passages(scope, read_comparison_query(dict(request.GET.lists())))
    rows = (_build_passage_csv_row(entry) for entry in found.entries)
    name = f"{scope.project.slug}-passages-{found.comparison.claims[0].slug}"
    return downloads.render_csv_download(name, HEAD, rows)


def _build_passage_csv_row(entry: PassageEntry) -> Sequence[downloads.Field]:
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
        said.layer,
        said.annotator,
        said.read_by or None,
        said.marked_by or None,
        " ".join(said.tied),
        place.quote,
        str(said.annotation_id or ""),
    )


def _build_passages_context(scope: Scope, found: ClaimListing, page: int) -> dict[str, Any]:
    slug, question = scope.project.slug, found.question
    without = find_pivotal_passages(found.comparison).left_by_row
    columns = _add_context(scope, build_passage_columns(slug, found, without))
    speaking = [one.cell.actor.pk for one in columns if one.cell.actor.pk]
    beside = replace(question, codes=(found.claim.slug,), sources=tuple(speaking[:MOST]))
    return {
        "found": found,
        "claim": found.claim,
        "claims": found.claims,
        "question": question,
        "address": question.address(),
        "verdict": found.comparison.verdicts[0],
        "verdict_name": name_verdict(
            found.comparison.verdicts[0], question.by, closed=scope.results_closed
        ),
        "tentative": describe_tentative_reasons(
            found.comparison.tentative[0], found.comparison.agreement[0]
        ),
        "alphas": list_claim_alphas(found.comparison.agreement[0]),
        "carrying": len(without),
        "tally": describe_tally(found.cells),
        "columns": columns,
        "alone": len(columns) == 1,
        "quiet": list_silent_actors(slug, found),
        "about": describe_comparison(found.comparison),
        "page": Paginator(range(found.total), found.size).get_page(page),
        "before": _build_claim_step_url(question, found.claim_at(-1)),
        "after": _build_claim_step_url(question, found.claim_at(1)),
        "beside": f"{reverse('compare_reading', args=[slug])}?{beside.address()}"
        if len(speaking) > 1 and scope.can(Permission.READ_ARTICLES)
        else "",
    }


def _build_claim_step_url(question: ComparisonQuery, claim: Claim | None) -> str:
    return f"?{replace(question, codes=(claim.slug,)).address()}" if claim else ""
