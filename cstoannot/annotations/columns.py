"""Columns that the database turns into text, for thousands of rows that nobody looks at singly."""

from typing import Any

from django.db.models import CharField, Func


class IdText(Func):
    """A UUID in its usual form of 36 characters, made by the database."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        cuts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        parts = (f"substr(%(expressions)s, {start}, {size})" for start, size in cuts)
        return self.as_sql(compiler, connection, template=" || '-' || ".join(parts), **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s::text", **context)


class MomentText(Func):
    """A moment as the API shows it (UTC, no fraction where there is none), made by the database."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "replace(%(expressions)s, ' ', 'T') || 'Z'"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = (
            "replace(to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), "
            "'.000000', '') || 'Z'"
        )
        return self.as_sql(compiler, connection, template=template, **context)
