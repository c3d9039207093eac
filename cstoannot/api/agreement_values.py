"""A coefficient in the API: its value, its interval and what both rest on."""

from typing import Any

from rest_framework import serializers

from cstoannot.api.fields import ApiSerializer
from cstoannot.api.passage_fields import (
    CodeSlugField,
    ReadBeforeField,
    SourceIdField,
    StaleCountField,
)
from cstoannot.stats.results import (
    EXPLANATIONS,
    INTERVAL_EXPLANATIONS,
    Coefficient,
    IntervalMethod,
)


class ValueOut(ApiSerializer):
    value = serializers.FloatField(allow_null=True, help_text="Null where undefined.")
    interval = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Its two ends, or null."
    )
    interval_method = serializers.ChoiceField(
        choices=[method.value for method in IntervalMethod if method is not IntervalMethod.NONE],
        allow_null=True,
        help_text="How the interval was computed; null without one.",
    )
    interval_level = serializers.FloatField(allow_null=True, help_text="Its level: 0.95.")
    interval_basis = serializers.IntegerField(
        allow_null=True,
        help_text="What it rests on: how many sources; for gwet units, for krippendorff pairs of "
        "values.",
    )
    replicates = serializers.IntegerField(
        allow_null=True, help_text="Replicates of a bootstrap; null for other methods."
    )
    undefined_replicates = serializers.IntegerField(
        allow_null=True, help_text="Those without a value, which are left out."
    )
    interval_reason = serializers.ChoiceField(
        choices=[reason.value for reason in INTERVAL_EXPLANATIONS],
        allow_null=True,
        help_text="Why a value has no interval.",
    )
    n = serializers.IntegerField(help_text="Units or passages compared.")
    reason = serializers.ChoiceField(
        choices=[reason.value for reason in EXPLANATIONS],
        allow_null=True,
        help_text="Why there is no value.",
    )
    example_values = {
        "value": 0.71,
        "interval": [0.66, 0.76],
        "interval_method": "jackknife",
        "interval_level": 0.95,
        "interval_basis": 12,
        "replicates": None,
        "undefined_replicates": None,
        "interval_reason": None,
        "n": 1204,
        "reason": None,
    }


class CodeValueOut(ValueOut):
    code = CodeSlugField()
    stale = StaleCountField()
    read_before = ReadBeforeField()
    prevalence = serializers.FloatField(
        allow_null=True, help_text="Share of the single judgements that are positive."
    )
    example_values = {"code": "article-4", "prevalence": 0.06}


class PairValueOut(ValueOut):
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="User names of the two annotators."
    )
    stale = StaleCountField()
    example_values = {"annotators": ["coder-a", "coder-b"]}


class SourceValueOut(ValueOut):
    source = SourceIdField()  # type: ignore[assignment]
    stale = StaleCountField()
    example_values = {"source": 3}


def serialize_agreement_value(result: Coefficient) -> dict[str, Any]:
    interval = result.interval
    return {
        "value": result.value,
        "interval": [interval.low, interval.high] if interval else None,
        "interval_method": interval.method.value if interval else None,
        "interval_level": interval.level if interval else None,
        "interval_basis": interval.drawn if interval else None,
        "replicates": interval.replicates or None if interval else None,
        "undefined_replicates": interval.undefined if interval and interval.replicates else None,
        "interval_reason": result.no_interval.value if result.no_interval else None,
        "n": result.n,
        "reason": result.reason.value if result.reason else None,
    }
