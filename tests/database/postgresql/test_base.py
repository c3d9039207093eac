"""The pool of connections knows at once when PostgreSQL is gone, and when it is back."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from timeit import timeit

import psycopg
import pytest

from cstoannot.database.outages import DOWN, find_outage
from cstoannot.database.postgresql.base import PAUSE, ConnectionPool, is_connection_alive
from tests.database.cluster import Cluster

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
PATIENCE = 5  # seconds; a pool that waits for its timeout takes ten


def _pool(cluster: Cluster, **options) -> ConnectionPool:
    return ConnectionPool(lambda: psycopg.connect(cluster.url, autocommit=True), **options)


def _ask(pool: ConnectionPool) -> int:
    connection = pool.take()
    try:
        return connection.execute("SELECT pg_backend_pid()").fetchone()[0]
    finally:
        pool.give_back(connection)


def test_connection_is_used_again(cluster):
    pool = _pool(cluster)
    assert len({_ask(pool) for _ in range(5)}) == 1
    pool.close()


def test_dead_connections_are_replaced_after_a_restart(cluster):
    pool = _pool(cluster, max_size=4)
    taken = [pool.take() for _ in range(4)]
    for connection in taken:
        pool.give_back(connection)
    for mode in ("fast", "immediate"):
        cluster.stop(mode)
        cluster.start()
        with ThreadPoolExecutor(4) as threads:
            assert len(list(threads.map(lambda _: _ask(pool), range(16)))) == 16
    pool.close()


def test_failure_is_known_at_once_and_so_is_the_return(cluster):
    pool = _pool(cluster, max_size=4)
    _ask(pool)
    cluster.stop()
    for _ in range(20):
        begun = time.monotonic()
        with pytest.raises(psycopg.OperationalError) as refused:
            pool.take()
        assert time.monotonic() - begun < PATIENCE
        assert find_outage(refused.value) == DOWN
    cluster.start()
    time.sleep(PAUSE)
    assert _ask(pool) > 0
    pool.close()


def test_one_thread_at_a_time_tries_a_server_that_does_not_answer(cluster):
    attempts, answer = [], Event()

    def connect():
        attempts.append(1)
        answer.wait(60)
        raise psycopg.OperationalError("timeout expired")

    pool = ConnectionPool(connect, max_size=8)
    answer.set()
    with pytest.raises(psycopg.OperationalError):
        pool.take()
    answer.clear()
    time.sleep(PAUSE)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(pool.take) for _ in range(8)]
        until = time.monotonic() + 30
        while sum(one.done() for one in asked) < 7 and time.monotonic() < until:
            time.sleep(0.01)
        assert (sum(one.done() for one in asked), len(attempts)) == (7, 2)
        answer.set()


def test_full_pool_refuses_after_its_timeout(cluster):
    pool = _pool(cluster, max_size=1, timeout=0.05)
    connection = pool.take()
    with pytest.raises(psycopg.OperationalError, match="in use"):
        pool.take()
    pool.give_back(connection)
    assert _ask(pool) > 0
    pool.close()


def test_connection_in_a_transaction_is_not_kept(cluster):
    pool = _pool(cluster)
    connection = pool.take()
    connection.autocommit = False
    connection.execute("SELECT 1")
    pool.give_back(connection)
    assert connection.closed
    pool.close()


def test_look_at_an_idle_connection_costs_next_to_nothing(cluster):
    connection = psycopg.connect(cluster.url, autocommit=True)
    seconds = (
        timeit(lambda: is_connection_alive(connection), timer=time.thread_time, number=1000) / 1000
    )
    assert seconds < 0.000_1  # of work; the shortest query takes as much and waits besides
    connection.close()
    assert not is_connection_alive(connection)
