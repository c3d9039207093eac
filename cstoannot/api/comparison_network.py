from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_query_parameters
from cstoannot.api.comparison import parse_comparison_parameters
from cstoannot.api.comparison_serializers import CodebookChangesOut, ComparedCodingParameters
from cstoannot.api.fields import ApiSerializer, BooleanParameter
from cstoannot.api.passage_fields import (
    PASSAGE_EXAMPLE,
    AnnotatorField,
    CodeSlugField,
    EndField,
    QuoteField,
    SourceIdField,
    StanceField,
    StartField,
    VoiceField,
)
from cstoannot.api.schema import PROBLEMS
from cstoannot.comparison.network import MOST_EDGES, Network, NetworkEdge, build_network
from cstoannot.comparison.network_edges import (
    EdgePart,
    EdgeReport,
    build_edge_parts,
    build_edge_report,
)
from cstoannot.comparison.network_query import (
    ALL_NORMALISATIONS,
    NETWORKS,
    NORMALISATIONS,
    REPEATS,
    SCALES,
    NetworkQuery,
)
from cstoannot.core.errors import Invalid

MOST_LISTED, MOST_WITH_CLAIMS, MOST_PASSAGES = 5_000, 500, 1_000


class NetworkParameters(ComparedCodingParameters):
    network = serializers.ChoiceField(
        choices=list(NETWORKS),
        default=NetworkQuery.network,
        help_text=(
            "Between those compared: congruence, conflict, `subtract` (congruence − conflict) or "
            "`co_mention` (their sum). `two_mode_…`: between them and the claims."
        ),
    )
    normalisation = serializers.ChoiceField(
        choices=ALL_NORMALISATIONS,
        required=False,
        help_text=(
            "What weights are divided by. Between those compared `average_activity` without it: "
            f"{', '.join(NORMALISATIONS['one_mode'])} (`product_of_totals` is what DNA calls "
            f"cosine); with claims `none` without it: {', '.join(NORMALISATIONS['two_mode'])}."
        ),
    )
    levels = serializers.ChoiceField(
        choices=[str(number) for number in SCALES],
        default=str(NetworkQuery.levels),
        help_text="2: opposes, supports. 3: with mixed in the middle.",
    )
    repeats = serializers.ChoiceField(
        choices=REPEATS,
        default=NetworkQuery.repeats,
        help_text=(
            "Keep all passages, or count what the same actor says again on the same claim once "
            "per source, calendar week (ISO), month, year, or over the whole range; the first by "
            "date, then by id. Sources not dated closely enough are a window each."
        ),
    )
    ignore_stance = BooleanParameter(
        required=False, help_text="Take passages of another stance for repeats, too."
    )
    threshold = serializers.FloatField(
        default=NetworkQuery.threshold, help_text="The least size of a weight, after normalisation."
    )
    limit = serializers.IntegerField(
        default=500,
        min_value=1,
        max_value=MOST_LISTED,
        help_text=(
            f"Edges in the answer, the strongest ones; at most {MOST_LISTED:,}, with claims "
            f"{MOST_WITH_CLAIMS}. The files of the network's page hold {MOST_EDGES:,}."
        ),
    )
    claims = BooleanParameter(
        required=False, help_text="With each edge, what every claim adds to it."
    )
    first = serializers.CharField(
        required=False, max_length=400, help_text="With `second`: this edge alone, by its keys."
    )
    second = serializers.CharField(
        required=False, max_length=400, help_text="The edge's other end; only with `first`."
    )
    passages = BooleanParameter(
        required=False,
        help_text=(
            f"With `first` and `second`: the passages that make the edge, at most "
            f"{MOST_PASSAGES:,}, with what it would be without each."
        ),
    )


class NetworkNodeOut(ApiSerializer):
    key = serializers.CharField(help_text="A source's id, a name, or a code's slug.")
    name = serializers.CharField(
        help_text="The source's title, the actor's name, or the code's name."
    )
    kind = serializers.ChoiceField(
        choices=["actor", "claim"], help_text="What the node stands for."
    )
    passages = serializers.IntegerField(
        help_text="Passages that count: with a stance of the scale, without repeats."
    )
    supports = serializers.IntegerField(help_text="Of these, passages that support the claim.")
    opposes = serializers.IntegerField(help_text="Of these, passages that oppose the claim.")
    mixed = serializers.IntegerField(help_text="Of these, passages with the stance `mixed`.")
    example_values = {"key": "3", "name": "An article"}


class EdgeClaimOut(ApiSerializer):
    code = CodeSlugField()
    first = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Passages of the first at each level: opposes, (mixed,) supports.",
    )
    second = serializers.ListField(
        child=serializers.IntegerField(), help_text="Of the second; empty if that is a claim."
    )
    congruence = serializers.FloatField(help_text="With a claim: supporting passages.")
    conflict = serializers.FloatField(help_text="With a claim: opposing passages.")
    weight = serializers.FloatField(help_text="What it adds, before normalisation.")
    example_values = {"code": "article-4"}


