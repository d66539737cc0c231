"""The limit on concurrent work: others wait in order, but never without end."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.functions.host.places import Places


class Worker:
    """An invocation in its own thread that runs until stopped."""

    def __init__(self, places: Places, name: str) -> None:
        self.begun, self._end = threading.Event(), threading.Event()
        self._places, self._name = places, name
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        while not (self.begun.is_set() or name in places._waiting):
            self._thread.join(0.001)

    def _work(self) -> None:
        with self._places.of(self._name):
            self.begun.set()
            self._end.wait()

    def end(self) -> None:
        self._end.set()
        self._thread.join()


@pytest.fixture
def start():
    workers: list[Worker] = []
    places = Places(2)

    def start(name: str) -> Worker:
        workers.append(Worker(places, name))
        return workers[-1]

    start.places = places
    yield start
    for worker in workers:
        places.hurry(worker._name)
        worker.end()


def test_those_beyond_the_limit_wait_in_their_order(start):
    a, b, c, d = (start(name) for name in "abcd")
    assert [each.begun.is_set() for each in (a, b, c, d)] == [True, True, False, False]
    b.end()
    assert c.begun.wait(5)
    assert not d.begun.is_set()


def test_what_is_awaited_begins_at_once(start):
    a, b, c, d = (start(name) for name in "abcd")
    start.places.hurry("d")
    assert d.begun.wait(5)
    assert not c.begun.is_set()
    start.places.hurry("e")  # before it requests a place
    assert start("e").begun.wait(5)
    a.end()
    b.end()
    assert not c.begun.is_set()  # d and e work
    d.end()
    assert c.begun.wait(5)


def test_one_that_waits_lends_its_place(start):
    a, _, c = (start(name) for name in "abc")
    with start.places.lent("a"), start.places.lent("a"):
        assert c.begun.wait(5)
        d = start("d")
        assert not d.begun.is_set()
    a.end()
    assert not d.begun.is_set()  # b and c work
    c.end()
    assert d.begun.wait(5)


def test_a_place_that_was_lent_by_one_that_has_ended_is_not_lost(start):
    a, b = start("a"), start("b")
    with start.places.lent("a"):
        a.end()
        c = start("c")
        assert c.begun.wait(5)
    b.end()
    assert start("d").begun.wait(5)
    with start.places.lent("nobody's"):
        pass


def test_many_that_wait_for_each_other_all_end():
    places, done = Places(1), [threading.Event() for _ in range(50)]

    def work(number: int) -> None:
        with places.of(str(number)):
            if number + 1 < len(done):  # each waits for the next one, as the clock waits for the last
                places.hurry(str(number + 1))
                done[number + 1].wait(10)
            done[number].set()

    with ThreadPoolExecutor(len(done)) as threads:
        list(threads.map(work, range(len(done))))
    assert all(each.is_set() for each in done)
