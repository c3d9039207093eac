"""Django's PostgreSQL backend with a pool that knows at once when the server is gone."""

from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from cstoannot.database.pool import Connection, Pool

_pools: dict[str, Pool] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS["pool"]`: the arguments of `Pool`; without it each connection is its own."""

    @property
    def pool(self) -> Pool | None:
        options = self.settings_dict["OPTIONS"].get("pool")
        if not options or self.alias != DEFAULT_DB_ALIAS:
            return None
        if self.alias not in _pools:
            _pools.setdefault(self.alias, Pool(self._connect_for_pool, **options))
        return _pools[self.alias]

    def _connect_for_pool(self) -> Connection:
        # Ready for use: the time zone is set, and outside transactions each statement commits.
        connection = self.Database.connect(**{**self.get_connection_params(), "autocommit": True})
        self._configure_connection(connection)
        return connection

    def _configure_connection(self, connection: Connection) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{settings.WRITER_PATIENCE}s'")
        super()._configure_connection(connection)  # type: ignore[misc] # not in the stubs
        return True  # to be committed

    def close_pool(self) -> None:
        if pool := self.pool:
            pool.close()
            _pools.pop(self.alias, None)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        if self.pool is None:
            return super().get_new_connection(conn_params)
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return self.pool.take()

    def _close(self) -> None:
        if self.connection is None or self.pool is None:
            return super()._close()  # type: ignore[misc] # not in the stubs
        connection, self.connection = self.connection, None
        with self.wrap_database_errors:
            self.pool.give_back(connection)
        return None
