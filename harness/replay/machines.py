"""Chooses the state machine with which to replay an execution, and prepares it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from harness.histories import HistoryError, RecordedExecution
from harness.histories.definitions import described_definition
from harness.json_types import Json, JsonObject, as_dict
from harness.lint.definitions import keys_in
from harness.lint.machines import machines_in
from harness.plain import DefinitionPath
from harness.planned import Planned
from harness.regions import REGION
from harness.replay.accepted import Changes
from harness.replay.declared import declared_in
from harness.replay.learning import learned
from harness.replay.open_values import filled, has_mark, mark, matched
from harness.replay.placing import Places
from harness.scenario.position import Position, Problem
from harness.settings import Settings
from harness.stack.definition_names import PLACEHOLDER
from harness.stack.definition_text import DefinitionRefused, position, read_definition
from harness.stack.lines import TemplateLines
from harness.stack.nodes import Key
from harness.stack.stack_choice import stacks_for
from harness.states import InvalidDefinition, parse
from harness.states.asl import Machine

Place = Callable[[Sequence[Key]], Position]
_SAMPLE: Final = "arn:aws:lambda:us-east-1:123456789012:function:"


@dataclass(frozen=True)
class ReplayMachine:
    """A definition for replaying executions.

    Attributes:
        label: its logical ID, or its file.
        definition: the definition, with marks for values that only AWS knows. `name` can also contain marks;
            "" matches any name.
        place: returns the location of a definition entry from its keys.
        told: true if the definition is a string in AWS's output, not a file.
    """

    label: str
    definition: Json
    place: Place
    name: str = ""
    express: bool = False
    told: bool = False

    @property
    def states(self) -> frozenset[str]:
        """The names of its states, at any depth."""
        return frozenset(name for name, _, _ in states_of(self.definition))

    def position_of(self, state: str, way: Sequence[Key] = ()) -> Position:
        """Return the location of a state, or of an entry in it.

        Return the machine's location for an unknown state.
        """
        keys = next((keys for name, keys, _ in states_of(self.definition) if name == state), ())
        return self.place((*keys, *way) if keys else ())

    def of_items(self, execution: RecordedExecution) -> ReplayMachine:
        """Return the distributed Map's processor for an item's execution.

        Raises:
            HistoryError: no Map contains its states, or several Maps do.
        """
        found = []
        for name, keys, state in states_of(self.definition):
            processor = as_dict(state.get("ItemProcessor"))
            config = as_dict(processor.get("ProcessorConfig"))
            states = {each for each, _, _ in states_of(processor)}
            if config.get("Mode") == "DISTRIBUTED" and states.intersection(execution.states):
                found.append((name, (*keys, "ItemProcessor"), processor))
        if len(found) != 1:
            message = (
                f"it belongs to an item of a distributed Map, and {len(found) or 'no'} Map states of "
                f"{self.label} "
            )
            raise HistoryError(
                execution.file, f"{message}have its states", "specify its definition: --definition"
            )
        name, where, processor = found[0]
        inherited = {key: value for key, value in as_dict(self.definition).items() if key == "QueryLanguage"}
        definition: JsonObject = {**inherited, **processor}
        del definition["ProcessorConfig"]
        label = f"{self.label}: {name}"
        return ReplayMachine(
            label, definition, lambda keys: self.place((*where, *keys)), express=execution.express
        )

    def ready(
        self, execution: RecordedExecution, changes: Changes, places: Places | None = None
    ) -> tuple[Machine, Mapping[str, str]]:
        """Return the machine for an execution, with the values for marks from its history.

        Raises:
            DefinitionRefused: Step Functions rejects the definition.
        """
        values = learned(self.definition, execution, changes, places)
        definition = filled(self.definition, values)
        try:
            text = json.dumps(_callable(definition), ensure_ascii=False)
            return _parsed(text, express=self.express), values
        except InvalidDefinition as error:
            raise DefinitionRefused(
                Problem(
                    self.place(tuple(keys_in(definition, each.location))), f"{each.code}: {each.message}", ""
                )
                for each in error.problems
            ) from None


@lru_cache(maxsize=64)
def _parsed(text: str, *, express: bool) -> Machine:
    return parse(text, express=express)


def _callable(value: Json, key: str = "") -> Json:
    """Return a definition in which each unknown Resource is a function ARN."""
    if isinstance(value, str):
        return f"{_SAMPLE}{value}" if key == "Resource" and has_mark(value[:1]) else value
    if isinstance(value, list):
        return [_callable(each) for each in value]
    if isinstance(value, dict):
        found: JsonObject = {name: _callable(each, name) for name, each in value.items()}
        return found
    return value


def states_of(definition: Json, *keys: Key) -> Iterator[tuple[str, tuple[Key, ...], JsonObject]]:
    """Yield a definition's states, at any depth: the state's name, the keys that lead to it, and the state
    itself.
    """
    workflow = as_dict(definition)
    for name, state in as_dict(workflow.get("States")).items():
        where = (*keys, "States", name)
        yield name, where, as_dict(state)
        branches = as_dict(state).get("Branches")
        for number, branch in enumerate(branches if isinstance(branches, list) else ()):
            yield from states_of(branch, *where, "Branches", number)
        for inner in ("ItemProcessor", "Iterator"):
            if inner in as_dict(state):
                yield from states_of(as_dict(state)[inner], *where, inner)


def machines_of_file(file: Path, settings: Settings) -> tuple[ReplayMachine, ...]:
    """Return the definition in a file, or the definitions in a template.

    Raises:
        DefinitionRefused: the file is neither, or cannot be read.
        TemplateError: the template cannot be used.
        SettingsError: the template cannot be used.
    """

    def fill(text: str) -> str:
        given = settings.substitutions
        return PLACEHOLDER.sub(lambda match: given.get(match[1], mark(match[1])), text)

    text, definition = read_definition(file, fill)
    if (told := _described(file, text, definition)) is not None:
        return (told,)
    if "Resources" in as_dict(definition) and "States" not in as_dict(definition):
        return machines_of_stacks(stacks_for(settings, file, parameters=settings.parameters), settings)
    if "States" not in as_dict(definition):
        remedy = "specify a definition in JSON or YAML, the output of DescribeStateMachine, or a template"
        raise DefinitionRefused([Problem(Position(file), "it has neither States nor Resources", remedy)])
    known: Json = json.loads(fill(json.dumps(definition, ensure_ascii=False)))
    return (ReplayMachine(str(file), known, lambda keys: position(file, text, keys)),)


def _described(file: Path, text: str, document: Json) -> ReplayMachine | None:
    """Return the machine in the output of `aws stepfunctions describe-state-machine`.

    Return None for any other file.
    """
    try:
        given = described_definition(as_dict(document), str(file))
    except (RecursionError, ValueError):
        where = position(file, text, ("definition",))
        raise DefinitionRefused(
            [Problem(where, "the definition is not valid JSON", "export it again")]
        ) from None
    if given is None:
        return None
    # The definition is a single string in this file, so all of it has one location. It is a single machine
    # with any name.
    place = position(file, text, ("definition",))
    return ReplayMachine(str(file), given.definition, lambda _: place, express=given.express, told=True)


def machines_of_project(settings: Settings) -> tuple[ReplayMachine, ...]:
    """Return the state machines of a project's stacks.

    Raises:
        DefinitionRefused: a definition cannot be read.
        TemplateError: a template cannot be used.
        SettingsError: a template cannot be used.
    """
    return machines_of_stacks(stacks_for(settings), settings)


def machines_of_stacks(stacks: Sequence[Planned], settings: Settings) -> tuple[ReplayMachine, ...]:
    """Return the state machines of stacks; see `machines_of_project`."""
    found: list[ReplayMachine] = []
    for stack in stacks:
        places = _places(stack.template)
        for each in declared_in(stack, settings.region or REGION):
            place = places(each.logical_id)
            found.append(ReplayMachine(each.logical_id, each.definition, place, each.name, each.express))
    return tuple(found)


def _places(template: Path) -> Callable[[str], Place]:
    """Return a function that locates entries in a machine's definition, by the machine's logical ID."""
    if isinstance(template, DefinitionPath):
        lines = TemplateLines(template)
        return lambda name: lambda keys: lines.position("Resources", name, "Properties", "Definition", *keys)
    found = {each.name: each.place for each in machines_in(template)}
    return lambda name: found.get(name, lambda _keys: Position(template))


def chosen(
    machines: Sequence[ReplayMachine], execution: RecordedExecution, named: str | None = None
) -> ReplayMachine:
    """Return an execution's machine: the one that `named` specifies, the one with its name, the only one, or
    the one with its states.

    Raises:
        HistoryError: no machine matches, or several do.
    """
    if named is not None:
        found = [each for each in machines if each.label == named]
        if len(found) == 1:
            return found[0]
        raise HistoryError(execution.file, f"state machine {named!r} not found", _known(machines))
    if execution.machine_name:
        found = [each for each in machines if _may_be_called(each, execution.machine_name)]
        if len(found) == 1:
            return found[0]
    elif len(machines) == 1:
        return machines[0]
    return _by_states(machines, execution)


def _may_be_called(machine: ReplayMachine, name: str) -> bool:
    return not machine.name or matched(machine.name, name) is not None


def _by_states(machines: Sequence[ReplayMachine], execution: RecordedExecution) -> ReplayMachine:
    """Return the machine that contains more of the entered states than any other."""
    shares = [(len(each.states.intersection(execution.states)), each) for each in machines]
    most = max((share for share, _ in shares), default=0)
    best = [each for share, each in shares if share == most]
    if most and len(best) == 1:
        return best[0]
    about = (
        f"the machine {execution.machine_name!r}"
        if execution.machine_name
        else "the machine of this execution"
    )
    message = f"{about} was not found: {len(best) if most else 'no'} machines have its states"
    raise HistoryError(execution.file, message, _known(machines))


def _known(machines: Sequence[ReplayMachine]) -> str:
    names = ", ".join(each.label for each in machines) or "there is none"
    return f"specify it with --machine, or its definition with --definition; known: {names}"
