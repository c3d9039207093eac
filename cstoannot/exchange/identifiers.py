"""Identifiers that files carry: the same in every export of a project, wherever it is restored."""

from uuid import NAMESPACE_URL, UUID, uuid5

from cstoannot.exchange.queries import beginning_of
from cstoannot.projects.scope import Scope


class Identifiers:
    """UUIDs of a project's things, made from the project and what never changes in them."""

    def __init__(self, scope: Scope) -> None:
        project = f"urn:cstoannot:{scope.project.slug}:{beginning_of(scope)}"
        self._within = uuid5(NAMESPACE_URL, project)

    def of(self, kind: str, key: object) -> UUID:
        return uuid5(self._within, f"{kind}/{key}")
