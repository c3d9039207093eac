from collections.abc import Iterable
from math import isnan
from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.models import Layer
from cstoannot.api.base import ProjectView, read_query_parameters
from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    ChoicesParameter,
    IdsParameter,
    RepeatedParameter,
    WordsParameter,
)
from cstoannot.api.passage_fields import CodeSlugField, SourceIdField
from cstoannot.api.schema import PROBLEMS
from cstoannot.comparison.comparison_query import (
    ACTORS,
    AUTHOR,
    PARAMETERS,
    ComparisonQuery,
    read_comparison_query,
)
from cstoannot.comparison.reports import (
    NOT_OPEN,
    ORDERS,
    ComparisonReport,
    build_comparison_report,
    sort_actors,
    sort_claims,
)
from cstoannot.stats.comparison.positions import CellState, Verdict
from cstoannot.stats.results import EXPLANATIONS

MOST_CELLS = 20_000
"""In one response; with more, sources are returned in windows."""
STATES = [state.name.lower() for state in CellState]
COUNTS = ("supports", "opposes", "mixed", "mentioned")


class ComparedCodingParameters(ApiSerializer):
    """What part of the coding is compared: for every address under `comparison/`."""

    layer = serializers.ChoiceField(
        choices=Layer.values,
        required=False,
        help_text=(
            "What individuals said or what the team decided. Without it, the consensus where a "
            "source has one, else the individuals."
        ),
    )
    annotator = WordsParameter(
        required=False, help_text="User names, by commas: their individual coding. All without it."
    )
    voice = serializers.CharField(
        required=False,
        max_length=400,
        help_text=(
            f"`{AUTHOR}` (without it), `everyone`, or a speaker's name; `speaker:NAME` for one "
            "who is called as one of these words."
        ),
    )
    source = IdsParameter(required=False, help_text="Source ids, by commas; all without it.")
    code = WordsParameter(required=False, help_text="Code slugs, by commas; all without it.")
    descendants = BooleanParameter(required=False, help_text="With the codes below those named.")
    group = RepeatedParameter(required=False, help_text="Groups of sources; may be repeated.")
    publisher = RepeatedParameter(required=False, help_text="Publishers; may be repeated.")
    since = serializers.CharField(
        required=False,
        max_length=10,
        help_text=(
            "Only sources whose first possible day is on this date or later: 2020, 2020-11 or "
            "2020-11-25. Sources without a date are left out."
        ),
    )
    until = serializers.CharField(
        required=False, max_length=10, help_text="The same, before this date."
    )
    by = serializers.ChoiceField(
        choices=list(ACTORS),
        required=False,
        help_text=(
            "Whose positions are compared; sources without it. Speakers are those named; with "
            "`voice=everyone` the authors are one more."
        ),
    )


class ComparisonParameters(ComparedCodingParameters):
    order = serializers.ChoiceField(
        choices=ORDERS,
        default="codebook",
        help_text="Of claims: diverging ones first, the codebook's, or alike ones together.",
    )
    verdict = ChoicesParameter(
        Verdict, required=False, help_text="Only claims with these verdicts."
    )
    offset = serializers.IntegerField(
        min_value=0,
        max_value=10**9,
        default=0,
        help_text="Where the window of sources begins; from `next` or `previous`.",
    )


class ComparedSourceOut(ApiSerializer):
    id = SourceIdField()
    title = serializers.CharField(help_text="The source's title.")
    publisher = serializers.CharField(help_text="Who published it; empty if unknown.")
    published = serializers.CharField(help_text="2021, 2020-11 or 2020-11-25, as far as known.")
    group = serializers.CharField(help_text="The source's group; empty for none.")
    layer = serializers.ChoiceField(
        choices=Layer.values, help_text="The one that answers for this source."
    )
    example_values = {
        "title": "An article",
        "publisher": "The Paper",
        "published": "2020-11-25",
        "group": "English",
    }


class ComparedActorOut(ApiSerializer):
    actor = serializers.CharField(help_text="What its cells name it by.")
    title = serializers.CharField(help_text="Name of the group, publisher or speaker.")
    sources = serializers.ListField(
        child=serializers.IntegerField(), help_text="Ids of its sources; for a speaker, of all."
    )
    example_values = {"actor": "English", "title": "English", "sources": [3]}


