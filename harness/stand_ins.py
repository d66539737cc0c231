"""Binds a scenario's stand-ins to the state machines in the deployed stack.

The names in stand-ins must exist, and their results must be possible results of those tasks on AWS.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from harness.engine.clients import Clients
from harness.files import is_file, read_text
from harness.functions.shared.hosts import plain_name
from harness.functions.shared.runtimes import refusal
from harness.json_types import Json, JsonObject, as_dict
from harness.renaming import used
from harness.scenario.model import Scenario
from harness.scenario.position import Problem, ScenarioError
from harness.scenario.results.models import model_of, named
from harness.scenario.results.sample import sample
from harness.scenario.stand_ins import StandIn, stand_ins_of
from harness.scenario.task_rules import results
from harness.scenario.tasks import TaskAnswer, TaskSpec
from harness.scenario.wording import nearest
from harness.stack.model import STATE_MACHINE, Stack
from harness.stack.naming import executions_of
from harness.stack.unserved_tasks import inline_maps, states_in
from harness.stepfunctions import stand_ins as engines
from harness.stepfunctions.http_request import METHODS

FUNCTION: Final = "AWS::Lambda::Function"
HTTP: Final = "http:invoke"
_PLAIN: Final = re.compile(r"[A-Za-z][\w -]*\w|[A-Za-z]")
_MOST_SHOWN: Final = 800


class TaskState(NamedTuple):
    """A Task state in a deployed machine. `functions` are the possible names in its ARN or FunctionName."""

    name: str
    resource: str
    functions: tuple[str, ...]


def tasks_in(definition: Json) -> Iterator[TaskState]:
    """Return the Task states in a definition, at any depth."""
    for name, state in states_in(definition):
        given = as_dict(state)
        if given.get("Type") == "Task" and isinstance(resource := given.get("Resource"), str):
            yield TaskState(name, named(resource), _functions_of(given, resource))


def _functions_of(state: JsonObject, resource: str) -> tuple[str, ...]:
    if ":function:" in resource:
        return _names(resource)
    if not named(resource).startswith("lambda:invoke"):
        return ()
    arguments = as_dict(state.get("Parameters")) or as_dict(state.get("Arguments"))
    name = arguments.get("FunctionName")
    return _names(name) if isinstance(name, str) else ()


def _names(function: str) -> tuple[str, ...]:
    parts = function.split(":")
    if len(parts) > 6:
        return parts[6], ":".join(parts[:7])
    return (parts[0] if len(parts) < 3 else parts[2],)


def covers(spec: TaskSpec, task: TaskState, functions: Mapping[str, str]) -> bool:
    """Return whether a stand-in applies to a task. `functions` are names by logical ID."""
    return (
        spec.state in ("", task.name)
        and spec.resource in ("", task.resource)
        and (not spec.function or functions.get(spec.function, spec.function) in task.functions)
    )


class Answered:
    """The tasks that a scenario's stand-ins and hosts cover."""

    def __init__(self, scenario: Scenario, stack: Stack) -> None:
        self._specs = [each.spec for each in stand_ins_of(scenario)]
        self._functions = stack.of_type(FUNCTION)
        self._hosts = scenario.hosts

    def has(self, state: str, definition: Json, runs: Sequence[str]) -> bool:
        """Return whether each task with this name in a definition has a stand-in in these runs, or a host."""
        tasks = [task for task in tasks_in(definition) if task.name == state]
        return bool(tasks) and all(
            self._has_host(task, definition) or all(self._has_spec(task, run) for run in runs)
            for task in tasks
        )

    def _has_spec(self, task: TaskState, run: str) -> bool:
        return any(spec.run in ("", run) and covers(spec, task, self._functions) for spec in self._specs)

    def _has_host(self, task: TaskState, definition: Json) -> bool:
        """Return whether a task is an HTTP Task for a known host. A host known only at run time may be any
        host.
        """
        if task.resource != HTTP or not self._hosts:
            return False
        hosts = [host_of(as_dict(each)) for name, each in states_in(definition) if name == task.name]
        return all(host is None or host in self._hosts for host in hosts)

    def has_function(self, logical_id: str) -> bool:
        """Return whether a function has its own stand-in."""
        return any(spec.function == logical_id for spec in self._specs)


def functions_not_run(clients: Clients, stack: Stack) -> Mapping[str, tuple[str, str]]:
    """Return the deployed names of functions with an unsupported runtime, by logical ID, with the reasons."""
    found: dict[str, tuple[str, str]] = {}
    for logical_id, name in stack.of_type(FUNCTION).items():
        configuration = clients.client("lambda").get_function_configuration(FunctionName=name)
        package = configuration.get("PackageType", "Zip")
        if wrong := refusal(configuration.get("Runtime") or "", package):
            found[logical_id] = name, wrong[0]
    return found


