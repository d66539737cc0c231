"""Judges histories one by one: replays each with its definition, and locates the differences in the
definition.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Literal

from harness.exit_codes import FAILED, PASSED, WRONG
from harness.histories import HistoryError, RecordedExecution
from harness.json_types import Json, as_dict
from harness.replay.accepted import Changes, changes_of
from harness.replay.comparing import Difference
from harness.replay.ignoring import skipping
from harness.replay.machines import (
    ReplayMachine,
    chosen,
    machines_of_file,
    machines_of_project,
    states_of,
)
from harness.replay.placing import placed
from harness.replay.playing import replay
from harness.replay.sameness import Skips
from harness.replay.stubs import NotReplayable
from harness.replay_settings import AcceptedChange, IgnoredValue
from harness.report.layout import shown_path
from harness.scenario.position import Position
from harness.settings import Settings
from harness.stack.definition_text import DefinitionRefused
from harness.stack.nodes import Key
from harness.stack.template import TemplateError

Outcome = Literal["same", "different", "not read"]
_CODES: Final = {"same": PASSED, "different": FAILED, "not read": WRONG}
_FIELDS: Final = {
    "assignedVariables": ("Assign",),
    "heartbeatInSeconds": ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    "input": ("Parameters", "Arguments", "InputPath"),
    "length": ("ItemsPath", "Items"),
    "output": ("Output", "ResultSelector", "ResultPath", "OutputPath", "Result"),
    "parameters": ("Parameters", "Arguments"),
    "timeoutInSeconds": ("TimeoutSeconds", "TimeoutSecondsPath"),
}
"""Event members, with the state fields that determine them."""


@dataclass(frozen=True)
class Judged:
    """A judged history.

    Attributes:
        name: the name of the execution; "" if it is not known.
        machine: the logical ID of its state machine, or the definition file.
        events: the number of recorded events.
        differences: the differences. The first one is located at `where` in the definition, in the state
            `about` ("" for none).
        problem: the reason why it could not be read or replayed.
        notes: sentences about values that were not compared, or are not known.
        again: the arguments for repeating the replay, such as `--real`, in addition to its file.
    """

    file: Path
    name: str = ""
    machine: str = ""
    events: int = 0
    differences: tuple[Difference, ...] = ()
    where: Position | None = None
    about: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()
    again: tuple[str, ...] = ()

    def look_around(self, difference: Difference) -> str:
        """Return the command that replays up to a difference and pauses there, or "" if there is none."""
        if not difference.until:
            return ""
        file = shown_path(self.file)
        return shlex.join(["harness", "replay", file, *self.again, "--until", str(difference.until)])

    @property
    def outcome(self) -> Outcome:
        """The outcome."""
        if self.problem:
            return "not read"
        return "different" if self.differences else "same"

    @property
    def exit_code(self) -> int:
        """The exit code for the outcome."""
        return _CODES[self.outcome]


@dataclass(frozen=True)
class Matter:
    """An execution with its settings and machine for the replay.

    Attributes:
        is_default: true if this is the machine that runs start by default.
    """

    execution: RecordedExecution
    settings: Settings
    machine: ReplayMachine
    changes: Changes
    skips: Skips | None
    is_default: bool

    def judged(
        self, found: Sequence[Difference], again: tuple[str, ...], notes: tuple[str, ...] = ()
    ) -> Judged:
        """Return the judged execution with its differences."""
        where, about = _place(self.machine, found)
        file, name, number = self.execution.file, self.execution.name, len(self.execution.events)
        return Judged(
            file, name, self.machine.label, number, tuple(found), where, about, notes=notes, again=again
        )


@dataclass
class HistoryJudge:
    """Judges histories with the current definitions in their projects.

    Args:
        settings_of: returns the settings for a file.
        definition: the definition file or the template to use instead of the project's.
        machine: the logical ID of the machine.
        ignored: values that are not compared, in addition to those in the settings.
    """

    settings_of: Callable[[Path], Settings]
    definition: Path | None = None
    machine: str | None = None
    ignored: tuple[IgnoredValue, ...] = ()
    _used: dict[AcceptedChange, None] = field(default_factory=dict)
    _met: dict[AcceptedChange, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._machines = cache(self._read_machines)

    def _read_machines(self, root: Path) -> tuple[ReplayMachine, ...]:
        settings = self.settings_of(root)
        if self.definition is not None:
            return machines_of_file(self.definition, settings)
        return machines_of_project(settings)

    def judged(self, executions: Iterable[RecordedExecution | HistoryError]) -> Iterator[Judged]:
        """Yield the judged histories one by one; see `judge`."""
        for each in executions:
            yield self.judge(each)

    def judge(self, execution: RecordedExecution | HistoryError) -> Judged:
        """Judge one history.

        Raises:
            SettingsError: its project's settings are invalid.
        """
        if isinstance(execution, HistoryError):
            return Judged(execution.file, problem=str(execution))
        about = Judged(execution.file, execution.name, events=len(execution.events))
        try:
            return self._replayed(execution)
        except (DefinitionRefused, HistoryError, TemplateError) as error:
            return _with(about, problem=str(error))
        except NotReplayable as error:
            return _with(about, problem=f"{execution.file}: {error}")

    def matter(self, execution: RecordedExecution) -> Matter:
        """Return the inputs for replaying an execution.

        Raises:
            DefinitionRefused, HistoryError, SettingsError, TemplateError: it cannot be replayed.
        """
        settings = self.settings_of(execution.file)
        machines = self._machines(settings.root)
        if not machines:
            message = "the project has no state machine with a readable definition"
            raise HistoryError(execution.file, message, "specify one with --definition FILE")
        machine = chosen(machines, execution, self.machine)
        is_default = len(machines) == 1 or settings.state_machine == machine.label
        machine = machine.of_items(execution) if execution.of_item else machine
        accepted = settings.replay.accepted
        self._met |= dict.fromkeys(accepted)
        self._used |= dict.fromkeys(each for each in accepted if _concerns(each, machine))
        ignored = (*settings.replay.ignored, *self.ignored)
        changes = changes_of(accepted, machine.states)
        return Matter(execution, settings, machine, changes, skipping(ignored), is_default)

    def _replayed(self, execution: RecordedExecution) -> Judged:
        matter = self.matter(execution)
        places = placed(execution.events)
        ready, values = matter.machine.ready(execution, matter.changes, places)
        found = replay(execution, ready, matter.changes, values=values, skips=matter.skips, places=places)
        return matter.judged(found.differences, self.again)

    @property
    def again(self) -> tuple[str, ...]:
        """The command-line arguments that replay a history in the same way."""
        found: list[str] = []
        for name, value in (("--definition", self.definition), ("--machine", self.machine)):
            if value is not None:
                found += [name, str(value)]
        return tuple(found)

    @property
    def unused(self) -> Sequence[AcceptedChange]:
        """The accepted changes that do not concern any replayed definition."""
        return [each for each in self._met if each not in self._used]


def _with(judged: Judged, problem: str) -> Judged:
    return Judged(judged.file, judged.name, judged.machine, judged.events, problem=problem)


def _concerns(change: AcceptedChange, machine: ReplayMachine) -> bool:
    named = change.renamed or change.added
    return named in machine.states if named else change.removed not in machine.states


def _place(machine: ReplayMachine, found: Sequence[Difference]) -> tuple[Position | None, str]:
    """Return the location of the first difference in the definition, and its state."""
    if not found:
        return None, ""
    first = found[0]
    states = {name: state for name, _, state in states_of(machine.definition)}
    entered = first.seen.partition(" ")[0].endswith("StateEntered") or not first.ours
    wanted = (first.after if entered else "", first.seen_state, first.state, first.after)
    about = next((name for name in wanted if name in states), "")
    return machine.position_of(about, _way(states.get(about, {}), first.what)), about


def _way(state: Json, what: str) -> tuple[Key, ...]:
    """Return the key path in a state to the field that determines an event member, as far as it exists."""
    member, *parts = what.replace("[", ".[").split(".")
    field_ = next((each for each in _FIELDS.get(member, ()) if each in as_dict(state)), None)
    if field_ is None:
        return ()
    keys: list[Key] = [field_]
    value = as_dict(state)[field_]
    for part in parts:
        key: Key | None = None
        if isinstance(value, list) and part.startswith("["):
            key = int(part[1:-1])
            value = value[key] if key < len(value) else None
        elif isinstance(value, dict):
            key = next((each for each in (part, f"{part}.$") if each in value), None)
            value = value.get(str(key))
        if key is None:
            break
        keys.append(key)
    return tuple(keys)
