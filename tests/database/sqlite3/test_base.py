"""Writers take turns in the order in which they asked."""

import threading
import time

from cstoannot.database.sqlite3.base import FairLock


def test_turns_come_in_the_order_of_asking():
    turns, order, threads = FairLock(), [], []
    assert turns.take(0)

    def wait(number: int) -> None:
        assert turns.take(10)
        order.append(number)
        turns.give_back()

    for number in range(20):
        thread = threading.Thread(target=wait, args=[number])
        thread.start()
        threads.append(thread)
        while len(turns._waiting) <= number:
            time.sleep(0.001)
    turns.give_back()
    for thread in threads:
        thread.join(10)
    assert order == list(range(20))
    assert turns.take(0)


def test_who_gives_up_leaves_the_turn_to_the_next():
    turns = FairLock()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give_back()
    assert turns.take(0)
    turns.give_back()
    assert not turns._waiting
