"""The one Django app: every domain package's models belong to it."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CstoannotConfig(AppConfig):
    name = "cstoannot"
    label = "cstoannot"
    verbose_name = "cstoannot"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Triggers are laid after every migration: Django rebuilds SQLite tables when it alters
        # them, and a rebuilt table has lost its triggers.
        from cstoannot.annotations.guards import lay_guards  # noqa: PLC0415 (models load first)
        from cstoannot.api import openapi  # noqa: F401, PLC0415 (registers the schemes)

        post_migrate.connect(lay_guards, sender=self)
