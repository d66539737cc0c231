"""Who serves what: warm environments first, the limit, turns, outdated ones."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from invocation_samples import a_request

from harness.functions.shared.model import FunctionConfig
from harness.functions.supervisor.environment import Kind, Work
from harness.functions.supervisor.pool import STALL_S, Pool


class Fake:
    def __init__(self, work: Work) -> None:
        self.kind: Kind = work.kind
        self.served = [work]
        self.stopped = False

    def serve(self, work: Work) -> None:
        self.served.append(work)

    def stop(self) -> None:
        self.stopped = True


def work(function: str, revision: str = "1") -> Work:
    config = FunctionConfig(
        arn=function,
        name=function,
        handler="app.handler",
        code=Path(),
        revision=revision,
        region="",
        account_id="",
        endpoint_url="",
    )
    return Work(config, b"", lambda _: None, a_request())


class Bench:
    def __init__(self, limit: int, **settings) -> None:
        self.started: list[Fake] = []
        self.pool: Pool[Fake] = Pool(self._start, limit, **settings)

    def _start(self, work: Work) -> Fake:
        self.started.append(Fake(work))
        return self.started[-1]

    def submit(self, *works: Work) -> None:
        for each in works:
            self.pool.submit(each)


def test_the_environment_used_last_serves_first():
    bench = Bench(3)
    bench.submit(work("a"), work("a"))
    first, second = bench.started
    bench.pool.ready(second)
    bench.pool.ready(first)
    bench.submit(again := work("a"))
    assert first.served[1:] == [again]
    assert second.served[1:] == []


def test_at_the_limit_the_idle_one_that_was_used_least_recently_makes_room():
    bench = Bench(2)
    bench.submit(work("a"), work("b"))
    a, b = bench.started
    bench.pool.ready(b)
    bench.pool.ready(a)
    bench.submit(work("c"))
    assert (b.stopped, a.stopped) == (True, False)
    assert len(bench.started) == 3


def test_waiting_invocations_are_served_in_their_order():
    bench = Bench(1)
    works = [work("a") for _ in range(4)]
    bench.submit(*works)
    (only,) = bench.started
    for _ in range(3):
        bench.pool.ready(only)
    assert only.served == works


def test_a_function_without_an_environment_is_not_passed_by():
    bench = Bench(1)
    bench.submit(work("a"), work("b"), work("a"))
    bench.pool.ready(bench.started[0])
    assert bench.started[0].stopped
    assert [each.kind[0] for each in bench.started] == ["a", "b"]
    bench.pool.ready(bench.started[1])
    assert [each.kind[0] for each in bench.started] == ["a", "b", "a"]


def test_an_environment_keeps_its_function_while_the_oldest_waits_for_its_own():
    bench = Bench(2)
    bench.submit(work("a"), work("b"), work("b"), later := work("a"))
    a, b = bench.started
    bench.pool.ready(a)
    assert a.served[1:] == [later]
    assert not b.stopped


def test_one_that_sleeps_leaves_room_until_it_wakes():
    bench = Bench(1)
    bench.submit(work("a"), work("b"), work("c"))
    (a,) = bench.started
    bench.pool.sleeps(a, True)
    assert [each.kind[0] for each in bench.started] == ["a", "b"]
    bench.pool.sleeps(a, False)
    bench.pool.ready(a)  # with b at work, one too many
    assert a.stopped
    assert len(bench.started) == 2
    bench.pool.ready(bench.started[1])
    assert [each.kind[0] for each in bench.started] == ["a", "b", "c"]


def test_one_that_ends_asleep_is_forgotten():
    bench = Bench(1)
    bench.submit(work("a"), work("b"), work("c"))
    a = bench.started[0]
    bench.pool.sleeps(a, True)
    bench.pool.gone(a)
    bench.pool.sleeps(a, True)
    assert len(bench.started) == 2


def test_an_ended_environment_leaves_room():
    bench = Bench(1)
    bench.submit(work("a"), work("a"))
    bench.pool.gone(bench.started[0])
    assert len(bench.started) == 2


@pytest.mark.parametrize("idle", [True, False])
def test_environments_of_an_older_revision_are_stopped(idle):
    bench = Bench(4)
    bench.submit(work("a", "1"))
    (old,) = bench.started
    if idle:
        bench.pool.ready(old)
        bench.submit(work("a", "2"))
    else:
        bench.submit(work("a", "2"))
        assert not old.stopped
        bench.pool.ready(old)
    assert old.stopped
    assert len(bench.started) == 2


def test_the_limit_grows_only_while_nothing_moves_and_nothing_computes():
    used = [0.0]
    bench = Bench(1, elastic=True, cpu_s=lambda: used[0])
    assert bench.pool.check(0) is None
    bench.submit(work("a"), work("a"), work("a"))
    assert bench.pool.check(10) == 10 + STALL_S  # something has just begun
    assert bench.pool.check(10.1) == 10 + STALL_S
    used[0] = 0.4
    assert bench.pool.check(11) == 11 + STALL_S  # it computes
    assert len(bench.started) == 1
    bench.pool.check(12)
    assert len(bench.started) == 2
    bench.pool.check(13)  # the new one has begun since
    assert len(bench.started) == 2
    bench.pool.ready(bench.started[0])
    assert bench.pool.check(14) is None
    bench.pool.ready(bench.started[0])  # back at the usual limit: one too many
    assert bench.started[0].stopped


def test_a_fixed_limit_does_not_grow():
    bench = Bench(1)
    bench.submit(work("a"), work("a"))
    for now in range(5):
        assert bench.pool.check(now) is None
    assert len(bench.started) == 1


def test_a_failing_start_is_told_to_its_own_invocation():
    def fail(work: Work) -> Fake:
        raise FileNotFoundError("no code")

    outcomes = []
    pool: Pool[Fake] = Pool(fail, 1)
    for name in ("a", "b"):
        told = partial(lambda name, reply: outcomes.append((name, reply)), name)
        pool.submit(replace(work(name), done=told))
    assert [(name, reply.kind, reply.fields["reason"]) for name, reply in outcomes] == [
        ("a", "failed", "no code"),
        ("b", "failed", "no code"),
    ]


def test_those_that_are_named_are_stopped():
    bench = Bench(3)
    bench.submit(work("a"), work("b"), work("c"))
    bench.pool.ready(bench.started[0])
    bench.pool.stop(bench.started[:2])
    assert [each.stopped for each in bench.started] == [True, True, False]
