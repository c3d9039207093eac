"""The forms for codes, code lists and code proposals."""

from collections.abc import Iterable
from typing import Any

from django import forms

from cstoannot.codebook.actions import TEXTS
from cstoannot.codebook.colours import PALETTE
from cstoannot.codebook.models import Code
from cstoannot.codebook.tree import TreeNode
from cstoannot.decisions.merge_actions import CARRY, DROP
from cstoannot.web.page_forms import LinesField, PageForm, VersionedForm

INDENT = "\u2003"  # an em space: select elements drop ordinary ones


def _list_parent_choices(places: Iterable[TreeNode[Code]]) -> list[tuple[str, str]]:
    """List possible parents as choices."""
    return [
        ("", "– none (top level) –"),
        *((place.code.slug, INDENT * place.depth + place.code.name) for place in places),
    ]


class _CodeFields(PageForm):
    name = forms.CharField(
        help_text="Keep it short: it is shown in the margin beside the passages."
    )
    parent = forms.ChoiceField(required=False, label="Parent code")
    claim = LinesField(
        rows=2,
        required=False,
        help_text="A sentence that a passage can support or oppose. Leave it empty for a topic "
        "without a position.",
    )
    definition = LinesField(rows=3, required=False, help_text="What the code means.")
    include = LinesField(rows=3, required=False, label="Includes")
    exclude = LinesField(
        rows=3,
        required=False,
        label="Excludes",
        help_text="What does not belong here, and which code to use instead.",
    )
    example = LinesField(rows=3, required=False, help_text="A typical passage.")
    colour = forms.CharField(
        initial=PALETTE[0],
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text="If you do not change it, the code gets a colour that differs from those at "
        "its level.",
    )
    shortcut = forms.CharField(
        required=False,
        label="Key",
        help_text="One letter or digit that applies the code while annotating, except "
        "{', '.join(sorted(RESERVED_KEYS))}.",
        widget=forms.TextInput(
            attrs={"class": "short", "autocomplete": "off", "autocapitalize": "off"}
        ),
    )
    note = forms.CharField(
        required=False,
        label="Reason for the change",
        max_length=300,
        help_text="Shown in the list of revisions, for example: not to be confused with Inaction.",
    )

    def __init__(self, *args: Any, places: Iterable[TreeNode[Code]], **options: Any) -> None:
        """`places`: possible parents of the code."""
        super().__init__(*args, **options)
        self.fields["parent"].choices = _list_parent_choices(places)  # type: ignore[attr-defined]

    def said(self) -> dict[str, str]:
        """Return the input of actions: all fields but the version."""
        names = ("name", "parent", "shortcut", "note", *TEXTS)
        return {name: self.cleaned_data[name] for name in names}


class NewCodeForm(_CodeFields):
    def said(self) -> dict[str, str]:
        chosen = self.cleaned_data["colour"] if "colour" in self.changed_data else ""
        return {**super().said(), "colour": chosen}


class CodeForm(VersionedForm, _CodeFields):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["colour"].help_text = ""

    def said(self) -> dict[str, str]:
        return {**super().said(), "colour": self.cleaned_data["colour"]}


class MergeCodeForm(PageForm):
    into = forms.ChoiceField(label="Merge into")
    stances = forms.ChoiceField(
        label="Stances",
        required=False,
        choices=[
            (DROP, "Remove them: the passages take no stance on the other claim"),
            (CARRY, "Keep them as stances on the other claim"),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        required=False,
        label="Reason for the change",
        max_length=300,
        help_text="Shown in the list of revisions.",
    )

    def __init__(self, *args: Any, code: Code, places: Iterable[TreeNode[Code]], **options: Any):
        """`places`: the codes into which `code` can be merged."""
        super().__init__(*args, **options)
        choices = [("", "– select –"), *_list_parent_choices(places)[1:]]
        self.fields["into"].choices = choices  # type: ignore[attr-defined]
        says = (
            f"“{code.name}” has the claim: {code.claim}"
            if code.claim
            else f"“{code.name}” has no claim."
        )
        self.fields[
            "stances"
        ].help_text = (
            f"{says} Choose what happens to stances if the other code has a different claim."
        )


class CodeListForm(PageForm):
    lines = LinesField(rows=14, label="Codes", help_text="One per line.")
    parent = forms.ChoiceField(required=False, label="Parent code")
    note = forms.CharField(
        required=False,
        label="Reason for the change",
        max_length=300,
        help_text="Shown in the list of revisions, for example: first codebook.",
    )

    def __init__(self, *args: Any, places: Iterable[TreeNode[Code]], **options: Any) -> None:
        """`places`: possible parents of the new codes."""
        super().__init__(*args, **options)
        choices = _list_parent_choices(places)
        self.fields["parent"].choices = choices  # type: ignore[attr-defined]
        self._names = dict(choices)

    @property
    def parent_name(self) -> str:
        return self._names[self.cleaned_data["parent"]].strip(INDENT)


TOP = "."  # the top level, where a choice is required; no slug contains a dot
_AT_THE_TOP = "– none (top level) –"


def _list_code_choices(places: Iterable[TreeNode[Code]], nothing: str) -> list[tuple[str, str]]:
    names = ((place.code.slug, INDENT * place.depth + place.code.name) for place in places)
    return [("", nothing), *names]


class AcceptProposalForm(PageForm):
    """The proposed code, editable before it is added.

    `gone`: a proposed parent that has since been retired. It is no choice, and another parent or
    the top level must be chosen.
    """

    name = forms.CharField()
    parent = forms.ChoiceField(required=False, label="Parent code")
    claim = LinesField(rows=2, required=False)

    def __init__(
        self, *args: Any, places: list[TreeNode[Code]], gone: str = "", **options: Any
    ) -> None:
        super().__init__(*args, **options)
        parent = self.fields["parent"]
        parent.choices = _list_code_choices(places, _AT_THE_TOP)  # type: ignore[attr-defined]
        if gone:
            choose, *others = _list_code_choices(places, "– select –")
            parent.choices = [choose, (TOP, _AT_THE_TOP), *others]  # type: ignore[attr-defined]
            parent.required = True
            parent.help_text = f"The proposed parent code “{gone}” is retired. Choose another one."
            parent.error_messages["required"] = "Choose a parent code or the top level."

    def clean_parent(self) -> str:
        chosen: str = self.cleaned_data["parent"]
        return "" if chosen == TOP else chosen


class UseCodeForm(PageForm):
    """An existing code with the same meaning."""

    code = forms.ChoiceField(label="Code")

    def __init__(self, *args: Any, places: list[TreeNode[Code]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].choices = _list_code_choices(places, "– select –")  # type: ignore[attr-defined]


class DeclineProposalForm(PageForm):
    reason = LinesField(rows=2, help_text="Shown to the person who proposed the code.")
