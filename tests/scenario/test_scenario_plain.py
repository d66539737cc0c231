"""Keys of `stack` next to a definition: valid values, and references to them in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_samples import parse

from harness.plain import GivenFunction, GivenTable
from harness.scenario.position import ScenarioError

FILE = Path("a.yaml")
END = "\nexpect: {messages: []}\n"


def problems(stack: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        parse(f"title: t\nstack: {stack}{END}", FILE)
    return [str(problem) for problem in error.value.problems]


def test_a_function_in_its_short_and_its_long_form() -> None:
    stack = parse(
        "title: t\nstack: {functions: {a: code, b: {code: x/../b, handler: m.f, runtime: python3.12, "
        f"environment: {{AB: 1, ON: true}}, timeout: 1 min, memory: 256}}}}}}{END}",
        FILE,
    ).stacks[0]
    assert stack.functions["a"].given(Path("root")) == GivenFunction(Path("root/code"))
    variables = (("AB", "1"), ("ON", "true"))
    assert stack.functions["b"].given(Path("root")) == GivenFunction(
        Path("root/b"), "m.f", "python3.12", variables, 60, 256
    )


def test_a_table_has_a_partition_key_and_perhaps_a_sort_key() -> None:
    tables = (
        parse(f"title: t\nstack: {{tables: {{orders: {{key: {{id: S, at: N}}}}}}}}{END}", FILE)
        .stacks[0]
        .tables
    )
    assert tables["orders"].given() == GivenTable((("id", "S"), ("at", "N")))


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        ("{functions: {a: {}}}", "a.yaml:2:21: 'code' is missing in stack.functions.a; add it: "),
        ("{functions: {a: 5}}", "a.yaml:2:24: a: expected a path, or a mapping with code, found 5"),
        (
            "{functions: {'a b': x}}",
            "a.yaml:2:21: 'a b' is not a valid name for a function; use up to 64 letters",
        ),
        (
            "{functions: {a: {code: x, timeout: 1500 ms}}}",
            "a.yaml:2:43: a function's timeout cannot be 1.5 s",
        ),
        ("{functions: {a: {code: x, timeout: 30}}}", "a.yaml:2:43: "),
        (
            "{functions: {a: {code: x, memory: 64}}}",
            "a.yaml:2:42: memory: invalid value 64; write 128 or more",
        ),
        (
            "{functions: {a: {code: x, memory: 99999}}}",
            "a.yaml:2:42: memory: invalid value 99999; write at most",
        ),
        (
            "{functions: {a: {code: x, environment: {A-B: x}}}}",
            "a.yaml:2:48: 'A-B' is not a valid variable name",
        ),
        (
            "{tables: {orders: {key: {}}}}",
            "a.yaml:2:32: a table's key cannot have 0 attributes; define a partition",
        ),
        (
            "{tables: {orders: {key: {a: S, b: S, c: S}}}}",
            "a.yaml:2:32: a table's key cannot have 3 attributes",
        ),
        ("{tables: {orders: {key: {id: T}}}}", "a.yaml:2:37: unknown id 'T'; known: S, N, B"),
        (
            "{machines: {a/b: x}}",
            "a.yaml:2:20: 'a/b' is not a valid name for a state machine; use up to 80 letters",
        ),
        (
            "{substitutions: {a-b: x}}",
            "a.yaml:2:25: 'a-b' is not a valid name for a substitution; write the text",
        ),
        ("{definitions: x}", "a.yaml:2:9: unknown key 'definitions' in stack; did you mean 'definition'?"),
    ],
)
def test_what_cannot_be_is_told(stack: str, said: str) -> None:
    (found,) = problems(stack)
    assert found.startswith(said)


def test_names_of_functions_may_stand_for_their_logical_ids() -> None:
    scenario = parse(
        "title: t\nfaults: [{function: list-objects, ends: timeout}]\n"
        "durations: [{function: list_objects, takes: 1 s}]\n"
        f"run: {{state_machine: my-flow}}{END}",
        FILE,
    )
    assert scenario.faults[0].function == "ListObjects"
    assert scenario.durations[0].function == "ListObjects"
    assert scenario.runs[0].state_machine == "MyFlow"
