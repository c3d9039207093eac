"""Give back the space that whole codebooks took in each of their revisions.

The databases keep what rows have left for rows to come. VACUUM returns it to the disk, and cannot
run in a transaction.
"""

from django.db import DatabaseError, migrations

LEAST = 16 * 1024**2  # bytes; less is not worth rewriting a file


def return_space(apps, schema_editor):
    connection = schema_editor.connection
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        try:
            if connection.vendor == "postgresql":
                cursor.execute("VACUUM FULL cstoannot_codebookrevision")
            elif _free_bytes(cursor) > LEAST:
                cursor.execute("VACUUM")
        except DatabaseError:
            # As when the disk has no room for the copy: all is stored, only not packed.
            return


def _free_bytes(cursor):
    found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "freelist_count")]
    return found[0] * found[1]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cstoannot", "0005_revisions_store_changes")]

    operations = [migrations.RunPython(return_space, migrations.RunPython.noop)]
