"""Builds the scenario that reruns a recorded execution, in memory only."""

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
    """A project scenario that provides the environment for a history.

    Its seed, stack, hosts and calls are used. Its answers and tasks take precedence over the history's.
    """

    scenario: Scenario

    @property
    def left(self) -> tuple[str, ...]:
        """The parts that a replay ignores because the history contains them."""
        return tuple(name for name in ("faults", "durations") if getattr(self.scenario, name))


def seed_of(scenario: Scenario) -> Seed:
    """Return a scenario as a seed.

    Raises:
        SettingsError: a part of it belongs to one of several runs.
    """
    for name in (*_BEFORE, "calls"):
        for number, each in enumerate(getattr(scenario, name)):
            if getattr(each, "run", ""):
                place = scenario.position(name, number, "run")
                raise SettingsError(
                    f"{place}: this belongs to the run {each.run!r}, "
                    "but a history contains only one run; remove `run`"
                )
    return Seed(scenario)


@dataclass(frozen=True)
class World:
    """The scenario that reruns an execution.

    Attributes:
        unknown: sentences about missing information in the history.
        stand_ins: the number of entries in its `tasks` that come from a seed. They precede the history's.
        played: names of states whose work is done by the project's functions or tables.
        worked: true if failed functions are assumed to have done their work before failing.
        execution: the recorded execution, with the current names of its states.
    """

    scenario: Scenario
    execution: RecordedExecution
    unknown: tuple[str, ...] = ()
    stand_ins: int = 0
    played: frozenset[str] = frozenset()
    worked: bool = False

    @property
    def may_have_worked(self) -> bool:
        """True if a function failed on AWS and no history shows whether it had done its work before it
        failed.
        """
        return any(each.function for each in self.scenario.faults)

    def patient(self) -> World:
        """Return the environment with a timeout of several days, for interactive inspection."""
        runs = tuple(each.model_copy(update={"timeout_s": _DAYS_S}) for each in self.scenario.runs)
        changed = self.scenario.model_copy(update={"runs": runs}).at(self.scenario.source)
        return replace(self, scenario=changed)

    def had_worked(self) -> World:
        """Return the environment in which functions did their work before they failed."""
        faults = tuple(
            each.model_copy(update={"when": "after"}) if each.function else each
            for each in self.scenario.faults
        )
        changed = self.scenario.model_copy(update={"faults": faults}).at(self.scenario.source)
        return replace(self, scenario=changed, worked=True)


@dataclass(frozen=True)
class Worlds:
    """Builds environments for executions.

    Args:
        settings: the project's settings.
        seed: the seed, if given.
        definition: the file with the definition, or the template, to use instead of the project's.
        stubbed: answer every task from the history.
        folder: a temporary folder, for the placeholder code of missing functions.
    """

    settings: Settings
    folder: Path
    seed: Seed | None = None
    definition: Path | None = None
    stubbed: bool = False

    def world(
        self, execution: RecordedExecution, machine: ReplayMachine, changes: Changes, *, is_default: bool
    ) -> World:
        """Return the environment for an execution of a machine.

        Raises:
            NotReplayable: it cannot be started on its own.
        """
        if execution.of_item:
            raise NotReplayable(
                "it belongs to an item of a distributed Map, and its execution cannot be started "
                "on its own; omit --real and --until"
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
        """Return the `stack` for a given definition; empty for the project's."""
        if self.definition is None:
            return _NO_STACK
        if self.seed is not None and self.seed.scenario.source.marks.get(("stack",)):
            raise SettingsError(
                f"{self.seed.scenario.path} has a stack, but --definition {self.definition} specifies "
                "a different one; leave one of them out"
            )
        way = os.path.relpath(self.definition, path.parent)
        if machine.label != str(self.definition):  # one from a template
            return {"template": way}
        missing = sorted(named_in(machine.definition) - set(self.settings.functions))
        if not missing:
            return {"definition": way}
        stub = self.folder / FILE
        stub.write_text(STUB, encoding="utf-8")
        return {"definition": way, "functions": dict.fromkeys(missing, os.path.relpath(stub, path.parent))}


def _renamed(execution: RecordedExecution, renamed: Mapping[str, str]) -> RecordedExecution:
    """Return an execution with the current names of its states."""
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
    """Return the execution without an external stop, which a scenario cannot express."""
    if execution.status != "ABORTED":
        return execution
    *events, last = execution.events
    return replace(execution, events=(*events, replace(last, type="ExecutionTimedOut")))


def _shortened(scenario: Scenario, machine: ReplayMachine, changes: Changes) -> Scenario:
    """Return a scenario without its expectations, and without entries for states that are not in the
    definition.
    """
    states = machine.states - changes.removed
    kept: dict[str, Any] = {
        name: tuple(each for each in getattr(scenario, name) if not each.state or each.state in states)
        for name in ("tasks", "faults", "answers")
    }
    # The histories are compared. The scenario's expectations are ignored.
    kept["expect"] = scenario.without_expectations().expect
    return scenario.model_copy(update=kept).at(scenario.source)


def _with_added(
    scenario: Scenario, machine: ReplayMachine, changes: Changes, played: Iterable[str]
) -> Scenario:
    """Return a scenario in which accepted tasks that cannot run return the results in the settings."""
    tasks = {name for name, _, state in states_of(machine.definition) if state.get("Type") == "Task"}
    specs: Sequence[TaskSpec] = [
        TaskSpec.model_validate({"state": name, "result": result, "validation": "NONE"})
        for name, result in changes.added.items()
        if name in tasks.difference(played)
    ]
    return scenario.model_copy(update={"tasks": (*scenario.tasks, *specs)}).at(scenario.source)


def _seeded(scenario: Scenario, seed: Scenario) -> Scenario:
    """Return a scenario in the environment of a different scenario. Positions refer to the
    latter's file.
    """
    update = {name: getattr(seed, name) for name in _FROM_SEED}
    update["stacks"] = scenario.stacks if scenario.source.marks.get(("stack",)) else seed.stacks
    update |= {name: (*getattr(seed, name), *getattr(scenario, name)) for name in _BEFORE}
    return scenario.model_copy(update=update).at(seed.source)