class CellOut(ApiSerializer):
    source = serializers.IntegerField(
        required=False, help_text="The source's id, when compared by source; otherwise absent."
    )
    actor = serializers.CharField(
        required=False, help_text="The actor's key, when compared by anything else."
    )
    state = serializers.ChoiceField(
        choices=STATES,
        help_text=(
            "By thirds of the balance; `mentioned` if there are only passages without stance; "
            "`silent` if read to the end and nothing was found, `pending` if not yet read to the "
            "end, `unassigned` if nobody was to read it."
        ),
    )
    supports = serializers.IntegerField(help_text="Passages that support the claim.")
    opposes = serializers.IntegerField(help_text="Passages that oppose the claim.")
    mixed = serializers.IntegerField(help_text="Passages with the stance `mixed`.")
    mentioned = serializers.IntegerField(help_text="Passages without stance.")
    balance = serializers.FloatField(
        allow_null=True,
        help_text=(
            "The mean over annotators of (supports − opposes)/(supports + opposes + mixed); null "
            "without a stance."
        ),
    )
    split = serializers.BooleanField(help_text="Annotators take different sides here.")
    example_values = {"source": 3, "actor": "English"}


class ClaimOut(ApiSerializer):
    code = CodeSlugField()
    name = serializers.CharField(help_text="The code's name.")
    claim = serializers.CharField(help_text="The sentence that passages support or oppose.")
    verdict = serializers.ChoiceField(
        choices=list(Verdict),
        help_text=(
            "Over all sources in question, whatever the window: `agree` if at least two take a "
            "side and all the same one, `diverge` if both sides are taken, `single` if one alone "
            "takes a side, else `unaddressed`. A mixed position takes no side."
        ),
    )
    tentative = serializers.BooleanField(help_text="Coders agree too little on this code.")
    alpha = serializers.FloatField(
        allow_null=True,
        help_text=(
            "Krippendorff's α of the code by sentences: of the annotators asked for if they are "
            "several, else of all."
        ),
    )
    reason = serializers.CharField(
        allow_null=True,
        help_text=(
            f"Why there is no α: {', '.join(f'`{reason.value}`' for reason in EXPLANATIONS)}, or "
            f"`{NOT_OPEN}` where agreement is not open to you."
        ),
    )
    divergence = serializers.FloatField(
        allow_null=True,
        help_text="Variance of the balances, 0 to 1; null where fewer than two take a stance.",
    )
    sides = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many support it, how many oppose it."
    )
    cells = CellOut(
        many=True, help_text="One for each source or actor of this window, in the same order."
    )
    example_values = {
        "code": "article-4",
        "name": "Article 4",
        "claim": "The alliance failed its member.",
        "reason": None,
    }


class TotalsOut(ApiSerializer):
    sources = serializers.IntegerField(help_text="Number of sources.")
    claims = serializers.IntegerField(help_text="Number of claims.")
    passages = serializers.IntegerField(help_text="Number of passages that take part.")


class ComparisonOut(ApiSerializer):
    layer = serializers.ChoiceField(
        choices=[*Layer.values, "both"],
        help_text="The layer that answers; `both` if that differs by source.",
    )
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="Those whose individual coding takes part."
    )
    voice = serializers.CharField(help_text="Whose passages take part, as in the request.")
    by = serializers.ChoiceField(choices=list(ACTORS), help_text="Whose positions are compared.")
    sources = ComparedSourceOut(
        many=True, help_text="The sources of this window, when compared by source; otherwise empty."
    )
    actors = ComparedActorOut(
        many=True,
        help_text="The actors of this window; empty when compared by source.",
    )
    unnamed = serializers.IntegerField(
        help_text="Sources left out for having no group or publisher to be compared by."
    )
    total = TotalsOut(help_text="In all windows together.")
    next = serializers.URLField(
        allow_null=True, help_text="URL of the next window of sources. Null on the last one."
    )
    previous = serializers.URLField(
        allow_null=True, help_text="URL of the window before. Null on the first one."
    )
    claims = ClaimOut(many=True, help_text="The claims, in the order asked for.")
    example_values = {"annotators": ["coder-a", "coder-b"], "next": None, "previous": None}


def parse_comparison_parameters(request: Request) -> ComparisonQuery:
    """Parse the comparison query of a request."""
    given = request.query_params
    return read_comparison_query(
        {name: given.getlist(name) for name in PARAMETERS if name in given}
    )


