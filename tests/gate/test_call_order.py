"""The order of calls in functions, and swapped calls."""

from __future__ import annotations

from harness.functions.shared.model import Call
from harness.gate.behaviour import compared
from harness.gate.call_order import reordered, writes
from harness.gate.measures import measured
from harness.observe.model import Observation
from harness.testing import a_call, an_execution, an_invocation, observed

FIRST, SECOND = (a_call("dynamodb:PutItem", TableName="Rows", Item={"id": {"S": name}}) for name in "ab")
READ, OTHER = a_call("dynamodb:Query", TableName="Rows"), a_call("dynamodb:GetItem", TableName="Rows")


def seen(*calls: Call) -> Observation:
    return observed(
        an_execution(), invocations=[an_invocation("writer", *calls)], functions={"writer": "Writer"}
    )


def test_the_same_calls_in_another_order_are_told_once() -> None:
    ((function, what),) = reordered(writes(seen(FIRST, SECOND)), writes(seen(SECOND, FIRST)))
    assert function == "Writer"
    assert what.startswith("dynamodb:PutItem (")
    assert what.endswith(
        '"b"}},"TableName":"Rows"}) now comes before '
        'dynamodb:PutItem ({"Item":{"id":{"S":"a"}},"TableName":"Rows"})'
    )


def test_the_order_of_reads_and_other_calls_are_no_change_of_order() -> None:
    assert not list(reordered(writes(seen(READ, OTHER)), writes(seen(OTHER, READ))))
    assert not list(reordered(writes(seen(FIRST)), writes(seen(SECOND))))


def test_a_switch_of_as_many_calls_is_one_line() -> None:
    strong = a_call("dynamodb:Query", TableName="Rows", ConsistentRead=True)
    (found,) = compared("a.yaml", measured(seen(READ)), measured(seen(strong)))
    assert found.message == "a.yaml: calls of dynamodb:Query with ConsistentRead=true: 0 before, 1 now (+1)"
