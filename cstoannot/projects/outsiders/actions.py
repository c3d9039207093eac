from cstoannot.accounts.models import User
from cstoannot.core.likeness import comparison_key
from cstoannot.projects.models import Membership, Outsider
from cstoannot.projects.outsiders.naming import free_name
from cstoannot.projects.scope import Scope


def rename_similar_outsiders(scope: Scope, user: User) -> None:
    """Set outsiders apart who are called like a new member; inside the action that lets them in."""
    key = comparison_key(user.username)
    outsiders = list(Outsider.objects.filter(project_id=scope.project_id))
    alike = [one for one in outsiders if comparison_key(one.name) == key]
    if not alike:
        return
    members = Membership.objects.filter(project_id=scope.project_id)
    taken = {one.name for one in outsiders} | {user.username}
    taken |= set(members.values_list("user__username", flat=True))
    for one in alike:
        one.name = free_name(one.name, taken)
        taken.add(one.name)
        User.everybody.filter(pk=one.user_id).update(username=one.name)
    Outsider.objects.bulk_update(alike, ["name"])