def never_asked(clients: Clients, scenario: Scenario, stack: Stack) -> frozenset[int]:
    """Return the positions of stand-ins for functions with an unsupported runtime that no task invokes.

    Such a stand-in only states that the function is not run. It never responds to a task.
    """
    places = {
        number: spec.function
        for number, (_, spec, _) in enumerate(stand_ins_of(scenario))
        if spec.function and not spec.state and not spec.resource
    }
    if not places:
        return frozenset()
    runs_not = functions_not_run(clients, stack)
    describe = clients.stepfunctions.describe_state_machine
    invoked = {
        name
        for arn in stack.of_type(STATE_MACHINE).values()
        for task in tasks_in(json.loads(describe(stateMachineArn=arn)["definition"]))
        for name in task.functions
    }
    return frozenset(
        number for number, name in places.items() if name in runs_not and runs_not[name][0] not in invoked
    )


def bound(
    clients: Clients,
    scenario: Scenario,
    stack: Stack,
    renamed: Mapping[str, str],
    makes_machines: Callable[[], bool] = lambda: False,
) -> Sequence[engines.StandIn]:
    """Return the scenario's stand-ins for the engine, in the order of `stand_ins_of`.

    Args:
        makes_machines: returns whether a run may create state machines. Their states are not in a template.

    Raises:
        ScenarioError: a stand-in is for a state that no state machine has, or returns an impossible result.
    """
    standing = stand_ins_of(scenario)
    describe = clients.stepfunctions.describe_state_machine
    definitions = [
        json.loads(describe(stateMachineArn=arn)["definition"])
        for arn in stack.of_type(STATE_MACHINE).values()
    ]
    executions = executions_of(scenario, stack)
    binding = _Binding(scenario, stack.of_type(FUNCTION), executions, definitions, makes_machines)
    if problems := list(dict.fromkeys(each for one in standing for each in binding.problems(one))):
        raise ScenarioError(problems)
    return [binding.bound(each, renamed) for each in standing]


@dataclass
class _Binding:
    scenario: Scenario
    functions: Mapping[str, str]
    executions: Mapping[str, str]
    definitions: Sequence[Json]
    makes_machines: Callable[[], bool]

    def __post_init__(self) -> None:
        self.tasks = [task for each in self.definitions for task in tasks_in(each)]
        self.maps = {name for each in self.definitions for name in inline_maps(each)}

    def bound(self, stand_in: StandIn, renamed: Mapping[str, str]) -> engines.StandIn:
        spec = stand_in.spec
        path, _, name = spec.python.rpartition(":")
        matcher = None if spec.input is None else spec.input.model_dump(by_alias=True, exclude_unset=True)
        first, last = stand_in.which
        return engines.StandIn(
            tuple(_answer(each, renamed) for each in spec.answers),
            spec.state,
            spec.resource,
            self.functions.get(spec.function, spec.function),
            used(spec.params, renamed),
            matcher,
            first,
            last,
            (str((self.scenario.path.parent / path).resolve()), name) if path else None,
            self.executions.get(spec.run, ""),
            spec.iterations,
        )

    def problems(self, stand_in: StandIn) -> Iterator[Problem]:
        spec = stand_in.spec
        found = list(self._of_names(stand_in))
        yield from found
        if spec.python:
            yield from self._of_python(stand_in)
        if not found and not spec.resource and not spec.function:
            written = as_dict(self._written(stand_in))
            for resource in {task.resource for task in self.tasks if task.name == spec.state}:
                for finding in results(written, stand_in.at, model_of(resource)):
                    where = self.scenario.position(*finding.at, of=finding.of)
                    yield Problem(where, finding.message, finding.remedy)

    def _written(self, stand_in: StandIn) -> Json:
        """Return the answers in an entry, as in the file."""
        spec = stand_in.spec
        if spec.mock or spec.validation == "NONE":
            return {}
        answers: list[Json] = [
            {"result": each.result} if "result" in each.model_fields_set else {} for each in spec.answers
        ]
        entry: JsonObject = {"validation": spec.validation}
        return entry | ({"results": answers} if spec.results else as_dict(answers[0]))

    def _of_names(self, stand_in: StandIn) -> Iterator[Problem]:
        spec, tasks = stand_in.spec, self.tasks
        for name in spec.iterations:
            if name not in self.maps:
                message = f"no state machine in the template has an inline Map {name!r}"
                there = self.scenario.position(*stand_in.at, "iterations", name)
                yield Problem(there, message, nearest(name, sorted(self.maps), "its inline Maps"))
        if spec.state:
            tasks = [task for task in tasks if task.name == spec.state]
            if not tasks:
                yield from self._of_state(stand_in)
                return
        if spec.function:
            fitting = [task for task in tasks if spec.function in task.functions]
            if not fitting and spec.function not in self.functions and not self._may_be(tasks):
                known = [*self.functions, *(name for task in tasks for name in task.functions[-1:])]
                message = f"no task invokes a function {spec.function!r}"
                yield self._problem(stand_in, "function", message, nearest(spec.function, known))
        if spec.resource and not any(task.resource == spec.resource for task in tasks):
            where = f"state {spec.state}" if spec.state else "no state in the state machines"
            message = f"{where} {'does not have' if spec.state else 'has'} the resource {spec.resource!r}"
            remedy = nearest(spec.resource, sorted({task.resource for task in tasks}))
            yield self._problem(stand_in, "resource", message, remedy)

    @staticmethod
    def _may_be(tasks: Iterable[TaskState]) -> bool:
        """Return whether a task invokes a function whose name is known only at run time."""
        return any(task.resource.startswith("lambda:invoke") and not task.functions for task in tasks)

    def _of_state(self, stand_in: StandIn) -> Iterator[Problem]:
        state = stand_in.spec.state
        others = {name: as_dict(each) for text in self.definitions for name, each in states_in(text)}
        if state in others:
            message = f"state {state} is a {others[state].get('Type')}; only Task states can have stand-ins"
            yield self._problem(stand_in, "state", message, "specify a Task state, or remove the stand-in")
        elif not self.makes_machines():
            message = f"no state machine in the template has a task {state!r}"
            remedy = nearest(state, [task.name for task in self.tasks])
            yield self._problem(stand_in, "state", message, remedy)

    def _of_python(self, stand_in: StandIn) -> Iterator[Problem]:
        path, _, name = stand_in.spec.python.rpartition(":")
        file = self.scenario.path.parent / path
        if not is_file(file):
            remedy = "correct the path, which is relative to this file"
            yield self._problem(stand_in, "python", f"file {file} not found", remedy)
        elif name not in (known := _functions_in(file)):
            message = f"{path} has no function {name!r}"
            yield self._problem(stand_in, "python", message, nearest(name, known))

    def _problem(self, stand_in: StandIn, key: str, message: str, remedy: str) -> Problem:
        return Problem(self.scenario.position(*stand_in.at, key, of="value"), message, remedy)


