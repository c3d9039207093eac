"""Database triggers for rules that no constraint of one row can express.

An annotation's quote is its source's text at the passage; its source, code and voice belong to its
project; its annotator is a member or came with an archive; a retired code takes no new annotations;
texts and history never change.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connections

from cstoannot.annotations.doubt_triggers import (
    STATES,
    build_postgresql_doubts,
    build_sqlite_doubts,
    list_doubt_names,
)

_PASSAGE = """
    SELECT 1 FROM cstoannot_source s
    WHERE s.id = NEW.source_id AND s.project_id = NEW.project_id
      AND NEW."end" <= s.length
      AND substr(s.text, NEW.start + 1, NEW."end" - NEW.start) = NEW.quote
"""
# Checked only for another passage: a source's text and project never change, and reading a text of
# megabytes takes milliseconds for each annotation that moves to another code.
_ANOTHER_PASSAGE = """
    (NEW.source_id <> OLD.source_id OR NEW.start <> OLD.start OR NEW."end" <> OLD."end"
     OR NEW.quote <> OLD.quote)
"""
_SAYING = """
    SELECT 1 FROM cstoannot_code c
    WHERE c.id = NEW.code_id AND c.project_id = NEW.project_id
      AND (NEW.voice_id IS NULL OR EXISTS (
           SELECT 1 FROM cstoannot_speaker v
           WHERE v.id = NEW.voice_id AND v.project_id = NEW.project_id))
"""
# Locks the code as in use until the transaction ends: retiring it comes before or after.
_IN_USE = """
    SELECT 1 FROM cstoannot_code c WHERE c.id = NEW.code_id AND c.retired_at IS NULL /* hold c */
"""
_MEMBER = """
    SELECT 1 FROM cstoannot_membership m
    WHERE m.project_id = NEW.project_id AND m.user_id = NEW.annotator_id
    UNION ALL
    SELECT 1 FROM cstoannot_outsider o
    WHERE o.project_id = NEW.project_id AND o.user_id = NEW.annotator_id
"""
# From an outsider to the member to whom they are tied, and back.
_TIED = """
    SELECT 1 FROM cstoannot_outsider o WHERE o.project_id = NEW.project_id
      AND ((o.user_id = OLD.annotator_id AND o.tied_to_id = NEW.annotator_id)
        OR (o.user_id = NEW.annotator_id AND o.tied_to_id = OLD.annotator_id))
"""
_PARENT = """
    SELECT 1 FROM cstoannot_code p
    WHERE p.id = NEW.parent_id AND p.project_id = NEW.project_id AND p.id <> NEW.id
"""
_OF_PROJECT = """
    SELECT 1 FROM cstoannot_source s
    WHERE s.id = NEW.source_id AND s.project_id = NEW.project_id
