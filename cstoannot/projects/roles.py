"""The one table of who may do what. The database stores the role's key, nothing else."""

from cstoannot.projects.permissions import Permission

ROLES: dict[str, frozenset[Permission]] = {
    "owner": frozenset(Permission),
    "adjudicator": frozenset(Permission) - {Permission.MANAGE},
    "annotator": frozenset({Permission.VIEW, Permission.ANNOTATE, Permission.SEE_AGREEMENT}),
    "viewer": frozenset({Permission.VIEW, Permission.SEE_ALL_SOURCES}),
}
