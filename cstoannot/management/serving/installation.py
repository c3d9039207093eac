"""Prepares the installation and starts the production server, which purges deleted projects daily.

Workers are forked from the process that has loaded the application, so each starts with everything
imported. The installation's files are private to its user.
"""

import ctypes
import logging
import os
import random
import resource
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.migrations.executor import MigrationExecutor

from cstoannot.annotations.triggers import install_triggers
from cstoannot.management.serving.limits import ConnectionLimits
from cstoannot.management.serving.listener import start_listening
from cstoannot.management.serving.processes import Supervisor
from cstoannot.projects.purge_actions import purge_deleted_projects
from cstoannot.web.staticfiles import collect_static_files


def make_files_private() -> None:
    """Remove others' access to the data folder, this program's files in it and the database.

    Files of other owners stay as they are. New files are private already: see `settings.py`.
    """
    for path in _iterate_own_files(settings.DATA_FOLDER):
        now = path.lstat().st_mode
        wanted = 0o700 if stat.S_ISDIR(now) else 0o600
        if not stat.S_ISLNK(now) and stat.S_IMODE(now) != wanted:
            try:
                path.chmod(wanted)
            except PermissionError:
                continue


def _iterate_own_files(folder: Path) -> Iterator[Path]:
    # A shared folder such as /tmp must stay open to others.
    if not folder.stat().st_mode & stat.S_ISVTX:
        yield folder
    yield from _iterate_existing_file(folder / "secret-key")
    yield from _iterate_existing_file(Path(settings.STATIC_ROOT))
    yield from Path(settings.STATIC_ROOT).rglob("*")
    if connection.vendor == "sqlite":
        database = str(connection.settings_dict["NAME"])
        for ending in ("", "-wal", "-shm", "-journal"):
            yield from _iterate_existing_file(Path(database + ending))


def _iterate_existing_file(path: Path) -> Iterator[Path]:
    if path.exists():
        yield path


DAY = 24 * 60 * 60.0
SPREAD = 60 * 60.0
"""Each worker waits up to this much longer, so that they do not purge at the same time."""
logger = logging.getLogger("cstoannot.serving")


class DailyPurge:
    """A WSGI application that purges after a response, in a thread, at most once a day.

    Purging works in small transactions, so that others can save in between. An interrupted purge
    continues the next time.
    """

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._application, self._clock = application, clock
        self._turn = threading.Lock()
        self._due: float | None = None  # set in the worker, after the fork
        self.thread: threading.Thread | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        now = self._clock()
        if self._due is None or now >= self._due:
            self._begin(now)
        return answer

    def _begin(self, now: float) -> None:
        with self._turn:
            is_first, is_due = self._due is None, self._due is not None and now >= self._due
            if is_first or is_due:
                self._due = now + DAY + random.uniform(0, SPREAD)
        if is_due:
            thread = threading.Thread(target=_purge_in_background, name="purge", daemon=True)
            try:
                thread.start()
                self.thread = thread
            except RuntimeError as error:  # the response is complete already
                logger.warning("Deleted projects are not yet removed for good: %s", error)


def _purge_in_background() -> None:
    try:
        purge_deleted_projects()
    except DatabaseError as error:
        logger.warning("Deleted projects are not yet removed for good: %s", error)
    finally:
        connections.close_all()


def prepare_installation() -> None:
    """Update the database and the static files; fast if they are up to date."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)
    else:
        install_triggers()  # a release may change them without a migration
    collect_static_files()
    make_files_private()


def run_server(
    listener: socket.socket,
    *,
    workers: int | None,
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Serve until a signal ends it; call `announce` once clients can connect.

    `workers`: by default one on SQLite, one for each core on PostgreSQL.
    """
    embedded = connection.vendor == "sqlite"
    import_module(settings.ROOT_URLCONF)  # with every view, before the workers are forked
    os.chdir(settings.BASE_DIR)
    limits = ConnectionLimits()
    return_large_blocks()
    raise_open_file_limit(2 * limits.connections + 1_000)
    application = DailyPurge(get_wsgi_application())
    close_database_connections()
    start_listening(listener)
    announce()
    Supervisor(
        application,
        listener,
        workers=workers or (1 if embedded else os.cpu_count() or 1),
        limits=limits,
        behind_proxy=settings.BEHIND_PROXY,
    ).run()


M_MMAP_THRESHOLD = -3  # malloc.h
LARGE_BLOCK = 1024 * 1024  # bytes


def return_large_blocks() -> None:
    """Make the C library return large blocks to the operating system when they are freed.

    By default glibc keeps them for each thread once some have been freed: 40 MB a thread after long
    texts. Other C libraries have no such option.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def raise_open_file_limit(wanted: int) -> None:
    """Raise the limit on open files, as far as the operating system lets this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def close_database_connections() -> None:
    """Close all connections, including pooled ones: a worker opens its own.

    Processes that share a connection would get each other's results.
    """
    for each in connections.all(initialized_only=True):
        each.close()
        if isinstance(each, PostgreSQL):
            each.close_pool()
