"""Base classes of forms, which show domain errors and edit conflicts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict

from cstoannot.core.errors import Conflict, DomainError, Invalid, Stale, TooLarge


def get_posted_data(request: HttpRequest) -> QueryDict | None:
    """Return the posted data, even if empty; None for other methods."""
    return request.POST if request.method == "POST" else None


class LinesField(forms.CharField):
    """Several lines, unchanged except that CRLF, which browsers send, becomes LF."""

    def __init__(self, *, rows: int = 4, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": rows, "cols": 60}))
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> Any:
        lines = super().to_python(value)
        return lines.replace("\r\n", "\n").replace("\r", "\n") if lines else ""


class PageForm(forms.Form):
    """A form without label suffixes that shows the errors of actions."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})

    def refuse(self, error: DomainError) -> None:
        """Show an error at the fields that it names, or above the form."""
        if not error.errors:
            self.add_error(None, error.message)
        for field, messages in error.errors.items():
            self.add_error(field if field in self.fields else None, list(messages))


class FormRefusals:
    """A context manager that shows domain errors on the form instead of on a separate page."""

    def __init__(self, form: PageForm) -> None:
        self.form = form

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, Invalid | Conflict | TooLarge):
            self.form.refuse(error)
            return True
        return False


@dataclass(frozen=True)
class FieldConflict:
    """A field whose stored value differs from the typed one because somebody else saved first."""

    label: str
    theirs: str
    yours: str


def _copy_last_values(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in data}


class VersionedForm(PageForm):
    """A form that knows which version of the object was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    differences: list[FieldConflict] | None = None

    def show_conflict(self, error: Stale, current: Mapping[str, str], version: int) -> None:
        """Keep the typed values and show the stored ones next to them.

        Sent again unchanged, the form then edits the version that was shown.
        """
        self.add_error(None, error.message)
        self.differences = list(self._differences(current))
        self.data = {**_copy_last_values(self.data), "version": str(version)}

    def _differences(self, current: Mapping[str, str]) -> Iterable[FieldConflict]:
        for name, theirs in current.items():
            yours = self.cleaned_data.get(name, "") or ""
            if str(yours) != (theirs or ""):
                label = self.fields[name].label or name.capitalize()
                yield FieldConflict(str(label), theirs or "", str(yours))
