"""The forms for sources."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cstoannot.text.normalise import MAX_LENGTH
from cstoannot.web.page_forms import LinesField, PageForm, VersionedForm

LARGEST_FILE = 4 * MAX_LENGTH  # bytes: a character has at most four
MOST_FILES = 100
DETAILS = ("publisher", "author", "published", "url", "language", "group", "note")


class MultipleFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class TextFilesField(forms.FileField):
    """Any number of files; their contents are checked later, when the texts are imported."""

    widget = MultipleFilesInput(attrs={"accept": ".txt,text/plain", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list) else [data]
        cleaned = [one for one in files if one]
        for one in cleaned:
            if one.size > LARGEST_FILE:
                raise forms.ValidationError(
                    f"{one.name} has {one.size:,} bytes; {LARGEST_FILE:,} are allowed. Split it."
                )
        return cleaned


class SuggestionsInput(forms.TextInput):
    """A text input that suggests existing values."""

    choices: Sequence[str] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        offered = f"{name}-offered"
        line = super().render(name, value, {**(attrs or {}), "list": offered}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((c,) for c in self.choices))
        return format_html('{}<datalist id="{}">{}</datalist>', line, offered, options)


class _SourceDetails(PageForm):
    """Metadata of an article. Field names are those of the domain."""

    def __init__(self, *args: Any, offered: Mapping[str, Sequence[str]], **options: Any) -> None:
        """`offered`: by field, the values of other articles."""
        super().__init__(*args, **options)
        for name, choices in offered.items():
            self.fields[name].widget.choices = choices

    publisher = forms.CharField(
        required=False,
        widget=SuggestionsInput,
        help_text="For example The Diplomat",
    )
    author = forms.CharField(required=False)
    published = forms.CharField(
        required=False,
        label="Date",
        help_text="Year, month or day: 2021, 2020-11 or 2020-11-25",
    )
    url = forms.CharField(
        required=False, label="URL", widget=forms.TextInput(attrs={"inputmode": "url"})
    )
    language = forms.CharField(required=False, help_text="A language tag such as en, hy or pt-BR")
    group = forms.CharField(
        required=False,
        widget=SuggestionsInput,
        help_text="To compare sources by, for example think tank or newspaper",
    )
    note = LinesField(
        rows=3,
        required=False,
        help_text="For example who owns the rights, or where the text was cut",
    )


class NewSourcesForm(_SourceDetails):
    files = TextFilesField(  # type: ignore[assignment]  # becomes a field, not an attribute
        required=False,
        label="Text files",
        help_text=f"Up to {MOST_FILES} .txt files in UTF-8 at once. The file name becomes the "
        f"title.",
    )
    title = forms.CharField(required=False, help_text="Title of the text below")
    text = LinesField(
        rows=14,
        required=False,
        help_text="Stored exactly as it is. It cannot be changed later, because annotations "
        "refer to positions in it.",
    )
    field_order = ("title", "text", "files", *DETAILS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        text, title, files = given.get("text"), given.get("title"), given.get("files")
        if text and not title:
            self.add_error("title", "Enter a title.")
        if not text and (title or not files) and "text" not in self.errors:
            self.add_error("text", "Paste a text here, or choose text files.")
        return given

    def details(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in DETAILS}


class SourceForm(VersionedForm, _SourceDetails):
    title = forms.CharField()
    field_order = ("version", "title", *DETAILS)

    def details(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("title", *DETAILS)}
