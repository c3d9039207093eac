"""The production server: granian, in the process that has loaded the application already.

Granian forks its workers, so each of them begins with everything imported, and what is imported
once is paid for once.
"""

import os

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.migrations.executor import MigrationExecutor
from django.urls import get_resolver
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from cstoannot.annotations.guards import lay_guards
from cstoannot.web.staticfiles import collect_static_files

# Idle threads cost next to nothing, and a client that sends half a request holds one: sixty of
# them leave the others their place.
THREADS = 72


def prepare_installation() -> None:
    """Bring the database and the static files up to date; quick where they are."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)
    else:
        lay_guards()  # a release may change them without a migration
    collect_static_files()


def serve(*, host: str, port: int, workers: int | None) -> None:
    """Serve until a signal ends it. `workers`: 1 on SQLite by default, one a core on PostgreSQL."""
    embedded = connection.vendor == "sqlite"
    get_resolver().url_patterns  # noqa: B018  imports every view before the workers are forked
    os.chdir(settings.BASE_DIR)
    server = Server(
        "cstoannot.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or (1 if embedded else os.cpu_count() or 1),
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=600,  # seconds; a new thread opens the database anew
        backlog=1024,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    )
    application = get_wsgi_application()
    close_connections()
    server.serve(target_loader=lambda: application, wrap_loader=False)


def close_connections() -> None:
    """Close all connections, and those that a pool keeps: a worker opens its own.

    A connection that two processes share gives one the answers to what the other asked.
    """
    for each in connections.all(initialized_only=True):
        each.close()
        if isinstance(each, PostgreSQL):
            each.close_pool()
