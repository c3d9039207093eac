"""The admin makes accounts, nothing else: coding is seen through the pages, by role."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from cstoannot.accounts.models import User

admin.site.register(User, UserAdmin)
admin.site.site_header = admin.site.site_title = "cstoannot: accounts"
# Its own form would know no limit on attempts.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
