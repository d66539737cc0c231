"""Makes the scenario that plays a recorded execution again; nothing of it is written to a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from harness.expect.project import expectations_of
from harness.histories import Event, RecordedExecution
from harness.importing import Options, imported
from harness.importing.functions import named_in, played_in
from harness.importing.never_runs import FILE, STUB
from harness.json_types import Json
from harness.replay.accepted import Changes
from harness.replay.machines import ReplayMachine, states_of
from harness.replay.stubs import NotReplayable
from harness.scenario.load import parse
from harness.scenario.model import Scenario
from harness.scenario.tasks import TaskSpec
from harness.settings import Settings, SettingsError

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_DAYS_S: Final = 1_000_000.0
_FROM_SEED: Final = ("seed", "stacks", "hosts", "calls")
_BEFORE: Final = ("answers", "tasks")
_NO_STACK: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True)
class Seed:
    """A scenario of the project whose world a history is played in.

    Its seed, stack, hosts and calls are taken, and its answers and tasks before those of the history.
    """

    scenario: Scenario

    @property
    def left(self) -> tuple[str, ...]:
        """The parts of it that a replay does not take, as the history tells them."""
        return tuple(name for name in ("faults", "durations") if getattr(self.scenario, name))


def seed_of(scenario: Scenario) -> Seed:
    """A scenario as a seed.

    Raises:
        SettingsError: a part of it is of one run of several.
    """
    for name in (*_BEFORE, "calls"):
        for number, each in enumerate(getattr(scenario, name)):
            if getattr(each, "run", ""):
                place = scenario.position(name, number, "run")
                raise SettingsError(
                    f"{place}: this is of the run {each.run!r}, and a history is of one run; leave run out"
                )
    return Seed(scenario)


@dataclass(frozen=True)
class World:
    """The scenario of an execution.

    Attributes:
        unknown: sentences about what the history does not tell.
        stand_ins: the entries of its `tasks` before those of the history, which a seed gave.
        played: names of states whose functions, or tables, do their work.
        worked: true where functions are taken to have done their work before they failed.
        execution: the recorded one, with the names that its states have now.
    """

    scenario: Scenario
    execution: RecordedExecution
    unknown: tuple[str, ...] = ()
    stand_ins: int = 0
    played: frozenset[str] = frozenset()
    worked: bool = False

    @property
    def may_have_worked(self) -> bool:
        """True when a function failed on AWS of which no history tells if it had done its work before."""
        return any(each.function for each in self.scenario.faults)

    def patient(self) -> World:
        """The world in which somebody may look around for days."""
        runs = tuple(each.model_copy(update={"timeout_s": _DAYS_S}) for each in self.scenario.runs)
        changed = self.scenario.model_copy(update={"runs": runs}).at(self.scenario.source)
        return replace(self, scenario=changed)

    def had_worked(self) -> World:
        """The world in which functions had done their work before they failed."""
        faults = tuple(
            each.model_copy(update={"when": "after"}) if each.function else each
            for each in self.scenario.faults
        )
        changed = self.scenario.model_copy(update={"faults": faults}).at(self.scenario.source)
        return replace(self, scenario=changed, worked=True)


@dataclass(frozen=True)
class Worlds:
    """Makes worlds of executions.

    Args:
        settings: of the project.
        seed: where it is given.
        definition: the file that has the definition, or the template, instead of the project's.
        stubbed: every task is answered from the history.
        folder: a temporary one, for the code of functions that nobody has.
    """

    settings: Settings
    folder: Path
    seed: Seed | None = None
    definition: Path | None = None
    stubbed: bool = False

    def world(
        self, execution: RecordedExecution, machine: ReplayMachine, changes: Changes, *, is_default: bool
    ) -> World:
        """The world of an execution of a machine.

        Raises:
            NotReplayable: it cannot be started by itself.
        """
        if execution.of_item:
            raise NotReplayable(
                "it is of an item of a distributed Map, and such an execution is not started by itself; "
                "leave --real and --until out"
            )
        execution = _renamed(execution, changes.renamed)
        path = self.seed.scenario.path if self.seed else execution.file.with_suffix(".yaml")
        options = Options(
            keep_names=True,
            keep_data=True,
            stubbed=self.stubbed,
            stack=self._stack(machine, path),
            is_default=is_default,
        )
        found = imported([_over(execution)], machine, options)
        scenario = _shortened(parse(found.text, expectations_of(self.settings), path), machine, changes)
        played = frozenset(() if self.stubbed else played_in(machine.definition))
        scenario = _with_added(scenario, machine, changes, played)
        if _NAME.fullmatch(execution.name):
            runs = (scenario.runs[0].model_copy(update={"name": execution.name}),)
            scenario = scenario.model_copy(update={"runs": runs}).at(scenario.source)
        given = 0
        if self.seed is not None:
            scenario, given = _seeded(scenario, self.seed.scenario), len(self.seed.scenario.tasks)
        return World(scenario, execution, found.unknown, given, played)

    def _stack(self, machine: ReplayMachine, path: Path) -> Mapping[str, Any]:
        """The `stack` of a definition that is given; nothing for the project's."""
        if self.definition is None:
            return _NO_STACK
        if self.seed is not None and self.seed.scenario.source.marks.get(("stack",)):
            raise SettingsError(
                f"{self.seed.scenario.path} has a stack, and --definition {self.definition} is another; "
                "leave one of them out"
            )
        way = os.path.relpath(self.definition, path.parent)
        if machine.label != str(self.definition):  # one of a template
            return {"template": way}
        missing = sorted(named_in(machine.definition) - set(self.settings.functions))
        if not missing:
            return {"definition": way}
        stub = self.folder / FILE
        stub.write_text(STUB, encoding="utf-8")
        return {"definition": way, "functions": dict.fromkeys(missing, os.path.relpath(stub, path.parent))}


