"""Selection of environments: the rules, which depend only on the order of starts and ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.functions.host.environments import MOST_KEPT, Environment, Environments, Throttled
from harness.functions.shared.model import FunctionConfig


def function(name: str = "f", revision: str = "1", account_id: str = "1", **fields) -> FunctionConfig:
    return FunctionConfig(
        arn=f"arn:aws:lambda:eu-west-1:{account_id}:function:{name}",
        name=name,
        handler="app.handler",
        code=Path(),
        revision=revision,
        region="eu-west-1",
        account_id=account_id,
        endpoint_url="",
        **fields,
    )


def take(environments: Environments, config: FunctionConfig, *, virtual: bool = True) -> Environment:
    taken, _ = environments.take(config, virtual=virtual)
    return taken


def test_forty_at_one_moment_are_forty():
    environments = Environments()
    taken = [take(environments, function()) for _ in range(40)]
    assert [each.number for each in taken] == list(range(1, 41))


def test_the_one_that_was_used_last_serves_first():
    environments = Environments()
    first, second = take(environments, function()), take(environments, function())
    environments.give_back(second, 1)
    environments.give_back(first, 2)
    assert take(environments, function()) is first
    assert take(environments, function()) is second


def test_of_those_that_became_free_together_the_one_made_first_serves_first():
    environments = Environments()
    made = [take(environments, function()) for _ in range(3)]
    for each in (made[1], made[2], made[0]):
        environments.give_back(each, 7)
    assert [take(environments, function()) for _ in range(3)] == made


def test_one_that_has_ended_serves_no_more():
    environments = Environments()
    first = take(environments, function())
    first.alive = False
    assert environments.give_back(first, 1) is None
    assert take(environments, function()).number == 2


@pytest.mark.parametrize("busy", [True, False])
def test_another_revision_retires_those_of_the_one_before(busy):
    environments = Environments()
    old = take(environments, function())
    if not busy:
        environments.give_back(old, 1)
    new, retired = environments.take(function(revision="2"), virtual=True)
    assert new is not old
    assert retired == ([] if busy else [old])
    if busy:
        assert environments.give_back(old, 1) is old
    assert not old.alive


def test_a_bounded_number_of_an_account_serves_more_than_once():
    environments = Environments()
    early, late = take(environments, function("early")), take(environments, function("late"))
    environments.give_back(late, 2)
    environments.give_back(early, 1)
    kept = [take(environments, function()) for _ in range(MOST_KEPT - 2)]
    assert (early.alive, late.alive) == (True, True)
    # It replaces the environment that has been idle longest, then the other one, then none.
    retired = [environments.take(function(), virtual=True) for _ in range(3)]
    assert [gone for _, gone in retired] == [[early], [late], []]
    kept += [taken for taken, _ in retired[:2]]
    once = retired[2][0]
    assert [each.serves_once for each in (*kept, once)] == [False] * MOST_KEPT + [True]
    assert not take(environments, function(account_id="2")).serves_once
    for each in (*kept, once):
        assert environments.give_back(each, 3) is None
    assert not once.alive
    assert [take(environments, function()) for _ in range(MOST_KEPT)] == kept
    assert take(environments, function()).number == MOST_KEPT + 2


def test_kinds_do_not_serve_each_other():
    environments = Environments()
    of = [function(), function(version="3"), function("g"), function(account_id="2")]
    for config in of:
        environments.give_back(take(environments, config), 1)
    keys = {take(environments, config).key for config in of}
    real = take(environments, function(), virtual=False)
    assert len(keys | {real.key}) == 5


def test_retiring_all_or_those_of_an_account_counts_anew():
    environments = Environments()
    mine, theirs = take(environments, function()), take(environments, function(account_id="2"))
    environments.give_back(theirs, 1)
    environments.retire("1")
    assert (mine.alive, theirs.alive) == (False, True)
    environments.give_back(mine, 2)
    assert take(environments, function()).number == 1
    assert take(environments, function(account_id="2")) is theirs
    environments.retire()
    assert not theirs.alive


@pytest.mark.parametrize("reserved", [0, 1, 3])
def test_no_more_at_once_than_is_reserved_of_all_versions_together(reserved):
    environments = Environments()
    for number in range(reserved):
        taken = take(environments, function(reserved_concurrency=reserved, version=str(number)))
    with pytest.raises(Throttled, match=r"Rate Exceeded\.") as refused:
        take(environments, function(reserved_concurrency=reserved))
    assert refused.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    if reserved:
        environments.give_back(taken, 1)
        take(environments, function(reserved_concurrency=reserved))


def test_an_account_has_a_thousand_in_a_region():
    environments = Environments()
    for number in range(1000):
        taken = take(environments, function(f"f{number % 7}"))
    with pytest.raises(Throttled) as refused:
        take(environments, function("other"))
    assert refused.value.reason == "ConcurrentInvocationLimitExceeded"
    take(environments, function(account_id="2"))
    environments.give_back(taken, 1)
    take(environments, function("other"))


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.booleans()), max_size=60))
def test_there_are_never_more_than_were_busy_at_once(steps):
    """An environment serves one invocation at a time. A new one starts only if all others are busy or have
    ended.
    """
    environments = Environments()
    busy: dict[str, list[Environment]] = {"f": [], "g": []}
    alive: dict[str, set[Environment]] = {"f": set(), "g": set()}
    for moment, (kind, choice, ends) in enumerate(steps):
        name = "fg"[kind]
        if choice and busy[name]:
            given_back = busy[name].pop(choice % len(busy[name]))
            if ends:
                given_back.alive = False
                alive[name].discard(given_back)
            environments.give_back(given_back, moment // 3)
            continue
        free = alive[name] - set(busy[name])
        taken = take(environments, function(name))
        assert taken not in busy[name]
        assert taken in free or not free
        busy[name].append(taken)
        alive[name].add(taken)
