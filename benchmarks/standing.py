"""Generates scenarios for third-party projects: stand-ins for unsupported services, answers, an input."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dataflow import Dataflow
from seeding import BUCKET, seed_of
from values import Need, Needs, at, below, later, value_with

from harness.files import is_file, read_text
from harness.scenario import aws_names
from harness.scenario.results.check import findings
from harness.scenario.results.models import model_of
from harness.scenario.results.sample import sample, sample_value
from harness.service_names import SDK_NAMES, capitalized
from harness.stack.model import STATE_MACHINE, Stack
from harness.stack.unserved_tasks import states_in, uses_in
from harness.stand_ins import tasks_in
from harness.states.resource import Resource

_KINDS = {
    "Bucket": "AWS::S3::Bucket",
    "TableName": "AWS::DynamoDB::Table",
    "QueueUrl": "AWS::SQS::Queue",
    "TopicArn": "AWS::SNS::Topic",
    "StateMachineArn": STATE_MACHINE,
    "FunctionName": "AWS::Lambda::Function",
    "EventBusName": "AWS::Events::EventBus",
}
"""Parameters that name a resource, with its type."""
_NEXT_PAGE = ("NextToken", "LastEvaluatedKey", "NextContinuationToken")
_ANY = ("Payload", "Input", "Detail", "Body", "Message", "MessageBody", "Cause")
"""Parameters that accept any JSON in Step Functions."""


@dataclass
class Machine:
    """A deployed machine: its definition, and its unsupported tasks."""

    name: str
    arn: str
    definition: Any
    unserved: frozenset[str]
    flow: Dataflow = field(init=False)


@dataclass
class Project:
    """A deployed project.

    `stood_for` are functions that cannot run, by logical ID, each with the reason. `code` has the folder and
    the handler of each Python function. Another `variant` takes other branches of Choices.
    """

    stack: Stack
    machines: list[Machine]
    stood_for: Mapping[str, str]
    code: Mapping[str, tuple[Path, str]]
    variant: int = 0

    def __post_init__(self) -> None:
        for machine in self.machines:
            machine.flow = Dataflow(machine.definition, self._hints, self.variant)

    def _hints(self, name: str, state: Any, result: Needs) -> Iterator[Need]:
        """Return the needs of a task's parameters: from the API, and from the reads in a function's code.

        A function also gets the needs of its result, because many functions return their input.
        """
        resource = Resource.of(str(state.get("Resource", "")))
        given = state.get("Parameters") or state.get("Arguments") or {}
        if resource.is_function:
            yield from self._of_code(resource.arn.split(":")[-1])
            yield from later(result)
            return
        if resource.type == "lambda" and isinstance(given, dict):
            function = str(given.get("FunctionName", "")).split(":")
            yield from at(self._of_code(function[6] if len(function) > 6 else function[0]), "Payload")
            yield from at(later(below(result, "Payload")), "Payload")
        sdk = resource.type.removeprefix("aws-sdk:")
        service = aws_names.service(SDK_NAMES.get(sdk, sdk))
        operation = capitalized(resource.action)
        if service is not None and operation in service.operations and (shape := service.input(operation)):
            yield from self._of_shape(given, shape)

    def _of_code(self, function: str) -> Iterator[Need]:
        names = {physical: name for name, physical in self.stack.of_type("AWS::Lambda::Function").items()}
        folder, handler = self.code.get(names.get(function, ""), (None, ""))
        if folder is not None:
            yield from event_reads(folder, handler)

    def _of_shape(self, given: Any, shape: aws_names.Shape) -> Iterator[Need]:
        if shape.kind == "list" and isinstance(given, list):
            for n, inner in enumerate(given):
                yield from at(self._of_shape(inner, shape.inner), n)
        if not isinstance(given, dict) or shape.kind not in ("structure", "map"):
            return
        members = {capitalized(name): member for name, member in shape.members.items()}
        for key, value in given.items():
            name = key.removesuffix(".$")
            inner = members.get(name) if shape.kind == "structure" else shape.inner
            if inner is None or inner.is_json or inner.kind == "blob" or name in _ANY:
                continue
            if isinstance(value, dict | list):
                yield from at(self._of_shape(value, inner), name)
            else:
                made = self._named(name, sample_value(inner, name))
                yield Need((name,), json.dumps(made), 5 if made else 12)

    def _named(self, name: str, otherwise: Any) -> Any:
        found = list(self.stack.of_type(_KINDS[name]).values()) if name in _KINDS else []
        return found[0] if found else BUCKET if name == "Bucket" else otherwise

    def scenario(self, machine: Machine) -> dict[str, Any]:
        """Return a scenario that runs a machine."""
        started = self._started(machine)
        tasks = [entry for each in started for entry in self._tasks(each)]
        taken = {entry.get("function") for entry in tasks}
        functions = [{"function": name, "result": {}} for name in self.stood_for if name not in taken]
        answers = [entry for each in started for entry in self._answers(each)]
        made: dict[str, Any] = {"title": f"{machine.name} ends"}
        if tasks or functions:
            made["tasks"] = [*tasks, *functions]
        if answers:
            made["answers"] = answers
        given = value_with(machine.flow.input)
        given = given if isinstance(given, dict | list) else {}
        if seed := seed_of(self.stack, started, given):
            made["seed"] = seed
        made["run"] = {"state_machine": machine.name, "input": given, "timeout": "60 s"}
        made["expect"] = {"execution": {"status": "SUCCEEDED"}}
        return made

    def _started(self, machine: Machine) -> list[Machine]:
        """Return a machine, and the machines that its definition refers to, directly or indirectly."""
        found = [machine]
        for each in found:
            text = json.dumps(each.definition)
            found += [one for one in self.machines if one.arn in text and one not in found]
        return found

    def _tasks(self, machine: Machine) -> Iterator[dict[str, Any]]:
        deployed = {self.stack.of_type("AWS::Lambda::Function").get(name): name for name in self.stood_for}
        states: dict[str, Any] = dict(states_in(machine.definition))
        for task in tasks_in(machine.definition):
            function = next((deployed[name] for name in task.functions if name in deployed), "")
            needs = machine.flow.results[task.name]
            if task.resource.endswith(".waitForTaskToken") and (function or task.name in machine.unserved):
                yield {"state": task.name, "result": value_with(needs)}
            elif function:
                payload = below(needs, "Payload") if task.resource.startswith("lambda:") else needs
                yield {"function": function, "state": task.name, "result": value_with(payload)}
            elif task.name in machine.unserved or _reads_data(task.resource, needs):
                yield {"state": task.name, **result_of(task.resource, [*needs, *_echoed(states[task.name])])}

    def _answers(self, machine: Machine) -> Iterator[dict[str, Any]]:
        stood_for = {entry["state"] for entry in self._tasks(machine)}
        for task in tasks_in(machine.definition):
            waits = task.resource.endswith(".waitForTaskToken") or ":activity:" in task.resource
            if waits and task.name not in stood_for:
                output = value_with(machine.flow.results[task.name])
                yield {"state": task.name, "after": "1 min", "output": output}


def _echoed(state: Any) -> Iterator[Need]:
    """Return the constants in a task's parameters: a response often repeats them."""
    for key, value in (state.get("Parameters") or state.get("Arguments") or {}).items():
        if isinstance(value, str) and not key.endswith(".$") and not value.startswith("{%"):
            yield Need((key,), json.dumps(value), 50)


