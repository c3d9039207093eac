"""Parameters and responses of the comparison's addresses."""

from rest_framework import serializers

from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    ChoicesParameter,
    IdsParameter,
    RepeatedParameter,
    WordsParameter,
)
from cstoannot.api.passage_fields import (
    CodeSlugField,
    MeaningField,
    ReadBeforeField,
    RoundNameField,
    SourceIdField,
    StaleCountField,
)
from cstoannot.codebook.meaning import MEANINGS
from cstoannot.comparison.comparison_query import (
    ACTORS,
    ANSWERING_LAYERS,
    AUTHOR,
    LAYERS,
    UNNAMED,
)
from cstoannot.comparison.reports import LIMIT, NOT_OPEN, ORDERS, TentativeReason
from cstoannot.stats.comparison.positions import CellState, Verdict
from cstoannot.stats.results import EXPLANATIONS

STATES = [state.name.lower() for state in CellState]


class ComparedCodingParameters(ApiSerializer):
    """What part of the coding is compared: for every address under `comparison/`."""

    layer = serializers.ChoiceField(
        choices=LAYERS,
        required=False,
        help_text=(
            "Without it, the consensus where a source has one, else the majority: the stretches "
            "that more than half of those who read the source marked. `individual` is the coding "
            "of one annotator."
        ),
    )
    annotator = WordsParameter(
        required=False,
        help_text=(
            "User names, by commas: those over whom the majority is taken (all without it), or "
            "the one whose individual coding it is. Naming some implies the majority."
        ),
    )
    voice = RepeatedParameter(
        required=False,
        help_text=(
            f"`{AUTHOR}` (without it), `everyone`, or a speaker's name; may be repeated. "
            "`speaker:NAME` for one who is called as one of these words."
        ),
    )
    source = IdsParameter(required=False, help_text="Source ids, by commas; all without it.")
    code = WordsParameter(required=False, help_text="Code slugs, by commas; all without it.")
    descendants = BooleanParameter(required=False, help_text="With the codes below those named.")
    group = RepeatedParameter(
        required=False,
        help_text=(
            f"Groups of sources; may be repeated. `{UNNAMED}` for sources without one, `name:NAME` "
            "for one that is called so."
        ),
    )
    publisher = RepeatedParameter(required=False, help_text="The same of publishers.")
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
    meaning = MeaningField()
    round = RoundNameField()


class CodebookChangesOut(ApiSerializer):
    """What changes of the codebook mean for a result."""

    meaning = serializers.ChoiceField(choices=MEANINGS, help_text="As in the request.")
    stale = StaleCountField()
    read_before = ReadBeforeField()


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
        choices=ANSWERING_LAYERS, help_text="The one that answers for this source."
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
            "`contested` if somebody who read it marked something, but the layer has nothing; "
            "`quoted` if there is something only in voices that were not asked for; `silent` if "
            "read to the end and nothing was found in any voice, `pending` if not yet read to the "
            "end for this claim, `unassigned` if nobody was to read it."
        ),
    )
    supports = serializers.IntegerField(help_text="Passages that support the claim.")
    opposes = serializers.IntegerField(help_text="Passages that oppose the claim.")
    mixed = serializers.IntegerField(help_text="Passages with the stance `mixed`.")
    mentioned = serializers.IntegerField(help_text="Passages without stance.")
    balance = serializers.FloatField(
        allow_null=True,
        help_text=(
            "Of a source, (supports − opposes)/(supports + opposes + mixed); of others, the mean "
            "of their sources' positions (1, −1, 0), each source once. null without a stance."
        ),
    )
    read_by = serializers.IntegerField(
        required=False,
        help_text="By source: how many annotators read it for this claim; 0 with a consensus.",
    )
    read_before = serializers.IntegerField(
        required=False,
        help_text=(
            "By source: how many annotators finished it before this claim's code existed. They are "
            "missing here."
        ),
    )
    readers = serializers.DictField(
        child=serializers.IntegerField(),
        required=False,
        help_text="By source: how many of them took which side by their own passages.",
    )
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
    tentative = serializers.ListField(
        child=serializers.ChoiceField(choices=list(TentativeReason)),
        help_text=(
            "Why the verdict is tentative; empty if it is firm. `alpha`, `stance_alpha`: the "
            f"value, or the lower limit of its interval, is below {LIMIT} or unknown; "
            "`one_reader`: one annotator alone read a source that takes a side; `one_place`: a "
            "side rests on a single place."
        ),
    )
    alpha = serializers.FloatField(
        allow_null=True,
        help_text=(
            "Krippendorff's α of the code by sentences, over the sources in view: of the "
            "annotators asked for if they are several, else of all."
        ),
    )
    alpha_interval = serializers.ListField(
        child=serializers.FloatField(),
        allow_null=True,
        min_length=2,
        max_length=2,
        help_text="The 95 % interval of α.",
    )
    stance_alpha = serializers.FloatField(
        allow_null=True,
        help_text="The α of the stances, over the passages that annotators both gave the code.",
    )
    stance_alpha_interval = serializers.ListField(
        child=serializers.FloatField(),
        allow_null=True,
        min_length=2,
        max_length=2,
        help_text="The 95 % interval of the stances' α.",
    )
    reason = serializers.CharField(
        allow_null=True,
        help_text=(
            f"Why there is no α: {', '.join(f'`{reason.value}`' for reason in EXPLANATIONS)}, or "
            f"`{NOT_OPEN}` where agreement is not open to you."
        ),
    )
    stale = StaleCountField()
    read_before = ReadBeforeField()
    divergence = serializers.FloatField(
        allow_null=True,
        help_text="Variance of the balances, 0 to 1; null where fewer than two take a stance.",
    )
    sides = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many of those compared are in each state."
    )
    cells = CellOut(
        many=True, help_text="One for each source or actor of this window, in the same order."
    )
    example_values = {
        "code": "article-4",
        "name": "Article 4",
        "claim": "The alliance failed its member.",
        "alpha_interval": [0.71, 0.92],
        "stance_alpha_interval": [0.55, 0.9],
        "reason": None,
    }


class TotalsOut(ApiSerializer):
    sources = serializers.IntegerField(help_text="Number of sources.")
    claims = serializers.IntegerField(help_text="Number of claims.")
    passages = serializers.IntegerField(
        help_text="Number of passages of the layer that take part: places, whoever marked them."
    )


class ComparisonOut(ApiSerializer):
    layer = serializers.ChoiceField(
        choices=LAYERS,
        help_text="The layer that answers; `consensus_or_majority` if that differs by source.",
    )
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="Those over whom the majority is taken."
    )
    voice = serializers.ListField(
        child=serializers.CharField(), help_text="Whose passages take part, as in the request."
    )
    by = serializers.ChoiceField(choices=list(ACTORS), help_text="Whose positions are compared.")
    meaning = serializers.ChoiceField(choices=MEANINGS, help_text="As in the request.")
    sources = ComparedSourceOut(
        many=True, help_text="The sources of this window, when compared by source; otherwise empty."
    )
    actors = ComparedActorOut(
        many=True,
        help_text="The actors of this window; empty when compared by source.",
    )
    unnamed = serializers.IntegerField(
        help_text=(
            "Sources without a group or publisher, when compared by these: together they are the "
            f"actor `{UNNAMED}`."
        )
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
