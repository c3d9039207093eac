"""What the planner of PostgreSQL knows about tables."""

from django.db import connection
from django.db.models import Model


def update_statistics(model: type[Model]) -> None:
    """Have PostgreSQL examine a table that has just grown, before autovacuum does.

    Until then it may plan as if a large project were a small one, and sort all of it for each page.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'ANALYZE (SKIP_LOCKED) "{model._meta.db_table}"')