def _renamed(execution: RecordedExecution, renamed: Mapping[str, str]) -> RecordedExecution:
    """An execution whose states have the names of now."""
    if not renamed:
        return execution

    def one(event: Event) -> Event:
        details: dict[str, Json] = dict(event.details)
        for member in ("name", "state"):
            if isinstance(name := details.get(member), str):
                details[member] = renamed.get(name, name)
        return replace(event, details=details)

    return replace(execution, events=tuple(map(one, execution.events)))


def _over(execution: RecordedExecution) -> RecordedExecution:
    """An execution that nobody stopped, as no scenario can say that; its end does not matter here."""
    if execution.status != "ABORTED":
        return execution
    *events, last = execution.events
    return replace(execution, events=(*events, replace(last, type="ExecutionTimedOut")))


def _shortened(scenario: Scenario, machine: ReplayMachine, changes: Changes) -> Scenario:
    """A scenario without what is about states that the definition does not have, and without its end."""
    states = machine.states - changes.removed
    kept: dict[str, Any] = {
        name: tuple(each for each in getattr(scenario, name) if not each.state or each.state in states)
        for name in ("tasks", "faults", "answers")
    }
    # The histories are compared; what the scenario expects of ours does not matter.
    kept["expect"] = scenario.without_expectations().expect
    return scenario.model_copy(update=kept).at(scenario.source)


def _with_added(
    scenario: Scenario, machine: ReplayMachine, changes: Changes, played: Iterable[str]
) -> Scenario:
    """A scenario in which accepted tasks that cannot do their work here have the results of the settings."""
    tasks = {name for name, _, state in states_of(machine.definition) if state.get("Type") == "Task"}
    specs: Sequence[TaskSpec] = [
        TaskSpec.model_validate({"state": name, "result": result, "validation": "NONE"})
        for name, result in changes.added.items()
        if name in tasks.difference(played)
    ]
    return scenario.model_copy(update={"tasks": (*scenario.tasks, *specs)}).at(scenario.source)


def _seeded(scenario: Scenario, seed: Scenario) -> Scenario:
    """A scenario in the world of another one; places are those of that one's file."""
    update = {name: getattr(seed, name) for name in _FROM_SEED}
    update["stacks"] = scenario.stacks if scenario.source.marks.get(("stack",)) else seed.stacks
    update |= {name: (*getattr(seed, name), *getattr(scenario, name)) for name in _BEFORE}
    return scenario.model_copy(update=update).at(seed.source)
