"""Bodies, parameters and responses of annotations."""

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from cstoannot.annotations.models import Layer, Stance
from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    ChoicesParameter,
    DateTimeParameter,
    IdsParameter,
    RepeatedParameter,
    StrictCharField,
    StrictIntegerField,
    StrictUUIDField,
    WordsParameter,
)
from cstoannot.api.passage_fields import (
    PASSAGE_EXAMPLE,
    AnnotatorField,
    CodeSlugField,
    EndField,
    LayerField,
    MarkedByField,
    MeaningField,
    QuoteField,
    ReadByField,
    RoundNameField,
    SourceIdField,
    StanceField,
    StartField,
    TiedField,
    VoiceField,
)
from cstoannot.api.schema import PageLinks, build_either_schema
from cstoannot.comparison.comparison_query import MAJORITY

_SAID = {
    "source": 3,
    "code": "article-4",
    "start": 812,
    "end": 830,
    "quote": "did not come to us",
    "stance": "supports",
    "voice": "",
    "note": "",
}
SENT = OpenApiExample("A passage", value=_SAID, request_only=True)
_KEPT = {
    "id": "0197d1a2-7c44-7b1e-9f3a-5d0c8e6b2a10",
    **_SAID,
    "annotator": "coder-a",
    "layer": "individual",
    "version": 1,
    "revision": 4,
    "stale": False,
    "created_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-01-31T12:00:00Z",
    "after_look": False,
}
ANSWERED = OpenApiExample(
    "A passage, as kept", value=_KEPT, response_only=True, status_codes=["200", "201"]
)
SENT_MANY = OpenApiExample(
    "Two passages",
    value=[_SAID, {"source": 3, "code": "article-4", "start": 0, "end": 31}],
    request_only=True,
)
ANSWERED_MANY = OpenApiExample(
    "Passages, as kept", value=[_KEPT], response_only=True, status_codes=["200", "201"]
)


class AnnotationOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Made by the client; version 7 by preference.")
    source = SourceIdField()
    code = CodeSlugField()
    start = StartField()
    end = EndField()
    quote = QuoteField()
    stance = serializers.ChoiceField(
        choices=Stance.choices,
        allow_blank=True,
        help_text="Stance towards the code's claim; empty for none.",
    )
    voice = VoiceField()
    note = serializers.CharField(help_text="The annotator's note; may be empty.")
    annotator = AnnotatorField(allow_null=True, help_text="User name. Null in the consensus layer.")
    layer = LayerField()
    version = serializers.IntegerField(help_text="Send it as If-Match when you change this.")
    revision = serializers.IntegerField(help_text="The codebook's revision it was made under.")
    stale = serializers.BooleanField(help_text="The code's meaning has changed since.")
    created_at = serializers.DateTimeField(help_text="When it was created.")
    updated_at = serializers.DateTimeField(help_text="When it was last changed.")
    after_look = serializers.BooleanField(
        allow_null=True,
        help_text=(
            "True if it was saved after its annotator had seen the coding of others on this "
            "source. Null if you may not know: annotators are told of their own annotations only."
        ),
    )
    example_values = _KEPT


class MajorityPassageOut(ApiSerializer):
    source = SourceIdField()
    code = CodeSlugField()
    start = StartField()
    end = EndField()
    quote = QuoteField()
    stance = StanceField()
    voice = VoiceField()
    layer = serializers.ChoiceField(choices=[MAJORITY], help_text="majority: it is computed.")
    read_by = ReadByField()
    marked_by = MarkedByField()
    tied = TiedField()
    example_values = {
        **PASSAGE_EXAMPLE,
        "layer": MAJORITY,
        "read_by": 3,
        "marked_by": 2,
        "tied": ["stance"],
    }


class AnnotationIn(ApiSerializer):
    source = StrictIntegerField(help_text="The source's id.")
    code = StrictCharField(max_length=60, help_text="The code's slug.")
    start = StrictIntegerField(help_text="The passage's first code point, from 0.")
    end = StrictIntegerField(help_text="The code point after the passage's last one.")
    quote = StrictCharField(
        required=False, help_text="If given, it must be what stands from start to end, or 422."
    )
    stance = StrictCharField(required=False, help_text="supports, opposes, mixed, or empty.")
    voice = StrictCharField(required=False, help_text="A speaker's name; empty for the author.")
    note = StrictCharField(required=False, help_text="Any remark on the passage.")
    example_values = _SAID


class LayeredAnnotationIn(AnnotationIn):
    layer = StrictCharField(
        required=False,
        help_text="individual unless said otherwise; consensus for what the team decided "
        "elsewhere, by owners and adjudicators.",
    )
    reason = StrictCharField(
        required=False,
        help_text="Why the team decided so; needed in the consensus, and only there.",
    )


class NewAnnotation(LayeredAnnotationIn):
    id = StrictUUIDField(required=False, help_text="An id of your own; without it one is made.")


class AnnotationParameters(ApiSerializer):
    source = IdsParameter(required=False, help_text="Source ids, by commas.")
    round = RoundNameField()
    code = WordsParameter(required=False, help_text="Code slugs, by commas.")
    descendants = BooleanParameter(required=False, help_text="With the codes below those named.")
    annotator = WordsParameter(required=False, help_text="User names, by commas.")
    layer = serializers.ChoiceField(
        choices=Layer.values,
        required=False,
        help_text="Only this layer: what annotators said, or what the team decided.",
    )
    stance = ChoicesParameter(
        ["supports", "opposes", "mixed", "none"],
        required=False,
        help_text="supports, opposes, mixed, none; by commas.",
    )
    voice = RepeatedParameter(
        required=False, help_text="A speaker's name in any spelling; empty for the author."
    )
    stale = BooleanParameter(
        required=False,
        help_text=(
            "true: only annotations made before their code's meaning last changed; false: only "
            "the others."
        ),
    )
    meaning = MeaningField()
    q = serializers.CharField(
        required=False, max_length=500, help_text="Words in the passage or in the note."
    )
    updated_since = DateTimeParameter(
        required=False, help_text="Only annotations changed at this time (ISO 8601) or later."
    )


class AnnotationListParameters(AnnotationParameters):
    layer = serializers.ChoiceField(
        choices=[*Layer.values, MAJORITY],
        required=False,
        help_text=(
            "Only this layer: what annotators said, or what the team decided. `majority`: the "
            "stretches that more than half of those who read the source marked, computed."
        ),
    )


@extend_schema_field(
    build_either_schema("AnnotationOrMajorityPassage", AnnotationOut, MajorityPassageOut)
)
class _AnnotationRowsField(serializers.ListField):
    """Rows of one of the two shapes."""


class PageOfAnnotations(PageLinks):
    results = _AnnotationRowsField(help_text="Rows of this page.")