"""
_IS_ALTERED = "NEW.text <> OLD.text OR NEW.sha256 <> OLD.sha256 OR NEW.length <> OLD.length"
_IS_MOVED = "NEW.project_id <> OLD.project_id"
_HISTORY = "action, kind, object, before, after, at"


def _build_reassigned_condition(column: str) -> str:
    """Match a change to another user; emptying the column is allowed (deleted users)."""
    return f"(NEW.{column} IS NOT NULL AND NEW.{column} <> COALESCE(OLD.{column}, 0))"


# name, table, event, condition of the refusal, message
GUARDS = [
    (
        "annotation_new",
        "cstoannot_annotation",
        "INSERT",
        f"NOT EXISTS ({_PASSAGE}) OR NOT EXISTS ({_SAYING})"
        f" OR (NEW.annotator_id IS NOT NULL AND NOT EXISTS ({_MEMBER}))",
        "annotation does not fit its source, code, voice or project",
    ),
    (
        "annotation_changed",
        "cstoannot_annotation",
        "UPDATE",
        f"{_IS_MOVED} OR ({_build_reassigned_condition('annotator_id')} AND NOT EXISTS ({_TIED}))"
        f" OR NOT EXISTS ({_SAYING}) OR ({_ANOTHER_PASSAGE} AND NOT EXISTS ({_PASSAGE}))",
        "annotation does not fit its source, code, voice or project",
    ),
    (
        "annotation_code_new",
        "cstoannot_annotation",
        "INSERT",
        f"NOT EXISTS ({_IN_USE})",
        "a retired code takes no annotations",
    ),
    (
        "annotation_code_changed",
        "cstoannot_annotation",
        "UPDATE OF code_id",
        f"NEW.code_id <> OLD.code_id AND NOT EXISTS ({_IN_USE})",
        "a retired code takes no annotations",
    ),
    (
        "code_new",
        "cstoannot_code",
        "INSERT",
        f"NEW.parent_id IS NOT NULL AND NOT EXISTS ({_PARENT})",
        "parent code of another project",
    ),
    (
        "code_changed",
        "cstoannot_code",
        "UPDATE",
        f"{_IS_MOVED} OR (NEW.parent_id IS NOT NULL AND NOT EXISTS ({_PARENT}))",
        "code or parent code of another project",
    ),
    (
        "speaker_moved",
        "cstoannot_speaker",
        "UPDATE",
        _IS_MOVED,
        "a speaker stays in its project",
    ),
    (
        "assignment_new",
        "cstoannot_assignment",
        "INSERT",
        f"NOT EXISTS ({_OF_PROJECT}) OR NOT EXISTS ({_MEMBER})",
        "source or annotator of another project",
    ),
    (
        "source_text",
        "cstoannot_source",
        "UPDATE",
        f"{_IS_MOVED} OR {_IS_ALTERED}",
        "a stored text never changes, and stays in its project",
    ),
    (
        "event_altered",
        "cstoannot_event",
        f"UPDATE OF {_HISTORY}",
        "1 = 1",
        "the history is never altered",
    ),
    (
        "event_ascribed",
        "cstoannot_event",
        "UPDATE",
        " OR ".join(
            (
                _IS_MOVED,
                "NEW.id <> OLD.id",
                *map(_build_reassigned_condition, ("actor_id", "about_id")),
            )
        ),
        "the history is never altered",
    ),
]


def _build_sqlite_trigger(
    name: str, table: str, when: str, condition: str, message: str
) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS guard_{name}",
        f"CREATE TRIGGER guard_{name} BEFORE {when} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
    ]


def _build_postgresql_trigger(
    name: str, table: str, when: str, condition: str, message: str
) -> list[str]:
    condition = condition.replace("/* hold c */", "FOR SHARE")
    return [
        f"""CREATE OR REPLACE FUNCTION guard_{name}() RETURNS trigger LANGUAGE plpgsql AS $guard$
        BEGIN
          IF {condition} THEN
            RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END $guard$""",
        f"CREATE OR REPLACE TRIGGER guard_{name} BEFORE {when} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION guard_{name}()",
    ]


def drop_triggers(using: str = "default", plan: Sequence[Any] = (), **signal: Any) -> None:
    """Drop the triggers before migrations, if there are any to apply.

    SQLite refuses to rename a rebuilt table to the name of one that a trigger refers to.
    """
    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in [f"guard_{guard[0]}" for guard in GUARDS] + list_doubt_names():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def install_triggers(using: str = "default", **signal: Any) -> None:
    """Install the triggers again; idempotent. Tables must exist."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    build = {"sqlite": _build_sqlite_trigger, "postgresql": _build_postgresql_trigger}[
        connection.vendor
    ]
    with connection.cursor() as cursor:
        for guard in GUARDS:
            if guard[1] in tables and "cstoannot_outsider" in tables:
                for statement in build(*guard):
                    cursor.execute(statement)
        if STATES in tables:
            doubts = {"sqlite": build_sqlite_doubts, "postgresql": build_postgresql_doubts}
            for statement in doubts[connection.vendor]():
                cursor.execute(statement)