class ComparisonView(ProjectView):
    @extend_schema(
        operation_id="comparison_read",
        summary="Where sources agree, diverge and stay silent",
        description=(
            "Claims × sources, or whoever is compared. Owners and adjudicators may ask for any "
            "layer, annotators for the consensus and their own coding, viewers for the consensus. "
            f"With more than {MOST_CELLS:,} cells, sources come in windows; verdicts are always "
            "over all of them."
        ),
        parameters=[ComparisonParameters],
        responses={200: ComparisonOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(ComparisonParameters, request)
        found = build_comparison_report(self.scope, parse_comparison_parameters(request))
        places = sort_claims(found, asked["order"], asked.get("verdict", ()))
        order = sort_actors(found, asked["order"])
        size = max(1, MOST_CELLS // max(1, len(places)))
        window = order[asked["offset"] : asked["offset"] + size]
        return Response(
            {
                **_serialize_comparison_header(found),
                **_serialize_compared_columns(found, window),
                **_build_window_links(request, asked["offset"], size, len(order)),
                "claims": [_serialize_compared_claim(found, place, window) for place in places],
            }
        )


def _serialize_comparison_header(found: ComparisonReport) -> dict[str, Any]:
    return {
        "layer": found.layer,
        "annotators": list(found.annotators),
        "voice": found.question.voice,
        "by": found.question.by,
        "unnamed": found.unnamed,
        "total": {
            "sources": found.sources,
            "claims": len(found.claims),
            "passages": found.passages,
        },
    }


def _serialize_compared_columns(found: ComparisonReport, window: Iterable[int]) -> dict[str, Any]:
    if found.question.by != "source":
        actors = [
            {
                "actor": found.actors[place].key,
                "title": found.actors[place].name,
                "sources": [source.pk for source in found.members[place]],
            }
            for place in window
        ]
        return {"sources": [], "actors": actors}
    sources = [
        {
            "id": source.pk,
            "title": source.title,
            "publisher": source.publisher,
            "published": source.published,
            "group": source.group,
            "layer": found.layers[place],
        }
        for place in window
        for source in found.members[place]
    ]
    return {"sources": sources, "actors": []}


def _build_window_links(request: Request, offset: int, size: int, total: int) -> dict[str, Any]:
    def at(place: int) -> str:
        pairs = [
            (name, value)
            for name, values in request.query_params.lists()
            for value in values
            if name != "offset"
        ]
        query = urlencode([*pairs, ("offset", place)])
        return request.build_absolute_uri(f"{request.path}?{query}")

    return {
        "next": at(offset + size) if offset + size < total else None,
        "previous": at(max(0, offset - size)) if offset else None,
    }


def _serialize_compared_claim(
    found: ComparisonReport, place: int, window: list[int]
) -> dict[str, Any]:
    claim, alpha = found.claims[place], found.alphas[place]
    apart = float(found.divergence[place])
    return {
        "code": claim.slug,
        "name": claim.name,
        "claim": claim.claim,
        "verdict": found.verdicts[place].value,
        "tentative": found.tentative(place),
        "alpha": alpha.value,
        "reason": alpha.reason,
        "divergence": None if isnan(apart) else apart,
        "sides": {
            "supports": int(found.sides.supports[place]),
            "opposes": int(found.sides.opposes[place]),
        },
        "cells": _serialize_claim_cells(found, place, window),
    }


def _serialize_claim_cells(
    found: ComparisonReport, claim: int, window: list[int]
) -> list[dict[str, Any]]:
    cells = found.matrix
    if found.question.by == "source":
        names: list[dict[str, Any]] = [{"source": found.members[n][0].pk} for n in window]
    else:
        names = [{"actor": found.actors[n].key} for n in window]
    counts = [getattr(cells, name)[window, claim].tolist() for name in COUNTS]
    rows = zip(
        names,
        cells.state[window, claim].tolist(),
        cells.balance[window, claim].tolist(),
        cells.split[window, claim].tolist(),
        *counts,
        strict=True,
    )
    return [
        {
            **name,
            "state": STATES[state],
            **dict(zip(COUNTS, numbers, strict=True)),
            "balance": None if isnan(balance) else balance,
            "split": split,
        }
        for name, state, balance, split, *numbers in rows
    ]
