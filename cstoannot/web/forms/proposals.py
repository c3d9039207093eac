from collections.abc import Iterable
from typing import Any

from django import forms

from cstoannot.codebook.models import Code
from cstoannot.codebook.tree import Place
from cstoannot.web.forms.base import LinesField, PageForm
from cstoannot.web.forms.codebook import INDENT

TOP = "."  # the top level where it must be chosen; no slug holds a dot
_AT_THE_TOP = "– nothing: at the top –"


def _choices(places: Iterable[Place[Code]], nothing: str) -> list[tuple[str, str]]:
    names = ((place.code.slug, INDENT * place.depth + place.code.name) for place in places)
    return [("", nothing), *names]


class AcceptForm(PageForm):
    """The proposed code, to be changed before it is added.

    `gone` names a parent that was proposed and is retired by now: it cannot be chosen any more,
    and another place, be it the top, must be.
    """

    name = forms.CharField()
    parent = forms.ChoiceField(required=False, label="Parent code")
    claim = LinesField(rows=2, required=False)

    def __init__(
        self, *args: Any, places: list[Place[Code]], gone: str = "", **options: Any
    ) -> None:
        super().__init__(*args, **options)
        parent = self.fields["parent"]
        parent.choices = _choices(places, _AT_THE_TOP)  # type: ignore[attr-defined]
        if gone:
            choose, *others = _choices(places, "– choose –")
            parent.choices = [choose, (TOP, _AT_THE_TOP), *others]  # type: ignore[attr-defined]
            parent.required = True
            parent.help_text = (
                f"It was proposed below “{gone}”, which is retired. Choose where it stands instead."
            )
            parent.error_messages["required"] = "Choose a code above it, or the top."

    def clean_parent(self) -> str:
        chosen: str = self.cleaned_data["parent"]
        return "" if chosen == TOP else chosen


class UseForm(PageForm):
    """A code that is there already and says the same."""

    code = forms.ChoiceField(label="Code")

    def __init__(self, *args: Any, places: list[Place[Code]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].choices = _choices(places, "– choose –")  # type: ignore[attr-defined]


class DeclineForm(PageForm):
    reason = LinesField(rows=2, help_text="Whoever proposed the code reads it.")
