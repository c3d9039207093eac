"""The admin makes accounts, nothing else: coding is seen through the pages, by role."""

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest

from cstoannot.accounts.models import User
from cstoannot.accounts.queries import explain_name_refusal
from cstoannot.projects.queries import list_last_owners


def _explain_last_owners(users: Iterable[User]) -> list[str]:
    """For each project that would be left without an owner a sentence that says what to do."""
    return [
        f"“{one.project.name}” ({one.project.slug}) has no other owner than {one.user.username} "
        f"who can log in: make another member an owner first, on the project’s page Members."
        for one in list_last_owners(users)
    ]


class _UniqueNameForm(forms.ModelForm):
    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if why := explain_name_refusal(name, but=self.instance if self.instance.pk else None):
            raise forms.ValidationError(why)
        return name


class NewAccountForm(_UniqueNameForm, AdminUserCreationForm):
    pass


class AccountForm(_UniqueNameForm, UserChangeForm):
    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        if (
            self.instance.is_active
            and not active
            and (reasons := _explain_last_owners([self.instance]))
        ):
            raise forms.ValidationError(reasons)
        return active


class AccountAdmin(UserAdmin):
    form, add_form = AccountForm, NewAccountForm

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Say in words why the last owner of a project stays; the model refuses it anyway."""
        to_delete, counts, missing, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, missing, [*_explain_last_owners(objs), *protected]


admin.site.register(User, AccountAdmin)
admin.site.site_header = admin.site.site_title = "cstoannot: accounts"
# Its own form would know no limit on attempts.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
