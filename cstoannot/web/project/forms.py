"""The forms for a project and its settings."""

from django import forms

from cstoannot.projects.models import Visibility
from cstoannot.web.page_forms import LinesField, PageForm, VersionedForm

VISIBILITY = [
    (
        Visibility.OWN,
        "Blind: annotators see their own coding only. Choose this to measure agreement.",
    ),
    (
        Visibility.DONE,
        "When done: on a source that everybody assigned has finished, they see each other’s.",
    ),
    (Visibility.ALL, "Open: annotators see each other’s coding at any time."),
]


class _ProjectFields(PageForm):
    name = forms.CharField(help_text="As the team calls its study. It can be changed later.")
    about = LinesField(
        required=False, help_text="What is studied, and whose coding it is. Every member reads it."
    )
    visibility = forms.ChoiceField(
        label="What annotators see of each other",
        choices=VISIBILITY,
        widget=forms.RadioSelect,
        initial=Visibility.OWN,
        help_text="Owners and adjudicators see all coding; viewers see what the team decided.",
    )
    open_sources = forms.BooleanField(
        required=False,
        label="Annotators read all sources, not only those assigned to them",
    )
    guidelines = LinesField(
        rows=10, required=False, help_text="How to code. Annotators have it beside the text."
    )


class ProjectForm(_ProjectFields):
    pass


class SettingsForm(VersionedForm, _ProjectFields):
    counts_after_look = forms.BooleanField(
        required=False,
        label="Agreement counts what was saved after seeing the coding of others",
        help_text="Where a source was open by “When done” and was closed again, its coders have "
        "seen each other’s coding. What they save on it from then on is marked, and agreement "
        "leaves it out unless this is ticked.",
    )
    field_order = (
        *("name", "about", "visibility", "counts_after_look"),
        *("open_sources", "guidelines", "version"),
    )


class DeleteProjectForm(PageForm):
    slug = forms.CharField(
        label="Type the project’s short name to delete it",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )

    def __init__(self, *args: object, expected: str, **options: object) -> None:
        super().__init__(*args, **options)
        self.expected = expected
        self.fields["slug"].help_text = f"It is {expected}."

    def clean_slug(self) -> str:
        if self.cleaned_data["slug"] != self.expected:
            raise forms.ValidationError(f"This is not {self.expected}: nothing was deleted.")
        return self.expected
