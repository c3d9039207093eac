"""The forms for members, invitations, and people named in an archive."""

from collections.abc import Iterable
from typing import Any

from django import forms

from cstoannot.projects.invitation_actions import LONGEST_LIFE_DAYS, LONGEST_NOTE, USUAL_LIFE_DAYS
from cstoannot.projects.models import INVITED_ROLES, Role
from cstoannot.web.page_forms import PageForm

ROLES = [
    (Role.ANNOTATOR, "Annotator: codes assigned sources"),
    (Role.ADJUDICATOR, "Adjudicator: edits sources, codebook and assignments, sees all coding"),
    (Role.OWNER, "Owner: also changes settings and members"),
    (Role.VIEWER, "Viewer: reads sources, codebook and the consensus of the team"),
]


class MemberForm(PageForm):
    username = forms.CharField(
        label="User name",
        help_text="The person needs an account here.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )
    role = forms.ChoiceField(choices=ROLES, initial=Role.ANNOTATOR)


class OutsiderForm(PageForm):
    username = forms.ChoiceField(
        label="Member",
        help_text="The annotations of this person are transferred to the member. You can undo "
        "this.",
    )

    def __init__(self, *args: Any, members: Iterable[str], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", "– select –"), *((one, one) for one in members)]
        self.fields["username"].choices = choices  # type: ignore[attr-defined] # a ChoiceField


class RoleForm(PageForm):
    role = forms.ChoiceField(choices=Role.choices)


class InvitationForm(PageForm):
    note = forms.CharField(
        required=False,
        label="Recipient",
        max_length=LONGEST_NOTE,
        help_text="To recognise the invitation later. Only owners see it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        choices=[(role, label) for role, label in ROLES if role in INVITED_ROLES],
        initial=Role.ANNOTATOR,
        help_text="Anybody with the link can use it, so an invitation cannot make somebody an "
        "owner. You can change the role later.",
    )
    days = forms.IntegerField(
        initial=USUAL_LIFE_DAYS,
        label="Days until it expires",
        help_text=f"From 1 to {LONGEST_LIFE_DAYS}",
    )
