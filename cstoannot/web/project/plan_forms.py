"""Forms for plans, for handing on, and for rounds."""

from collections.abc import Sequence
from typing import Any

from django import forms

from cstoannot.assignments.models import Round
from cstoannot.assignments.plan_queries import LARGEST_SEED
from cstoannot.assignments.round_actions import LONGEST_NAME, LONGEST_NOTE
from cstoannot.web.page_forms import LinesField, PageForm

ALL, FREE = "all", "free"


class _SourcesForm(PageForm):
    """A form that chooses sources: all, those that nobody has, or a round's."""

    sources = forms.ChoiceField()

    def __init__(self, *args: Any, rounds: Sequence[Round], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["sources"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (ALL, "All sources"),
            (FREE, "Sources that nobody has yet"),
            *((str(one.pk), f"Round: {one.name}") for one in rounds),
        ]


class PlanForm(_SourcesForm):
    name = forms.CharField(
        required=False,
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    annotators = forms.MultipleChoiceField(
        label="Coders", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose."}
    )
    each = forms.IntegerField(min_value=1, initial=2, label="Coders for each source")
    shared = forms.IntegerField(
        min_value=0,
        max_value=100,
        initial=10,
        label="Percent of sources that all of them code",
    )
    deadline = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Coders see their own; owners see who is late.",
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        initial=1,
        help_text="The same seed gives the same plan.",
    )
    field_order = ("name", "annotators", "each", "shared", "sources", "deadline", "seed")

    def __init__(self, *args: Any, names: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.fields["annotators"]
        chosen.choices = [(name, name) for name in names]  # type: ignore[attr-defined]


class PlanExtensionForm(_SourcesForm):
    annotators = forms.MultipleChoiceField(
        required=False, label="Further coders", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, names: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.fields["annotators"]
        chosen.choices = [(name, name) for name in names]  # type: ignore[attr-defined]


class HandOnForm(PageForm):
    annotator = forms.ChoiceField(label="Who leaves")
    to = forms.MultipleChoiceField(
        required=False,
        label="Who takes over",
        help_text="Everybody who has sources if nobody is chosen.",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, leaving: Sequence[str], names: Sequence[str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        for field, known in (("annotator", leaving), ("to", names)):
            self.fields[field].choices = [  # type: ignore[attr-defined] # ChoiceFields
                (name, name) for name in known
            ]


class RoundForm(PageForm):
    name = forms.CharField(
        max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    revision = forms.IntegerField(min_value=0, label="Codebook revision")
    note = LinesField(required=False, rows=2, max_length=LONGEST_NOTE)