def _reads_data(resource: str, needs: Iterable[Need]) -> bool:
    """Return whether a task reads external data that later states need."""
    of_item = resource in ("dynamodb:getItem", "aws-sdk:dynamodb:getItem")
    return of_item and any(need.tokens[:1] == ("Item",) for need in needs)


def result_of(resource: str, needs: Iterable[Need]) -> dict[str, Any]:
    """Return the result of an integration, and how strictly it can be checked."""
    model, needs = model_of(resource), list(needs)
    if model is None:
        return {"result": value_with(needs)}
    needs = [need for need in needs if not {*need.tokens} & {*_NEXT_PAGE}]
    wanted = {str(token) for need in needs for token in need.tokens}
    made = _with(sample(model, wanted), value_with(needs, None))
    for mode in ("STRICT", "PRESENT"):
        if not [*findings(model, made, (), mode)]:  # type: ignore[arg-type]
            return {"result": made} | ({} if mode == "STRICT" else {"validation": mode})
    return {"result": made, "validation": "NONE"}


def _with(made: Any, needed: Any) -> Any:
    """Return a sample with the needed values, where any JSON is allowed, and where a value is known."""
    if needed is None:
        return made
    if made == {}:
        return _known(needed)
    if isinstance(made, dict) and isinstance(needed, dict):
        return {key: _with(value, needed.get(key)) for key, value in made.items()}
    if isinstance(made, list) and isinstance(needed, list) and made:
        return [_with(made[min(n, len(made) - 1)], each) for n, each in enumerate(needed)]
    return needed if type(made) is type(needed) and not isinstance(made, dict | list) else made


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_known(inner) for inner in value]
    return "1" if value is None else value


def event_reads(folder: Path, handler: str) -> Iterator[Need]:
    """Return the constant keys of its event that a function's handler reads."""
    module, _, name = handler.rpartition(".")
    path = folder / (module.replace(".", "/") + ".py")
    try:
        tree = ast.parse(read_text(path)) if is_file(path) else ast.Module([], [])
    except (SyntaxError, ValueError):
        return
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name == name and function.args.args:
            yield from _reads(function, function.args.args[0].arg)


def _reads(function: ast.FunctionDef, event: str) -> Iterator[Need]:
    for node in ast.walk(function):
        tokens = _tokens(node, event)
        if tokens:
            yield Need(tokens)
        if isinstance(node, ast.For) and (looped := _tokens(node.iter, event)):
            yield Need((*looped, 0))


def _tokens(node: ast.AST, event: str) -> tuple[str | int, ...] | None:
    if isinstance(node, ast.Name):
        return () if node.id == event else None
    key: ast.expr | None = None
    inner: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        key, inner = node.slice, node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        key, inner = (node.args[0] if node.args else None), node.func.value
    if inner is None or not isinstance(key, ast.Constant) or not isinstance(key.value, str | int):
        return None
    before = _tokens(inner, event)
    return None if before is None else (*before, key.value)


def unserved_in(stack: Stack, name: str, definition: Any, by_engine: Collection[str]) -> frozenset[str]:
    """Return the unsupported states of a machine."""
    used = {use.state for use in uses_in(stack, name, definition)} if stack.not_served else set()
    return frozenset({*by_engine, *used})


def names_of_states(definition: Any) -> list[str]:
    """Return the names of all states in a definition."""
    return [name for name, _ in states_in(definition)]


def plain(text: str) -> str:
    """Return a string in the format of a file name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")