def _answer(answer: TaskAnswer, renamed: Mapping[str, str]) -> engines.Answer:
    return engines.Answer(
        used(answer.result, renamed), answer.error or "", answer.cause or "", answer.takes_s, answer.times
    )


def _functions_in(file: Path) -> Sequence[str]:
    """Return the functions in the source of a Python file. Empty if the file cannot be read."""
    try:
        read = ast.parse(read_text(file))
    except (OSError, SyntaxError, ValueError):
        return ()
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [each.name for each in read.body if isinstance(each, kinds)]


def _read_in(value: Json) -> frozenset[str]:
    """Return the names that the paths and expressions in a definition read."""
    if isinstance(value, str):
        return frozenset(re.findall(r"\.\s*([A-Za-z_]\w*)", value) if "$" in value else ())
    inner: Iterable[Json] = value.values() if isinstance(value, dict) else ()
    inner = value if isinstance(value, list) else inner
    return frozenset[str]().union(*map(_read_in, inner))


def host_of(state: JsonObject) -> str | None:
    """Return the host for an HTTP Task. None if it is known only when the task starts."""
    given = as_dict(state.get("Parameters")) or as_dict(state.get("Arguments"))
    endpoint = given.get("ApiEndpoint")
    if not isinstance(endpoint, str) or endpoint.startswith("{%"):
        return None
    return plain_name(urlsplit(endpoint).hostname or "")


def _lines_for_host(state: str, definition: Json) -> str:
    """Return the scenario lines that answer an HTTP Task in place of its host."""
    found = next((as_dict(each) for name, each in states_in(definition) if name == state), {})
    given = as_dict(found.get("Parameters")) or as_dict(found.get("Arguments"))
    endpoint, method = given.get("ApiEndpoint"), given.get("Method")
    known = host_of(found)
    words = [f"method: {method}"] if method in METHODS else []
    words += [f"path: {json.dumps(urlsplit(str(endpoint)).path or '/')}"] if known else []
    body = json.dumps(sample(model_of(HTTP), _read_in(definition)), ensure_ascii=False)
    read = as_dict(json.loads(body)).get("ResponseBody")
    words.append(f"json: {json.dumps(read if isinstance(read, dict) else {})}")
    return f"  hosts:\n    {known or 'api.example.com'}:\n      - {{{', '.join(words)}}}"


def lines_for(state: str, resource: str, definition: Json) -> str:
    """Return the scenario lines that answer a task, with the result fields that its machine reads."""
    if named(resource) == HTTP:
        return _lines_for_host(state, definition)
    model = model_of(resource)
    result = json.dumps(sample(model, _read_in(definition)), ensure_ascii=False)
    if len(result) > _MOST_SHOWN:
        result = json.dumps(sample(model, ()), ensure_ascii=False)
    shown = state if _PLAIN.fullmatch(state) else json.dumps(state, ensure_ascii=False)
    return f"  tasks:\n    - state: {shown}  # {named(resource)}\n      result: {result}"
