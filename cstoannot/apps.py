"""The one Django app: every domain package's models belong to it."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class CstoannotConfig(AppConfig):
    name = "cstoannot"
    label = "cstoannot"
    verbose_name = "cstoannot"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Triggers are lifted before and laid after every migration: Django rebuilds SQLite tables
        # when it alters them, which triggers prevent, and a rebuilt table has lost its own.
        from cstoannot.annotations import triggers  # noqa: PLC0415 (models load first)
        from cstoannot.api import openapi  # noqa: F401, PLC0415 (registers the schemes)

        pre_migrate.connect(triggers.drop_triggers, sender=self)
        post_migrate.connect(triggers.install_triggers, sender=self)
