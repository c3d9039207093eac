from collections.abc import Iterable
from math import isnan
from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_query_parameters
from cstoannot.api.comparison_serializers import (
    STATES,
    ComparisonOut,
    ComparisonParameters,
)
from cstoannot.api.schema import PROBLEMS
from cstoannot.comparison.comparison_query import (
    PARAMETERS,
    ComparisonQuery,
    read_comparison_query,
)
from cstoannot.comparison.passages import (
    READER_COUNTS,
    collect_reader_counts,
    count_early_readers,
)
from cstoannot.comparison.reports import (
    ComparisonReport,
    build_comparison_report,
    list_alpha_limits,
    sort_actors,
    sort_claims,
)

MOST_CELLS = 20_000
"""In one response; with more, sources are returned in windows."""
COUNTS = ("supports", "opposes", "mixed", "mentioned")


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
        "voice": list(found.question.voices),
        "by": found.question.by,
        "meaning": found.question.meaning,
        "unnamed": len(found.unnamed),
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
    claim, agreement = found.claims[place], found.agreement[place]
    alpha, *alpha_limits = list_alpha_limits(agreement.alpha)
    stance, *stance_limits = list_alpha_limits(agreement.stance)
    apart = float(found.divergence[place])
    return {
        "code": claim.slug,
        "name": claim.name,
        "claim": claim.claim,
        "verdict": found.verdicts[place].value,
        "tentative": list(found.tentative[place]),
        "alpha": alpha,
        "alpha_interval": alpha_limits if agreement.alpha.interval else None,
        "reason": agreement.alpha.reason,
        "stance_alpha": stance,
        "stance_alpha_interval": stance_limits if agreement.stance.interval else None,
        "stale": found.stale[place],
        "read_before": found.read_before[place],
        "divergence": None if isnan(apart) else apart,
        "sides": found.sides.of_claim(place),
        "cells": _serialize_claim_cells(found, place, window),
    }


def _serialize_claim_cells(
    found: ComparisonReport, claim: int, window: list[int]
) -> list[dict[str, Any]]:
    cells = found.matrix
    if found.question.by == "source":
        names: list[dict[str, Any]] = [
            {"source": found.members[n][0].pk, **_serialize_readers(found, n, claim)}
            for n in window
        ]
    else:
        names = [{"actor": found.actors[n].key} for n in window]
    counts = [getattr(cells, name)[window, claim].tolist() for name in COUNTS]
    rows = zip(
        names,
        cells.state[window, claim].tolist(),
        cells.balance[window, claim].tolist(),
        *counts,
        strict=True,
    )
    return [
        {
            **name,
            "state": STATES[state],
            **dict(zip(COUNTS, numbers, strict=True)),
            "balance": None if isnan(balance) else balance,
        }
        for name, state, balance, *numbers in rows
    ]


def _serialize_readers(found: ComparisonReport, actor: int, claim: int) -> dict[str, Any]:
    counts = dict(collect_reader_counts(found, actor, claim)) or dict.fromkeys(READER_COUNTS, 0)
    return {
        "read_by": counts.pop("read_by"),
        "read_before": count_early_readers(found, actor, claim),
        "readers": counts,
    }
