"""Builds a scenario: the input, the answers, and the expectations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from harness.histories import RecordedExecution
from harness.importing.belonging import Child, without
from harness.importing.calling import called_in
from harness.importing.expecting import Expecting, of_run
from harness.importing.functions import played_in, played_of_history
from harness.importing.hiding import Hiding
from harness.importing.messages import Messages
from harness.importing.model import NOT_KNOWN, Entry, Told, time_text
from harness.importing.reads import reads_of
from harness.importing.rebuilding import World, world_of
from harness.importing.recorded import Rebuilt
from harness.importing.tasks import Tasks
from harness.json_types import Json, json_or_text
from harness.replay.machines import ReplayMachine, states_of
from harness.scenario_files import commented, text_of

_HEAD: Final = "yaml-language-server: $schema=schema.json"


@dataclass(frozen=True)
class Options:
    """Options for an import.

    Attributes:
        stubbed: a stand-in answers every task, including tasks of the project's functions.
        stack: the scenario's `stack`; `{}` for the project's stack.
        is_default: true if the histories belong to the project's default machine.
        writes_definition: true if the definition is also written. It must then not contain proprietary names.
        guessed: sentences about the guessed parts of the definition.
        hidden: true if the executions and the definition no longer contain proprietary names or data.
        more_unknown: sentences about the stack.
    """

    keep_names: bool = False
    keep_data: bool = False
    stubbed: bool = False
    stack: Mapping[str, Any] = field(default_factory=dict)
    is_default: bool = True
    writes_definition: bool = False
    guessed: tuple[str, ...] = ()
    hidden: bool = False
    more_unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """An execution that one of the scenario's executions started.

    Attributes:
        machine: None if its definition is not known.
        functions: the names of the functions in the template; see `function_names`.
    """

    child: Child
    machine: ReplayMachine | None = None
    functions: Mapping[str, str] = field(default_factory=dict)

    @property
    def played(self) -> dict[str, str]:
        """Name of a state -> the part of the project that does its work; see `played_in`."""
        if self.machine is not None:
            return played_in(self.machine.definition)
        return played_of_history(self.child.execution, self.functions)


@dataclass(frozen=True)
class Imported:
    """A generated scenario.

    Attributes:
        name: for its file.
        unknown: sentences about unknown facts.
        definition: the definition of the machine, without proprietary names.
    """

    text: str
    name: str
    unknown: tuple[str, ...]
    definition: Json = None


def imported(
    executions: Sequence[RecordedExecution],
    machine: ReplayMachine,
    options: Options = Options(),
    made: Sequence[Made] = (),
    rebuilt: Rebuilt | None = None,
) -> Imported:
    """Return the scenario for executions of one machine, sorted by start time, and for their
    children.
    """
    ordered = sorted(executions, key=lambda each: each.started)
    reads = reads_of(machine.definition)
    hiding = Hiding(reads, options.keep_names or options.hidden, options.keep_data or options.hidden)
    for other in made:
        if other.machine is not None:
            reads.add(reads_of(other.machine.definition))
    for each in (*ordered, *(other.child.execution for other in made)):
        hiding.learn([each.arn, each.machine_arn])
        for event in each.events:
            hiding.learn({key: _value(key, text) for key, text in event.details.items()})
    if options.writes_definition:
        hiding.learn(machine.definition)
    for name, other_name in rebuilt.names.items() if rebuilt else ():
        hiding.rename(name, other_name)
    ordered_made = sorted(made, key=lambda other: other.child.execution.started)
    world = world_of(rebuilt, hiding) if rebuilt else None
    return _Making(ordered, machine, options, hiding, ordered_made, world).made()


def _value(key: str, value: Json) -> Json:
    readable = key in ("input", "output", "parameters") and isinstance(value, str)
    return json_or_text(str(value)) if readable else value


@dataclass
class _Making:
    executions: Sequence[RecordedExecution]
    machine: ReplayMachine
    options: Options
    hiding: Hiding
    children: Sequence[Made] = ()
    world: World | None = None
    told: Told = field(default_factory=Told)

    def made(self) -> Imported:
        several = len(self.executions) > 1
        functions = {} if self.options.stubbed else played_in(self.machine.definition)
        called = {} if self.options.stubbed else called_in(self.machine.definition)
        names = [f"run-{number}" if several else "" for number in range(1, len(self.executions) + 1)]
        for name, each in zip(names, self.executions, strict=True):
            mine = [other for other in self.children if other.child.parent is each]
            starting = [other.child.state for other in mine if other.child.state and other.machine]
            rest = replace(each, events=tuple(without(each, starting))) if starting else each
            Tasks(rest, self.hiding, self.told, functions, name, called).tell()
            for other in mine:
                self._tell(other, each, name)
        self.told.unknown += self.options.more_unknown
        if self.world is not None:
            self.told.unknown += self.world.unknown
        elif self.told.played:
            self.told.unknown.append(
                f"what is in tables, buckets and queues that {', '.join(sorted(set(self.told.played)))} use: "
                "no history shows it; add a seed"
            )
        if self.children:
            # The definitions of other machines determine the messages of children.
            self.told.published.clear()
        with_output = self.options.keep_data and self.options.stubbed
        messages = Messages(self.machine.definition, self.hiding, {**functions, **called})
        expecting = Expecting(self.hiding, self.told, self._states(), messages, with_output=with_output)
        expect = expecting.of(names, self.executions)
        if self.world is not None and self.world.expect:
            if several:
                self.told.gap(
                    "what the project's file expects in addition to the end: there are several runs"
                )
            else:
                expect |= self.world.expect
        document = {
            "title": self._title(),
            "stack": dict(self.options.stack),
            "seed": self.world.seed if self.world else {},
            "faults": [*(self.world.faults if self.world else ()), *_listed(self.told.faults)],
            "durations": _listed(self.told.durations),
            "answers": _listed(self.told.answers_of.get("", [])),
            "tasks": _listed(self.told.tasks),
            "run": self._runs(names),
            "expect": expect,
        }
        text = text_of({key: each for key, each in document.items() if each}, head=self._head())
        definition = self.hiding.definition(self.machine.definition)
        return Imported(text, self._name(), tuple(self.told.unknown), definition)

    def _tell(self, made: Made, parent: RecordedExecution, run: str) -> None:
        """Add the entries from the history of an execution that another one started."""
        child, told = made.child, Told()
        whose = self._whose(child.execution)
        Tasks(child.execution, self.hiding, told, made.played, run).tell()
        answers = [each for entries in told.answers_of.values() for each in entries]
        states = {str(each.fields.get("state")) for each in (*told.tasks, *told.faults, *answers)}
        for state in sorted(states.intersection(parent.states)):
            self.told.gap(f"which machine a task of the state {state} belongs to: both have such a state")
        if child.guessed:
            self.told.gap(f"what started {whose}; derived from {child.how}")
        self.told.add(told, whose)

    def _whose(self, execution: RecordedExecution) -> str:
        """Return a description of a child."""
        if not execution.machine_name:
            number = [other.child.execution for other in self.children].index(execution) + 1
            return f"machine {number} that it started"
        return self.hiding.name(execution.machine_name)

    def _states(self) -> tuple[str, ...]:
        return tuple(name for name, _, _ in states_of(self.machine.definition))

    def _head(self) -> str:
        count = sum(len(each.events) for each in self.executions)
        lines = [
            _HEAD,
            f"Imported from {'a history' if len(self.executions) == 1 else 'histories'} of {count} events; "
            "event numbers refer to GetExecutionHistory.",
        ]
        for other in self.children:
            whose, events = self._whose(other.child.execution), len(other.child.execution.events)
            lines.append(f"It started {whose}, which adds {events} events ({other.child.how}).")
        if not self.options.keep_data:
            lines.append(
                "Values that do not affect decisions in the definition are replaced with others of the same "
                "size."
            )
        if self.options.guessed:
            lines.append("Its definition is derived from the history, and partly guessed:")
            lines += [f"- {each}" for each in self.options.guessed]
        noted = [each for each in self.told.unknown if each.startswith("what ")]
        noted += self.options.more_unknown
        noted += [each for each in (self.world.unknown if self.world else ()) if each not in noted]
        return "\n".join([*lines, *(f"{NOT_KNOWN}{each}" for each in noted)])

    def _title(self) -> str:
        first = self.executions[0]
        error = self.hiding.error(first.events[-1].text("error"))
        how = {"SUCCEEDED": "succeeds", "TIMED_OUT": "times out", "ABORTED": "is stopped"}.get(
            first.status, "fails"
        )
        after = f" in state {first.states[-1]}" if first.states and first.status != "SUCCEEDED" else ""
        return f"An execution {how}{f' with {error}' if error else ''}{after}, as on AWS"

    def _name(self) -> str:
        first = self.executions[0]
        parts = [
            first.status,
            self.hiding.error(first.events[-1].text("error")),
            first.states[-1] if first.states else "",
        ]
        words = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", "-".join(filter(None, parts)))
        return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:80]

    def _runs(self, names: Sequence[str]) -> Any:
        runs = []
        for name, each in zip(names, self.executions, strict=True):
            run: dict[str, Any] = {"name": name} if name else {}
            if not self.options.is_default:
                run["state_machine"] = self.machine.label
            if name and each is not self.executions[0]:
                run["at"] = time_text(each.started - self.executions[0].started)
            if name and (answers := self.told.answers_of.get(name)):
                run["answers"] = _listed(answers)
            run["input"] = self.hiding.value(json_or_text(each.input))
            runs.append(commented(run, of_run(name, each.events[0])))
        return runs if len(runs) > 1 else commented(runs[0].value, runs[0].comment)


def _listed(entries: Sequence[Entry]) -> list[Any]:
    return [commented(dict(each.fields), *each.comment) for each in entries]
