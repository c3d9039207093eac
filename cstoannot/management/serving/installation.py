"""Starts the production server in the process that has loaded the application.

Workers are forked from it, so each of them begins with everything imported, and what is imported
once is paid for once.
"""

import os
import resource
import socket
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.migrations.executor import MigrationExecutor

from cstoannot.annotations.guards import lay_guards
from cstoannot.management.privacy import make_private
from cstoannot.management.serving.daily import DailyPurge
from cstoannot.management.serving.limits import Limits
from cstoannot.management.serving.listener import start_listening
from cstoannot.management.serving.supervisor import Supervisor
from cstoannot.web.staticfiles import collect_static_files


def prepare_installation() -> None:
    """Bring the database and the static files up to date; quick where they are."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)
    else:
        lay_guards()  # a release may change them without a migration
    collect_static_files()
    make_private()


def serve(
    listener: socket.socket,
    *,
    workers: int | None,
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Serve until a signal ends it; `announce` is called once clients can connect.

    `workers`: by default one on SQLite, one for each core on PostgreSQL.
    """
    embedded = connection.vendor == "sqlite"
    import_module(settings.ROOT_URLCONF)  # with every view, before the workers are forked
    os.chdir(settings.BASE_DIR)
    limits = Limits()
    allow_open_files(2 * limits.connections + 1_000)
    application = DailyPurge(get_wsgi_application())
    close_connections()
    start_listening(listener)
    announce()
    Supervisor(
        application,
        listener,
        workers=workers or (1 if embedded else os.cpu_count() or 1),
        limits=limits,
        behind_proxy=settings.BEHIND_PROXY,
    ).run()


def allow_open_files(wanted: int) -> None:
    """Raise the limit on open files, as far as the operating system lets this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def close_connections() -> None:
    """Close all connections, and those that a pool keeps: a worker opens its own.

    A connection that two processes share gives one the answers to what the other asked.
    """
    for each in connections.all(initialized_only=True):
        each.close()
        if isinstance(each, PostgreSQL):
            each.close_pool()
