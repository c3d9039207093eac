"""Bodies, parameters and responses of decisions."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    ChoicesParameter,
    StrictCharField,
    StrictIntegerField,
)
from cstoannot.api.passage_fields import (
    PASSAGE_EXAMPLE,
    CodeSlugField,
    EndField,
    QuoteField,
    SourceIdField,
    StanceField,
    StartField,
    VoiceField,
)
from cstoannot.decisions.models import Outcome
from cstoannot.decisions.places import (
    DecidablePlace,
    DecisionRecord,
    PlaceState,
    ProposedPassage,
    WeighedReading,
)

_SAID = {
    name: PASSAGE_EXAMPLE[name] for name in ("code", "start", "end", "quote", "stance", "voice")
}
DECISION_SENT = OpenApiExample(
    "Adopt a reading",
    value={"outcome": "adopted", "reading": 1, "reason": "The request is named."},
    request_only=True,
)
AGREED = OpenApiExample("One source", value={"source": 3}, request_only=True)


class DecidedPassageOut(ApiSerializer):
    code = CodeSlugField()
    start = StartField()
    end = EndField()
    quote = QuoteField()
    stance = StanceField()
    voice = VoiceField()
    example_values = _SAID


class WeighedReadingOut(ApiSerializer):
    reading = serializers.IntegerField(help_text="Its number at this place, in no order of coders.")
    coders = serializers.IntegerField(help_text="How many coders marked this, all alike.")
    annotators = serializers.ListField(
        child=serializers.CharField(),
        help_text="Their user names; empty while the place is not decided.",
    )
    annotations = DecidedPassageOut(many=True, help_text="What they marked; none for nothing.")
    example_values = {"reading": 1, "coders": 2, "annotators": []}


class DecisionOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the decision.")
    outcome = serializers.ChoiceField(choices=Outcome.choices, help_text="How the place ended.")
    readings = serializers.ListField(
        child=serializers.IntegerField(), help_text="Numbers of the readings that stand."
    )
    annotations = DecidedPassageOut(many=True, help_text="The passages that it leaves.")
    reason = serializers.CharField(help_text="Why; may be empty.")
    rule = serializers.CharField(help_text="A rule for the codebook; may be empty.")
    by = serializers.CharField(allow_null=True, help_text="Who decided: a user name.")
    at = serializers.DateTimeField(help_text="When it was decided.")
    elsewhere = serializers.BooleanField(help_text="Made in another program, and brought in.")
    version = serializers.IntegerField(help_text="How often it was decided.")
    example_values = {"outcome": "adopted", "readings": [1], "by": "lead", "version": 1}


class DecidablePlaceOut(ApiSerializer):
    id = serializers.UUIDField(
        help_text="The place as its coding stands; kept once the place is decided."
    )
    source = SourceIdField()
    start = StartField(help_text="First code point of the place, from 0.")
    end = EndField(help_text="The code point after the place's last one.")
    state = serializers.ChoiceField(
        choices=[state.value for state in PlaceState],
        help_text=(
            "undecided; decided; again: the coding has changed since. Where adjudicators decide "
            "apart, waiting: you have decided, another has not; differs: two decided differently."
        ),
    )
    agreed = serializers.BooleanField(
        help_text="All readers marked the same, within the bounds that the project allows."
    )
    version = serializers.IntegerField(
        help_text="Send it as If-Match when you change somebody else's decision; 0 without one."
    )
    kinds = serializers.ListField(
        child=serializers.CharField(), help_text="Everything that differs here."
    )
    read_by = serializers.IntegerField(help_text="Annotators who read the place.")
    readings = WeighedReadingOut(many=True, help_text="What was marked here, without names.")
    majority = DecidedPassageOut(many=True, help_text="What most coders marked here.")
    decision = DecisionOut(
        allow_null=True, help_text="The decision; where adjudicators decide apart, your own."
    )
    apart = DecisionOut(many=True, help_text="Two decisions that differ.")
    example_values = {"state": "undecided", "agreed": False, "version": 0, "kinds": ["boundary"]}


class PassageIn(ApiSerializer):
    code = StrictCharField(max_length=60, help_text="The code's slug.")
    start = StrictIntegerField(help_text="The passage's first code point, from 0.")
    end = StrictIntegerField(help_text="The code point after the passage's last one.")
    quote = StrictCharField(
        required=False, help_text="If given, it must be what stands from start to end, or 422."
    )
    stance = StrictCharField(required=False, help_text="supports, opposes, mixed, or empty.")
    voice = StrictCharField(required=False, help_text="A speaker's name; empty for the author.")
    example_values = _SAID


class DecisionIn(ApiSerializer):
    outcome = StrictCharField(help_text=f"One of: {', '.join(Outcome.values)}.")
    reading = StrictIntegerField(
        required=False, allow_null=True, help_text="With adopted: the reading's number."
    )
    readings = serializers.ListField(
        child=StrictIntegerField(),
        required=False,
        help_text="With plural: the numbers of the readings that stand.",
    )
    annotations = PassageIn(
        many=True, required=False, help_text="With edited: the passages that it leaves."
    )
    reason = StrictCharField(required=False, help_text="Why.")
    rule = StrictCharField(
        required=False, help_text="What the codebook should say from now on; may be empty."
    )


class DecisionParameters(ApiSerializer):
    source = serializers.IntegerField(
        required=False, min_value=0, max_value=2**63 - 1, help_text="A source's id."
    )
    state = ChoicesParameter(
        [state.value for state in PlaceState],
        required=False,
        help_text="undecided, decided, again, waiting, differs; by commas.",
    )


class AdoptIn(ApiSerializer):
    source = StrictIntegerField(
        required=False, allow_null=True, help_text="A source's id; without it, all sources."
    )


class AdoptParameters(ApiSerializer):
    dry_run = BooleanParameter(required=False, help_text="true: change nothing, only count.")


class AdoptionOut(ApiSerializer):
    dry_run = serializers.BooleanField(help_text="Whether nothing was changed.")
    places = serializers.IntegerField(help_text="How many places were adopted, or would be.")
    passages = serializers.IntegerField(help_text="How many passages the decisions leave.")
    sources = serializers.IntegerField(help_text="In how many sources.")
    listed = DecidablePlaceOut(many=True, help_text="The first 200 of them, as they were before.")
    example_values = {"dry_run": True, "places": 12, "passages": 12, "sources": 1, "listed": []}


def serialize_decidable_place(place: DecidablePlace) -> dict[str, Any]:
    plain = ("id", "source", "start", "end", "state", "agreed", "version", "read_by")
    return {
        **{name: getattr(place, name) for name in plain},
        "kinds": list(place.kinds),
        "readings": [_serialize_reading(one) for one in place.readings],
        "majority": serialize_passages(place.majority),
        "decision": place.decision and _serialize_decision(place.decision),
        "apart": [_serialize_decision(one) for one in place.apart],
    }


def _serialize_reading(reading: WeighedReading) -> dict[str, Any]:
    return {
        "reading": reading.number,
        "coders": reading.coders,
        "annotators": list(reading.annotators),
        "annotations": serialize_passages(reading.passages),
    }


def serialize_passages(passages: Iterable[ProposedPassage]) -> list[dict[str, Any]]:
    """Return what passages say; nothing by which their coders could be found."""
    fields = ("code", "start", "end", "quote", "stance", "voice")
    return [{name: getattr(one, name) for name in fields} for one in passages]


def _serialize_decision(record: DecisionRecord) -> dict[str, Any]:
    plain = ("id", "outcome", "reason", "rule", "by", "at", "elsewhere", "version")
    return {
        **{name: getattr(record, name) for name in plain},
        "readings": list(record.reading_numbers),
        "annotations": serialize_passages(record.passages),
    }
