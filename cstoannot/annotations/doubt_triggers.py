"""Database triggers that mark the state of a source's consensus as doubtful when coding changes.

Rows lock in the order of sources. A source without such a state costs one look into an index.
"""

CODED = ("cstoannot_annotation", "cstoannot_assignment")
"""Tables whose rows, each of a source, decide how far the source is decided."""
STATES = "cstoannot_sourceconsensus"
_EVENTS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
_TRANSITIONS = {"OLD": "gone", "NEW": "come"}


def list_doubt_names() -> list[str]:
    """Return the names of the triggers."""
    return [f"doubt_{table}_{event.lower()}" for table in CODED for event in _EVENTS]


def build_sqlite_doubts() -> list[str]:
    """Return the statements that install them on SQLite, one row at a time."""
    statements = []
    for table in CODED:
        for event, sides in _EVENTS.items():
            name = f"doubt_{table}_{event.lower()}"
            sources = ", ".join(f"{side}.source_id" for side in sides)
            statements += [
                f"DROP TRIGGER IF EXISTS {name}",
                f"CREATE TRIGGER {name} AFTER {event} ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {STATES} WHERE source_id IN ({sources})) "
                f"BEGIN UPDATE {STATES} SET doubtful = 1 WHERE source_id IN ({sources}); END",
            ]
    return statements


def build_postgresql_doubts() -> list[str]:
    """Return the statements that install them on PostgreSQL, once for each statement of others.

    An older schema, to which somebody migrated back, has no states.
    """
    statements = []
    for table in CODED:
        for event, sides in _EVENTS.items():
            name = f"doubt_{table}_{event.lower()}"
            changed = " UNION ".join(f"SELECT source_id FROM {_TRANSITIONS[s]}" for s in sides)
            tables = " ".join(f"{side} TABLE AS {_TRANSITIONS[side]}" for side in sides)
            statements += [
                f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $doubt$
                BEGIN
                  IF to_regclass('{STATES}') IS NOT NULL THEN
                    UPDATE {STATES} SET doubtful = TRUE WHERE source_id IN (
                      SELECT c.source_id FROM {STATES} c WHERE c.source_id IN ({changed})
                      ORDER BY c.source_id FOR UPDATE);
                  END IF;
                  RETURN NULL;
                END $doubt$""",
                f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} "
                f"REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
            ]
    return statements
