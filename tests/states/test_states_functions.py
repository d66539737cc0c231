"""Intrinsic functions: escapes and paths in their arguments, and arguments that do not fit."""

from __future__ import annotations

import json
import time

import pytest
from states_support import machine_of, run

from harness.json_types import Json
from harness.states import InvalidDefinition, parse


def value(call: str, data: Json) -> Json:
    execution = run(machine_of(("P", {"Type": "Pass", "Parameters": {"v.$": call}})), data)
    assert execution.output is not None, execution.cause
    assert isinstance(execution.output.value, dict)
    return execution.output.value["v"]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (r"States.StringSplit('a\\b\\c', '\\')", ["a", "b", "c"]),
        (r"States.StringSplit('a\{b\}c', '\{\}')", ["a", "b", "c"]),
        (r"States.Array('\{', 'it\'s')", ["{", "it's"]),
        (r"States.Format('{}', '\{\}')", "{}"),
        (r"States.Format('\\{}', 1)", "\\1"),
        (r"States.Format('\\\{\}{}', 1)", "\\{}1"),
        (r"States.ArrayLength($.list[?(@.t =~ /(x|\/)/)])", 1),
        (r"States.Array($.a['b'][0], $['a'].b[1])", [1, 2]),
        ("States.ArrayUnique($.many)", [1, 1.0, True, "1", {"a": 1, "b": 2}]),
    ],
)
def test_texts_and_paths_as_arguments(call: str, expected: Json) -> None:
    many = [1, 1.0, True, "1", 1, {"a": 1, "b": 2}, {"b": 2, "a": 1}]
    data = {"a": {"b": [1, 2]}, "list": [{"t": "x"}, {"t": "y"}], "many": many}
    assert json.dumps(value(call, data)) == json.dumps(expected)


@pytest.mark.parametrize(
    "call",
    [
        "States.ArrayRange(0, 1e300, 1)",
        "States.ArrayRange(1, 1001, 1)",
        "States.ArrayRange(1, 3, 0)",
        "States.ArrayPartition($.a.b, 0)",
        "States.ArrayGetItem($.a.b, 9)",
        "States.ArrayGetItem($.a.b, -1)",
        "States.MathRandom(3, 3)",
        "States.MathAdd('1', 2)",
        "States.JsonMerge($.a, $.a, true)",
        "States.Base64Decode('!')",
        "States.Hash('x', 'SHA-3')",
        "States.Format('{} {}', 1)",
    ],
)
def test_arguments_that_do_not_fit(call: str) -> None:
    execution = run(machine_of(("P", {"Type": "Pass", "Parameters": {"v.$": call}})), {"a": {"b": [1]}})
    assert execution.error == "States.IntrinsicFailure"
    assert "Invalid arguments in States." in (execution.cause or "")


def test_unique_items_of_a_large_array() -> None:
    began = time.process_time()
    assert value("States.ArrayLength(States.ArrayUnique($.n))", {"n": list(range(20_000))}) == 20_000
    assert time.process_time() - began < 2


@pytest.mark.parametrize("escape", [r"\"", r"\n", r"\u0041", r"\ "])
def test_other_escapes_in_a_text_are_refused(escape: str) -> None:
    with pytest.raises(InvalidDefinition, match=r"field 'v\.\$' must .* at /States/P/Parameters'"):
        parse(machine_of(("P", {"Type": "Pass", "Parameters": {"v.$": f"States.Array('{escape}')"}})))
