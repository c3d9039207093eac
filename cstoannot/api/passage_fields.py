"""Fields of passages, as several resources return them."""

from functools import partial

from rest_framework import serializers

from cstoannot.annotations.models import Layer
from cstoannot.codebook.meaning import ANY, MEANINGS

SourceIdField = partial(serializers.IntegerField, help_text="The source's id.")
CodeSlugField = partial(serializers.CharField, help_text="The code's slug.")
StartField = partial(
    serializers.IntegerField, help_text="The passage's first code point, counted from 0."
)
EndField = partial(
    serializers.IntegerField,
    help_text="The code point after the passage's last one: half-open, text[start:end].",
)
QuoteField = partial(serializers.CharField, help_text="The passage: text[start:end].")
StanceField = partial(
    serializers.CharField,
    help_text="Stance towards the code's claim: supports, opposes or mixed; empty for none.",
)
VoiceField = partial(
    serializers.CharField, help_text="The speaker's name; empty for the source's author."
)
AnnotatorField = partial(serializers.CharField, help_text="The annotator's user name.")
MeaningField = partial(
    serializers.ChoiceField,
    choices=MEANINGS,
    default=ANY,
    help_text=(
        "`current` leaves out what was coded under an older meaning of its code: a change of its "
        "claim, definition, include or exclude."
    ),
)
RoundNameField = partial(
    serializers.CharField,
    required=False,
    max_length=100,
    trim_whitespace=False,
    help_text="Only sources of the round of this name. For those who hand out work.",
)
StaleCountField = partial(
    serializers.IntegerField,
    help_text="Passages among these made under an older meaning of their code.",
)
ReadBeforeField = partial(
    serializers.IntegerField,
    help_text="Sources among these that somebody finished before the code existed.",
)
LayerField = partial(
    serializers.ChoiceField,
    choices=Layer.values,
    help_text="individual: one annotator's coding. consensus: the team's decision.",
)

ReadByField = partial(
    serializers.IntegerField,
    help_text="Annotators who read the source for this code; 0 in the consensus.",
)
MarkedByField = partial(
    serializers.IntegerField,
    help_text="How many of them marked something in the passage; 0 in the consensus.",
)


class _TiesField(serializers.ListField):
    child = serializers.ChoiceField(choices=["stance", "voice"])


TiedField = partial(
    _TiesField, help_text="Which of stance and voice a tie between the annotators decided."
)

PASSAGE_EXAMPLE = {
    "source": 3,
    "code": "article-4",
    "start": 812,
    "end": 830,
    "quote": "did not come to us",
    "stance": "supports",
    "voice": "",
    "annotator": "coder-a",
}