class EdgePassageOut(ApiSerializer):
    id = serializers.UUIDField(allow_null=True, help_text="Null in the majority without names.")
    actor = serializers.CharField(help_text="Key of the node whose passage it is.")
    code = CodeSlugField()
    source = SourceIdField()
    start = StartField()
    end = EndField()
    quote = QuoteField()
    stance = StanceField()
    voice = VoiceField()
    annotator = AnnotatorField(allow_null=True, help_text="User name. Null in the consensus layer.")
    repeat = serializers.BooleanField(help_text="Whether it repeats another and does not count.")
    left = serializers.FloatField(help_text="The edge's weight without it, not normalised.")
    carries = serializers.BooleanField(help_text="Without it, the sign is another, or 0.")
    example_values = {**PASSAGE_EXAMPLE, "actor": "3"}


class NetworkEdgeOut(ApiSerializer):
    first = serializers.CharField(help_text="Key of the node at one end.")
    second = serializers.CharField(
        help_text="Key of the node at the other end; in two-mode networks, a code's slug."
    )
    weight = serializers.FloatField(help_text="The edge's weight, after normalisation.")
    congruence = serializers.FloatField(
        help_text="Not normalised; in two-mode networks, supporting passages."
    )
    conflict = serializers.FloatField(
        help_text="Not normalised; in two-mode networks, opposing passages."
    )
    shared_claims = serializers.IntegerField(
        help_text="Number of claims that contribute to the edge."
    )
    carried = serializers.BooleanField(
        help_text="There is a passage without which the weight has another sign or is 0."
    )
    claims = EdgeClaimOut(
        many=True,
        required=False,
        help_text="What each claim contributes; only if `claims` was asked for, or for one edge.",
    )
    passages = EdgePassageOut(
        many=True, required=False, help_text="The passages behind the edge; only if asked for."
    )
    passages_total = serializers.IntegerField(
        required=False, help_text="Number of passages behind the edge, including those not listed."
    )
    example_values = {"first": "3", "second": "5"}


class LeftOutOut(ApiSerializer):
    without_stance = serializers.IntegerField(help_text="Passages without stance.")
    mixed = serializers.IntegerField(help_text="Passages with the stance `mixed`, with two levels.")
    repeats = serializers.IntegerField(
        help_text="Passages that repeat another one under the rule of repeats."
    )
    undated_sources = serializers.IntegerField(
        help_text="Sources not dated as closely as the rule of repeats asks; not left out."
    )
    silent = serializers.IntegerField(
        help_text="Actors without any passage that counts, read to the end."
    )
    pending = serializers.IntegerField(
        help_text="Actors without any passage that counts, not yet read to the end for every claim."
    )
    partly_read = serializers.IntegerField(
        help_text="Actors with passages, of which a source is not read to the end for every claim."
    )


class NetworkOut(CodebookChangesOut):
    network = serializers.CharField(help_text="Kind of network.")
    normalisation = serializers.CharField(help_text="What weights are divided by.")
    levels = serializers.IntegerField(help_text="Levels of the stance scale: 2 or 3.")
    repeats = serializers.CharField(help_text="The rule by which repeated passages count.")
    ignore_stance = serializers.BooleanField(
        help_text="Whether passages with another stance are repeats, too."
    )
    threshold = serializers.FloatField(
        help_text="Least absolute weight of an edge, after normalisation."
    )
    by = serializers.CharField(help_text="Who the actors are.")
    voice = serializers.ListField(
        child=serializers.CharField(), help_text="Whose passages take part, as in the request."
    )
    passages = serializers.IntegerField(help_text="Number of passages that count.")
    unnamed = serializers.IntegerField(
        help_text="Sources without a group or publisher, when compared by these: one node."
    )
    left_out = LeftOutOut(help_text="Numbers of passages, sources and actors that do not count.")
    passing = serializers.IntegerField(help_text="Number of edges that reach the threshold.")
    nodes = NetworkNodeOut(many=True, help_text="The actors, and in two-mode networks the claims.")
    edges = NetworkEdgeOut(many=True, help_text="The strongest edges, strongest first.")


