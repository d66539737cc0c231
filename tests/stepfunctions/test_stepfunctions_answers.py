"""Answers of functions that are no JSON."""

from __future__ import annotations

import pytest
from tasks_support import FUNCTION, Bench, task

from harness.stepfunctions.functions import FunctionAnswer


@pytest.mark.parametrize("answer", ['{"mean": NaN}', "[Infinity]", "-Infinity", "[1,"])
@pytest.mark.parametrize("way", ["arn", "invoke"])
def test_an_answer_that_is_no_json_fails_the_task(bench: Bench, answer: str, way: str) -> None:
    bench.functions.behaviour = lambda call: FunctionAnswer(answer, failed=False)
    invoke = {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": FUNCTION}}
    states = task(FUNCTION)
    if way == "invoke":
        states["T"] |= invoke
    described = bench.play(states)
    assert described["status"] == "FAILED"
    assert described["error"] == "States.Runtime"
    assert described["cause"].endswith(f"not valid JSON: {answer}")


def test_numbers_that_only_look_large_are_json(bench: Bench) -> None:
    bench.functions.behaviour = lambda call: FunctionAnswer('{"a": "NaN", "b": 1e5}', failed=False)
    assert bench.play(task(FUNCTION))["status"] == "SUCCEEDED"
