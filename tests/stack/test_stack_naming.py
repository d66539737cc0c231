"""Resource names: one for each resource in all observations, and the names that a scenario can use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.expect import BUILT_IN
from harness.planned import Planned
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.stack.joined import joined
from harness.stack.model import Resource, Stack
from harness.stack.naming import Naming, naming_of
from harness.stack.origin import Origin

TABLE, FUNCTION = "AWS::DynamoDB::Table", "AWS::Lambda::Function"
MACHINE = "AWS::StepFunctions::StateMachine"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def planned(**stacks: dict[str, str]) -> list[Planned]:
    """Stacks with resources by their types; `Id: "TYPE path"` has the path of a construct."""
    found = []
    for name, resources in stacks.items():
        declared = {}
        for logical_id, text in resources.items():
            kind, _, path = text.partition(" ")
            metadata = {"Metadata": {"aws:cdk:path": path}} if path else {}
            declared[logical_id] = {"Type": kind, **metadata}
        Path(f"{name}.json").write_text(json.dumps({"Resources": declared}))
        found.append(Planned(Path(f"{name}.json"), name))
    return found


def used(text: str, stacks: list[Planned], machine: str | None = None) -> dict[tuple[str, str], str]:
    scenario = parse(f"title: t\n{text}\n", BUILT_IN, Path("x.yaml"))
    return dict(naming_of(scenario, stacks, machine).used)


def problems(text: str, stacks: list[Planned], machine: str | None = None) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        used(text, stacks, machine)
    return str(error.value).splitlines()


def items(table: str) -> str:
    return f"expect: {{items: {{{table}: {{count: 0}}}}}}"


CDK = {
    "Orders1234ABCD": f"{TABLE} Shop/Orders/Resource",
    "BackupOrders5678ABCD": f"{TABLE} Shop/Backup/Orders/Resource",
    "FnABCD1234": f"{FUNCTION} Shop/Orders/Fn/Resource",
}


@pytest.mark.parametrize(
    ("table", "logical_id"),
    [
        ("Orders1234ABCD", "Orders1234ABCD"),
        ("shop.Orders1234ABCD", "Orders1234ABCD"),
        ("Shop/Orders", "Orders1234ABCD"),
        ("Shop/Orders/Resource", "Orders1234ABCD"),
        ("Backup/Orders", "BackupOrders5678ABCD"),
        ("BackupOrders", "BackupOrders5678ABCD"),
    ],
)
def test_a_construct_has_many_names(table: str, logical_id: str) -> None:
    assert used(items(table), planned(shop=CDK)) == {("shop", logical_id): table}


def test_the_end_of_two_paths_is_refused_with_both() -> None:
    assert problems(items("Orders"), planned(shop=CDK)) == [
        "x.yaml:2:18: 'Orders' matches 2 tables; choose one: Shop/Orders, Shop/Backup/Orders"
    ]


def test_a_logical_id_that_two_stacks_have_is_refused_unless_the_stack_is_named() -> None:
    stacks = planned(a={"Rows": TABLE}, b={"Rows": TABLE, "Fn": FUNCTION})
    assert problems(items("Rows"), stacks) == [
        "x.yaml:2:18: 'Rows' matches 2 tables; choose one: a.Rows, b.Rows"
    ]
    assert used(items("b.Rows"), stacks) == {("b", "Rows"): "b.Rows"}
    # Of this kind there is one.
    other = planned(a={"Rows": FUNCTION}, b={"Rows": TABLE})
    assert used(items("Rows"), other) == {("b", "Rows"): "Rows"}


def test_a_machine_is_found_in_the_runs_and_in_the_settings() -> None:
    stacks = planned(a={"Flow": MACHINE}, b={"Flow": MACHINE})
    assert used("run: {state_machine: a.Flow}\nexpect: {polls: 0}", stacks) == {("a", "Flow"): "a.Flow"}
    assert used("expect: {polls: 0}", stacks, "b.Flow") == {("b", "Flow"): "b.Flow"}
    assert problems("run: {state_machine: Flow}\nexpect: {polls: 0}", stacks) == [
        "x.yaml:2:22: 'Flow' matches 2 state machines; choose one: a.Flow, b.Flow"
    ]
    assert problems("expect: {polls: 0}", stacks, "Flow")[0].startswith("x.yaml:1:1: 'Flow' matches 2")


def test_a_resource_has_one_name_in_a_scenario() -> None:
    text = "durations: [{function: Fn, takes: 1 s}]\nexpect: {invocations: {Orders/Fn: 1}}"
    (told,) = problems(text, planned(shop=CDK))
    assert told.endswith("is the function that is called 'Fn' elsewhere in the file; use one name for it")


def test_a_name_is_that_of_one_resource() -> None:
    stacks = planned(shop={"A1": f"{TABLE} Shop/X/Resource", "B1": f"{FUNCTION} Shop/Y/X/Resource"})
    text = "expect: {items: {X/Resource: {count: 0}}, invocations: {X/Resource: 1}}"
    (told,) = problems(text, stacks)
    assert told.endswith("'X/Resource' is the name of resources of several kinds; write Shop/X for the table")


def test_what_a_transform_makes_is_named_with_its_stack() -> None:
    assert used(items("a.Made"), planned(a={}, b={})) == {("a", "Made"): "a.Made"}
    assert used(items("Made"), planned(a={}, b={})) == {}


def test_all_names_differ() -> None:
    naming = Naming({("a", "Orders1234"): "Fn", ("b", "Rows"): "Rows"})
    names = naming.names({"a": ["Orders1234", "Role", "Rows"], "b": ["Fn", "Role", "Rows", "Own"]})
    assert names == {
        ("a", "Orders1234"): "Fn",
        ("a", "Role"): "a.Role",
        ("a", "Rows"): "a.Rows",
        ("b", "Fn"): "b.Fn",
        ("b", "Role"): "b.Role",
        ("b", "Rows"): "Rows",
        ("b", "Own"): "Own",
    }


def test_stacks_are_joined_with_these_names() -> None:
    def stack(name: str, **resources: str) -> Stack:
        return Stack(
            name,
            {"Url": name, f"Of{name}": "x"},
            {key: Resource(kind, f"{name}-{key}") for key, kind in resources.items()},
            fingerprint=name,
            origins={key: Origin(Path("t"), name, key, kind) for key, kind in resources.items()},
            not_served={"Job": Resource("AWS::Glue::Job", "j")},
            ids={name: f"arn:{name}"},
        )

    found = joined([stack("a", Rows=TABLE, Fn=FUNCTION), stack("b", Rows=TABLE)], Naming())
    assert found.outputs == {"a.Url": "a", "b.Url": "b", "Ofa": "x", "Ofb": "x"}
    assert found.of_type(TABLE) == {"a.Rows": "a-Rows", "b.Rows": "b-Rows"}
    assert found.of_type(FUNCTION) == {"Fn": "a-Fn"}
    assert set(found.not_served) == {"a.Job", "b.Job"}
    assert (found.logical_id("b.Rows"), found.logical_id("Fn")) == ("Rows", "Fn")
    assert (found.ids, found.fingerprint) == ({"a": "arn:a", "b": "arn:b"}, "ab")
