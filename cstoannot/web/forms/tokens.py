from django import forms

from cstoannot.accounts.actions import LONGEST_LIFE_DAYS
from cstoannot.web.forms.base import PageForm


class TokenForm(PageForm):
    name = forms.CharField(
        required=False, max_length=100, help_text="What it is for, such as nightly export"
    )
    days = forms.IntegerField(
        initial=365, label="Life in days", help_text=f"From 1 to {LONGEST_LIFE_DAYS}"
    )
    read_only = forms.TypedChoiceField(
        label="It may",
        choices=[("yes", "read only"), ("no", "read and write")],
        initial="yes",
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )
