"""Annotations, speakers, and the codes that annotators propose."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from cstoannot.core.likeness import LONGEST_LIKENESS, likeness_of


class Layer(models.TextChoices):
    INDIVIDUAL = "individual", "What each annotator said"
    CONSENSUS = "consensus", "What the team decided"


class Stance(models.TextChoices):
    NONE = "", "no stance"
    SUPPORTS = "supports", "supports"
    OPPOSES = "opposes", "opposes"
    MIXED = "mixed", "mixed"


class LikenessField(models.CharField):
    """The likeness of the row's name, updated whenever the row is saved."""

    def __init__(self, *args: Any, **options: Any) -> None:
        # Nullable, so that SQLite adds the column without rebuilding the table.
        options.update(max_length=LONGEST_LIKENESS, editable=False, blank=True, null=True)
        super().__init__(*args, **options)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        likeness = likeness_of(model_instance.name)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, likeness)
        return likeness


class Speaker(models.Model):
    """Somebody whose voice a source reports."""

    # The id in the API. Random: a counter would tell annotators that others have added speakers.
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="speakers")
    name = models.CharField(max_length=200)
    # Not unique: annotators who do not see each other's work may each add the same speaker, and
    # archives may contain duplicates. Editors of the codebook find them in a list and merge them.
    likeness = LikenessField()
    note = models.TextField(blank=True)
    # Listed by editors of the codebook, for everybody to choose from.
    listed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["project", "likeness"], name="speaker_by_likeness")]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="speaker_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="speaker_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Annotation(models.Model):
    """One statement that a passage carries a code; offsets in code points, half-open.

    Foreign keys have no index of their own: every query filters by project and uses the covering
    index. An annotation of the consensus has no annotator.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    project = models.ForeignKey(
        "cstoannot.Project", models.CASCADE, related_name="annotations", db_index=False
    )
    source = models.ForeignKey(
        "cstoannot.Source", models.CASCADE, related_name="annotations", db_index=False
    )
    code = models.ForeignKey(
        "cstoannot.Code", models.PROTECT, related_name="annotations", db_index=False
    )
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="annotations",
        db_index=False,
    )
    layer = models.CharField(max_length=10, choices=Layer.choices, default=Layer.INDIVIDUAL)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    stance = models.CharField(max_length=8, choices=Stance.choices, blank=True)
    voice = models.ForeignKey(
        Speaker, models.PROTECT, null=True, related_name="annotations", db_index=False
    )
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    revision = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["source_id", "start", "id"]
        indexes = [
            models.Index(
                fields=["project", "source", "code", "stance", "annotator", "start", "end"],
                name="annotation_covering",
            ),
            # The order of lists and exports, so that none of them sorts.
            models.Index(
                fields=["project", "source", "start", "id"], name="annotation_by_position"
            ),
            models.Index(
                fields=["project", "annotator", "source", "code"], name="annotation_by_annotator"
            ),
            models.Index(fields=["code", "revision"], name="annotation_by_revision"),
            models.Index(fields=["project", "updated_at", "id"], name="annotation_by_update"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="passage_not_empty"),
            models.CheckConstraint(
                condition=Q(end=F("start") + Length(F("quote"))), name="quote_fits_passage"
            ),
            models.CheckConstraint(condition=Q(layer__in=Layer.values), name="layer_known"),
            models.CheckConstraint(condition=Q(stance__in=Stance.values), name="stance_known"),
            models.CheckConstraint(
                condition=Q(annotator__isnull=False, layer=Layer.INDIVIDUAL)
                | Q(annotator__isnull=True, layer=Layer.CONSENSUS),
                name="individual_has_annotator",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} at {self.start}–{self.end}"


class ProposalState(models.TextChoices):
    WAITING = "waiting", "waiting"
    ACCEPTED = "accepted", "accepted"
    DECLINED = "declined", "declined"


class CodeProposal(models.Model):
    """A code that somebody proposes, with the passage that prompted it, if any."""

    # Random: a counter would tell annotators how many others have proposed.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="code_proposals")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("cstoannot.Code", models.SET_NULL, null=True, related_name="+")
    claim = models.TextField(blank=True)
    source = models.ForeignKey("cstoannot.Source", models.SET_NULL, null=True, related_name="+")
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    quote = models.TextField(blank=True)
    state = models.CharField(
        max_length=10, choices=ProposalState.choices, default=ProposalState.WAITING
    )
    # The code that was accepted for it.
    code = models.ForeignKey("cstoannot.Code", models.SET_NULL, null=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["project", "-created_at", "-id"], name="proposal_latest"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="proposal_has_name"),
            models.CheckConstraint(
                condition=Q(start=None, end=None, quote="") | Q(end__gt=F("start")),
                name="proposal_passage_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values), name="proposal_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="proposal_decided_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name
