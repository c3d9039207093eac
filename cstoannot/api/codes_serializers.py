"""Request and response bodies of codes and codebook revisions."""

from rest_framework import serializers

from cstoannot.api.fields import (
    ApiSerializer,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
)
from cstoannot.codebook.colours import PALETTE


class SnapshotCode(ApiSerializer):
    slug = serializers.CharField(help_text="Identifies the code. It never changes.")
    name = serializers.CharField(help_text="The code's name.")
    parent = serializers.CharField(allow_null=True, help_text="The slug of the parent code.")
    colour = serializers.CharField(help_text="#rrggbb.")
    shortcut = serializers.CharField(
        help_text="Key that selects the code on the annotate page; empty for none."
    )
    claim = serializers.CharField(
        help_text="A sentence that a passage can support or oppose; empty if the code states none."
    )
    definition = serializers.CharField(help_text="What the code means.")
    include = serializers.CharField(help_text="What the code covers.")
    exclude = serializers.CharField(help_text="What the code does not cover.")
    example = serializers.CharField(help_text="A passage that shows the meaning.")
    position = serializers.IntegerField(help_text="The order among its siblings.")
    retired = serializers.BooleanField(
        help_text="Whether the code is out of use. Its annotations stay."
    )
    example_values = {
        "slug": "article-4",
        "name": "Article 4",
        "parent": None,
        "colour": "#3a7d44",
        "shortcut": "a",
        "claim": "The alliance failed its member.",
        "definition": "Passages on consultations under Article 4.",
        "include": "Requests that were turned down.",
        "exclude": "Article 5.",
        "example": "We asked for consultations.",
        "position": 0,
        "retired": False,
    }


class CodeOut(SnapshotCode):
    version = serializers.IntegerField(help_text="Send it in If-Match when you change the code.")
    revision = serializers.IntegerField(help_text="The revision in which its meaning last changed.")
    count = serializers.IntegerField(help_text="The number of its annotations that you may see.")
    near_colours = serializers.ListField(
        child=serializers.CharField(),
        help_text=(
            "Slugs of siblings in use whose colours are hard to tell from this one, also for "
            "colour-blind people. If there are any, change the `colour` of one of the codes. With "
            f"more than {len(PALETTE)} siblings, only adjacent ones are compared."
        ),
    )
    example_values = {"revision": 4, "near_colours": ["article-5"]}


class CodeTexts(ApiSerializer):
    name = StrictCharField(help_text="The code's name.")
    parent = StrictCharField(
        required=False,
        allow_null=True,
        help_text="The slug of the parent code. Null for the top level.",
    )
    colour = StrictCharField(
        required=False, help_text="#rrggbb. By default a free colour is chosen."
    )
    shortcut = StrictCharField(required=False, help_text="One letter or digit.")
    claim = StrictCharField(
        required=False, help_text="A sentence that a passage can support or oppose."
    )
    definition = StrictCharField(required=False, help_text="What the code means.")
    include = StrictCharField(required=False, help_text="What the code covers.")
    exclude = StrictCharField(required=False, help_text="What the code does not cover.")
    example = StrictCharField(required=False, help_text="A passage that shows the meaning.")
    note = StrictCharField(required=False, help_text="The reason, shown in the list of revisions.")
    example_values = {**SnapshotCode.example_values, "note": "Agreed after the pilot."}


class CodeIn(CodeTexts):
    slug = StrictCharField(
        required=False,
        help_text=(
            "By default it is made from the name. Other codes of the list can name it as `parent`."
        ),
    )


class CodePatch(CodeTexts):
    position = StrictIntegerField(
        required=False,
        max_value=2**31 - 1,
        help_text="The number that orders it. To change the order, use `move/`.",
    )
    retired = StrictBooleanField(
        required=False, help_text="true retires the code, false restores it. Its annotations stay."
    )


class MoveIn(ApiSerializer):
    parent = StrictCharField(
        allow_null=True, help_text="The slug of the parent code. Null for the top level."
    )
    position = StrictIntegerField(
        max_value=2**31 - 1,
        help_text="The number of codes in use before it there. Any larger number means the end.",
    )
    example_values = {"parent": None, "position": 0}


class MergeIn(ApiSerializer):
    into = StrictCharField(help_text="The slug of the code that receives the annotations.")
    stances = StrictCharField(
        required=False,
        help_text=(
            "What happens to stances if the two codes do not state the same claim: `drop` removes "
            "them, `carry` keeps them as stances towards the other claim. There is no default: "
            "returns 422 `stances_not_said` if it is needed and missing. If the claims are the "
            "same, stances are kept."
        ),
    )
    note = StrictCharField(required=False, help_text="The reason, shown in the list of revisions.")
    example_values = {"into": "article-5", "note": "Agreed after the pilot."}


class RevisionOut(ApiSerializer):
    number = serializers.IntegerField(help_text="The revision's number, from 1.")
    at = serializers.DateTimeField(help_text="When it was made.")
    by = serializers.CharField(
        allow_null=True,
        help_text="User name of the member who made it. Null if the account is gone.",
    )
    note = serializers.CharField(help_text="The reason for the change; may be empty.")
    example_values = {"number": 4, "note": "Agreed after the pilot."}


class SnapshotOut(RevisionOut):
    snapshot = SnapshotCode(many=True, help_text="All codes as they were after this revision.")
