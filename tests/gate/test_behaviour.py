"""Changes in scenario behaviour caused by a commit."""

from __future__ import annotations

from typing import Any

import pytest

from harness.gate.behaviour import CHANGED, EXCEEDED, NEAR, Prices, compared
from harness.gate.measures import COLD_START_S, Measures, measured
from harness.gate_settings import PRICES
from harness.limits.table import measure
from harness.observe.model import Observation
from harness.testing import a_call, a_history, an_execution, an_invocation, observed

REPORT = '{"type":"platform.report","record":{"metrics":{"durationMs":0.0,"memorySizeMB":512}}}\n'


def seen(*, takes_s: float = 0.1, tries: int = 1, **invocation: Any) -> Observation:
    history = a_history().enters("Count")
    for number in range(tries):
        begin_s = 2.0 * number
        history.schedules("counter", at_s=begin_s).event("LambdaFunctionStarted", at_s=begin_s)
        last = number == tries - 1
        kind = "LambdaFunctionSucceeded" if last else "LambdaFunctionFailed"
        history.event(kind, at_s=begin_s + takes_s, **({} if last else {"error": "E"}))
    execution = an_execution(history=history, took_s=2.0 * tries)
    made = [
        an_invocation(
            "counter",
            a_call("s3:ListBuckets"),
            at_s=2.0 * number,
            duration_s=0.0,
            log=REPORT,
            execution_arn=execution.arn,
            state="Count",
            attempt=number,
            **invocation,
        )
        for number in range(tries)
    ]
    return observed(execution, invocations=made, functions={"counter": "Counter"})


def test_amounts_of_an_observation() -> None:
    amounts = measured(seen(tries=2))
    assert (amounts.transitions, amounts.retries, amounts.executions) == (2, 1, 1)
    assert amounts.invocations == {"Counter": 2}
    assert amounts.calls["s3:ListBuckets"] == 2
    assert amounts.duration_s == 4.0
    assert amounts.limits["states-history"].amount == amounts.events


def test_memory_is_billed_for_the_time_of_the_task_and_of_the_cold_start() -> None:
    assert measured(seen(takes_s=0.3)).gb_seconds == {"Counter": pytest.approx((0.3 + COLD_START_S) / 2)}
    # The second invocation reuses the first environment.
    assert measured(seen(takes_s=0.3, tries=2)).gb_seconds == {
        "Counter": pytest.approx((0.6 + COLD_START_S) / 2)
    }


def test_an_unchanged_scenario_has_no_finding() -> None:
    assert compared("a.yaml", measured(seen()), measured(seen())) == ()


def test_each_change_is_one_note() -> None:
    found = compared("a.yaml", measured(seen()), measured(seen(tries=2)))
    assert {finding.rule for finding in found} == {CHANGED}
    assert len({finding.subject for finding in found}) == len(found)
    (transitions,) = [f for f in found if f.subject == "a.yaml: state transitions"]
    assert transitions.message == "a.yaml: state transitions: 1 before, 2 now (+1, +100%); each is billed"


def test_money_is_told_by_the_prices_that_are_given_only() -> None:
    before, after = measured(seen()), measured(seen(tries=2))
    assert not [f for f in compared("a", before, after) if "cost" in f.subject]
    prices = Prices.of({"states-transition": 0.5})
    (cost,) = [f for f in compared("a", before, after, prices) if "cost" in f.subject]
    assert "0.5 before, 1 now" in cost.message


def test_a_price_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="'lambda-gb': use one of lambda-gb-second"):
        Prices.of({"lambda-gb": 1.0})


def history(amount: int) -> Measures:
    return Measures(limits={"states-history": measure("states-history", "execution run-1", amount)})


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (100, 25_001, EXCEEDED),
        (22_499, 22_500, NEAR),
        (22_500, 22_600, CHANGED),
        (25_001, 25_002, CHANGED),
        (2_499, 2_500, CHANGED),
    ],
)
def test_the_distance_to_a_limit(before: int, after: int, rule: object) -> None:
    (found,) = compared("a.yaml", history(before), history(after))
    assert found.rule == rule
    assert f"{after:,}" in found.message


def test_far_from_a_limit_nothing_is_told_of_it() -> None:
    assert compared("a.yaml", history(100), history(200)) == ()


def test_all_prices_of_the_settings_are_prices_of_something() -> None:
    assert Prices.of(dict.fromkeys(PRICES, 1.0)) == Prices(1.0, 1.0, 1.0)
