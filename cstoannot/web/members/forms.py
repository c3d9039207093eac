"""The forms for members, invitations, and people named in an archive."""

from collections.abc import Iterable
from typing import Any

from django import forms

from cstoannot.projects.invitation_actions import LONGEST_LIFE_DAYS, LONGEST_NOTE, USUAL_LIFE_DAYS
from cstoannot.projects.models import INVITED_ROLES, Role
from cstoannot.web.page_forms import PageForm

ROLES = [
    (Role.ANNOTATOR, "Annotator: codes the sources assigned to them"),
    (Role.ADJUDICATOR, "Adjudicator: edits sources, codebook and assignments, sees all coding"),
    (Role.OWNER, "Owner: also changes settings and members"),
    (Role.VIEWER, "Viewer: reads sources, codebook and what the team decided"),
]


class MemberForm(PageForm):
    username = forms.CharField(
        label="User name",
        help_text="Of somebody who can sign in here already.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )
    role = forms.ChoiceField(choices=ROLES, initial=Role.ANNOTATOR)


class OutsiderForm(PageForm):
    username = forms.ChoiceField(
        label="Member",
        help_text="What this person coded becomes the member’s. You can undo it.",
    )

    def __init__(self, *args: Any, members: Iterable[str], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", "– choose –"), *((one, one) for one in members)]
        self.fields["username"].choices = choices  # type: ignore[attr-defined] # a ChoiceField


class RoleForm(PageForm):
    role = forms.ChoiceField(choices=Role.choices)


class InvitationForm(PageForm):
    note = forms.CharField(
        required=False,
        label="For whom",
        max_length=LONGEST_NOTE,
        help_text="So that you know it again; owners alone read it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        choices=[(role, label) for role, label in ROLES if role in INVITED_ROLES],
        initial=Role.ANNOTATOR,
        help_text="Whoever has the link can use it. Therefore nobody becomes owner by one: make "
        "them owner once they are in.",
    )
    days = forms.IntegerField(
        initial=USUAL_LIFE_DAYS,
        label="Days until it expires",
        help_text=f"From 1 to {LONGEST_LIFE_DAYS}",
    )
