from collections.abc import Iterable
from typing import Any

from django import forms

from cstoannot.codebook.models import Code
from cstoannot.codebook.tree import TreeNode
from cstoannot.web.codebook.forms import AcceptProposalForm
from cstoannot.web.page_forms import LinesField, PageForm


class CommentForm(PageForm):
    text = LinesField(
        rows=3, label="Comment", help_text="@name mentions a member who can read this."
    )


class NewThreadForm(CommentForm):
    """The first comment of a thread, and what it is about, which a page may have chosen."""

    about = forms.ChoiceField(label="About")
    field_order = ("about", "text")

    def __init__(
        self, *args: Any, chosen: str, choices: Iterable[tuple[str, Any]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        if chosen:
            self.fields["about"] = forms.CharField(widget=forms.HiddenInput, initial=chosen)
        else:
            self.fields["about"].choices = [("", "– select –"), *choices]  # type: ignore[attr-defined]


class ThreadProposalForm(AcceptProposalForm):
    """A code to propose from a thread."""

    def __init__(self, *args: Any, places: list[TreeNode[Code]], **options: Any) -> None:
        super().__init__(*args, places=places, **options)
        self.fields["claim"].help_text = "A sentence that passages could support or oppose."