class ComparisonNetworkView(ProjectView):
    @extend_schema(
        operation_id="comparison_network_read",
        summary="Who stands with whom: congruence and conflict between sources or speakers",
        description=(
            "Networks after Discourse Network Analyzer. A claim of which one of the two never "
            "speaks adds nothing: silence is not conflict. Passages without stance take no part. "
            "Rights are those of `comparison/`."
        ),
        parameters=[NetworkParameters],
        responses={200: NetworkOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        query = read_query_parameters(NetworkParameters, request)
        asked = NetworkQuery(
            question=parse_comparison_parameters(request),
            network=query["network"],
            normalisation=query.get("normalisation", ""),
            levels=int(query["levels"]),
            repeats=query["repeats"],
            ignore_stance=query.get("ignore_stance", False),
            threshold=query["threshold"],
        )
        alone = _parse_single_edge(query)
        found = build_network(self.scope, asked)
        if alone:
            edges = [self._one(found, *alone, passages=query.get("passages", False))]
        else:
            edges = _serialize_network_edges(
                found, query["limit"], claims=query.get("claims", False)
            )
        return Response({**_serialize_network_header(found), "edges": edges})

    def _one(self, found: Network, first: str, second: str, *, passages: bool) -> dict[str, Any]:
        limit = MOST_PASSAGES if passages else 0
        edge = build_edge_report(self.scope, found.asked, first, second, limit=limit)
        shown = {
            "first": first,
            "second": second,
            "weight": edge.weight,
            "congruence": edge.congruence,
            "conflict": edge.conflict,
            "shared_claims": len(edge.parts),
            "carried": edge.carrying > 0,
            "claims": [_serialize_edge_claim(part) for part in edge.parts],
        }
        if passages:
            shown |= {
                "passages": _serialize_edge_passages(edge, (first, second)),
                "passages_total": edge.total,
            }
        return shown


def _parse_single_edge(query: dict[str, Any]) -> Sequence[str]:
    """Return the keys of the one requested edge; empty for all."""
    given = [query[name] for name in ("first", "second") if name in query]
    if len(given) == 1:
        raise Invalid("Give first and second together: an edge is between two.", field="second")
    if query.get("passages") and not given:
        raise Invalid("Passages come edge by edge: give first and second.", field="passages")
    return given


def _serialize_network_header(found: Network) -> dict[str, Any]:
    asked, said = found.asked, found.said
    return {
        "network": asked.network,
        "normalisation": asked.normalisation,
        "levels": asked.levels,
        "repeats": asked.repeats,
        "ignore_stance": asked.ignore_stance,
        "threshold": asked.threshold,
        "by": asked.question.by,
        "voice": list(asked.question.voices),
        "passages": len(said.rows),
        "unnamed": len(said.unnamed),
        "left_out": {
            "without_stance": said.without_stance,
            "mixed": said.mixed,
            "repeats": len(said.repeats),
            "undated_sources": said.undated,
            "silent": said.silent,
            "pending": said.pending,
            "partly_read": said.partly_read,
        },
        "meaning": asked.question.meaning,
        "stale": said.stale,
        "read_before": said.read_before,
        "passing": found.edges.passing,
        "nodes": [
            {
                "key": node.key,
                "name": node.name,
                "kind": node.kind,
                "passages": node.total,
                "supports": node.supports,
                "opposes": node.opposes,
                "mixed": node.mixed,
            }
            for node in found.nodes
        ],
    }


def _serialize_network_edges(found: Network, limit: int, *, claims: bool) -> list[dict[str, Any]]:
    if claims and limit > MOST_WITH_CLAIMS:
        raise Invalid(f"With claims, limit is at most {MOST_WITH_CLAIMS}.", field="limit")
    shown = []
    for edge in found.listed(0, limit):
        one = _serialize_network_edge(found, edge)
        if claims:
            places = found.places_of(edge)
            one["claims"] = [
                _serialize_edge_claim(part) for part in build_edge_parts(found, *places)
            ]
        shown.append(one)
    return shown


def _serialize_network_edge(found: Network, edge: NetworkEdge) -> dict[str, Any]:
    return {
        "first": found.nodes[edge.first].key,
        "second": found.nodes[edge.second].key,
        "weight": edge.weight,
        "congruence": edge.congruence,
        "conflict": edge.conflict,
        "shared_claims": edge.shared,
        "carried": edge.carried,
    }


def _serialize_edge_claim(part: EdgePart) -> dict[str, Any]:
    return {
        "code": part.claim.slug,
        "first": part.first,
        "second": part.second,
        "congruence": part.congruence,
        "conflict": part.conflict,
        "weight": part.weight,
    }


def _serialize_edge_passages(edge: EdgeReport, keys: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": said.annotation_id,
            "actor": keys[one.actor],
            "code": one.place.claim.slug,
            "source": one.place.article.source.pk,
            "start": one.place.start,
            "end": one.place.end,
            "quote": one.place.quote,
            "stance": said.stance,
            "voice": said.voice,
            "annotator": said.annotator or None,
            "repeat": passage.repeat,
            "left": passage.left,
            "carries": passage.carries,
        }
        for one in edge.stretches
        for said, passage in zip(one.place.said, one.passages, strict=True)
    ]
