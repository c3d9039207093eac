from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count

from cstoannot.annotations.models import Speaker
from cstoannot.annotations.queries import visible_annotations, visible_speakers
from cstoannot.core.likeness import group_alike, likeness_of
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


def find_voices(scope: Scope, names: Iterable[str]) -> dict[str, Speaker]:
    """The speakers whom this member means by these names; names of nobody are left out.

    Of those called alike the one with this very name, otherwise one on the list, otherwise the
    first. One whom only coding names that the member may not see is not taken for another
    spelling: that would tell of it.
    """
    keys = {name: likeness_of(name) for name in names if name}
    if not keys:
        return {}
    alike = _alike(scope, set(keys.values()))
    plain = all([one.name for one in alike[key]] in ([], [name]) for name, key in keys.items())
    known = None if plain else _known(scope, set(keys.values()))
    found = {name: _meant(name, alike[key], known) for name, key in keys.items()}
    return {name: speaker for name, speaker in found.items() if speaker}


def _alike(scope: Scope, keys: set[str]) -> Mapping[str, Sequence[Speaker]]:
    """All speakers called so, by likeness."""
    speakers = Speaker.objects.filter(project_id=scope.project_id, likeness__in=keys)
    alike: dict[str, list[Speaker]] = defaultdict(list)
    for speaker in speakers.order_by("-listed", "created_at", "pk"):
        alike[speaker.likeness or ""].append(speaker)
    return alike


def _known(scope: Scope, keys: set[str]) -> set[int] | None:
    """Which of the speakers called so this member may know of; None for all of them."""
    if scope.can(Permission.SEE_ALL_CODING):
        return None
    return set(visible_speakers(scope).filter(likeness__in=keys).values_list("pk", flat=True))


def _meant(name: str, alike: Sequence[Speaker], known: set[int] | None) -> Speaker | None:
    open_to_member = [one for one in alike if known is None or one.pk in known]
    same = next((one for one in alike if one.name == name), None)
    if same in open_to_member or not open_to_member:
        return same
    return open_to_member[0]


def count_by_speaker(scope: Scope) -> Mapping[int, int]:
    """How many visible annotations are in each speaker's voice, by the speaker's key."""
    found = visible_annotations(scope).exclude(voice=None).order_by()
    return dict(found.values_list("voice_id").annotate(n=Count("*")))


def doubles_of_speakers(scope: Scope) -> list[list[Speaker]]:
    """Visible speakers who are called alike, in groups; in each, those on the list first."""
    speakers = visible_speakers(scope).order_by("-listed", "created_at", "pk")
    groups = group_alike(speakers, lambda speaker: speaker.name)
    return sorted((group for group in groups if len(group) > 1), key=lambda group: group[0].name)
