"""The forms for a project and its settings."""

from django import forms

from cstoannot.projects.models import AgreedBounds, Results, Visibility
from cstoannot.web.page_forms import LinesField, PageForm, VersionedForm

VISIBILITY = [
    (
        Visibility.OWN,
        "Blind: annotators see only their own coding. Choose this to measure agreement.",
    ),
    (
        Visibility.DONE,
        "When done: annotators see each other’s coding of a source when all of its coders are "
        "done.",
    ),
    (Visibility.ALL, "Open: annotators see each other’s coding at any time."),
]
AGREED_BOUNDS = [
    (
        AgreedBounds.SENTENCE,
        "their passages begin in the same sentence and end in the same sentence.",
    ),
    (AgreedBounds.MAJORITY, "their passages lie within the stretch that most of them marked."),
]


RESULTS = [
    (Results.CLOSED, "Closed: viewers see what the team has decided, and nothing else."),
    (
        Results.VIEWERS,
        "Open to viewers: they also see what most coders marked, and agreement without names.",
    ),
    (Results.LINK, "Open to viewers and, read-only, to everybody who has a link."),
]


class _ProjectFields(PageForm):
    name = forms.CharField(help_text="You can change it later.")
    about = LinesField(
        required=False, help_text="What the study is about and who codes. Visible to all members."
    )
    visibility = forms.ChoiceField(
        label="What annotators see of each other",
        choices=VISIBILITY,
        widget=forms.RadioSelect,
        initial=Visibility.OWN,
        help_text="Owners and adjudicators see all coding; viewers see the consensus of the team.",
    )
    open_sources = forms.BooleanField(
        required=False,
        label="Annotators can read all sources, not only those assigned to them",
    )
    guidelines = LinesField(
        rows=10, required=False, help_text="How to code. Shown to annotators beside the text."
    )


class ProjectForm(_ProjectFields):
    pass


class SettingsForm(VersionedForm, _ProjectFields):
    counts_after_look = forms.BooleanField(
        required=False,
        label="Include annotations in agreement that were saved after seeing the coding of others",
        help_text="If a source was opened by “When done” and then reopened, its coders have seen "
        "each other’s coding. What they save afterwards is marked and excluded from agreement "
        "unless this is ticked.",
    )
    names_while_deciding = forms.BooleanField(
        required=False,
        label="Show coders’ names to those who decide before a place is decided",
        help_text="Otherwise those who decide see “reading 1, 2, 3”, shuffled at each place, and "
        "the names afterwards.",
    )
    decide_apart = forms.BooleanField(
        required=False,
        label="Two adjudicators decide each place, blind to each other",
        help_text="Where they differ, the place comes into a queue of its own.",
    )
    agreed_bounds = forms.ChoiceField(
        required=False,
        label="Coders who chose the same code, stance and voice agree if",
        choices=AGREED_BOUNDS,
        widget=forms.RadioSelect,
        help_text="Where all agree, the majority’s passage can be adopted for many places at once.",
    )
    decisions_opened = forms.BooleanField(
        required=False,
        label="Coders see what was decided, and why, on all their finished sources",
        help_text="Decisions can also be opened for single sources.",
    )
    results = forms.ChoiceField(
        required=False, label="Results", choices=RESULTS, widget=forms.RadioSelect
    )
    whole_articles = forms.BooleanField(
        required=False,
        label="Readers with a link can read whole articles",
        help_text="Otherwise they see passages, each with a line of context. Tick this only if "
        "you may show the articles to everybody who has the link.",
    )
    field_order = (
        *("name", "about", "visibility", "counts_after_look", "open_sources", "guidelines"),
        *("names_while_deciding", "decide_apart", "agreed_bounds", "decisions_opened"),
        *("results", "whole_articles", "version"),
    )


class DeleteProjectForm(PageForm):
    slug = forms.CharField(
        label="Type the project’s short name to delete it",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )

    def __init__(self, *args: object, expected: str, **options: object) -> None:
        super().__init__(*args, **options)
        self.expected = expected
        self.fields["slug"].help_text = f"The short name is {expected}."

    def clean_slug(self) -> str:
        if self.cleaned_data["slug"] != self.expected:
            raise forms.ValidationError(f"This is not {self.expected}: nothing was deleted.")
        return self.expected
