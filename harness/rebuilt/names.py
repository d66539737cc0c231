"""Replaces names that differ between the harness and AWS with marks, so that both are compared by
template names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from harness.histories import RecordedExecution
from harness.json_types import Json
from harness.rebuilt.playing import Played
from harness.replay.accepted import Changes
from harness.replay.learning import learned
from harness.replay.machines import ReplayMachine
from harness.replay.open_values import MARK, mark

_SHORTEST: Final = 4
"""Minimum length for a name to be found inside other text."""
_NO_CHANGES: Final = Changes()
_PSEUDO: Final = "AWS::"
EXECUTION: Final = "the execution"
MACHINE: Final = "the state machine"
NAME: Final = "the execution's name"


@dataclass(frozen=True)
class OwnNames:
    """The names of a stack in the harness, with their marks.

    Attributes:
        marks: name -> its mark.
    """

    marks: Mapping[str, str]

    @property
    def by_mark(self) -> Mapping[str, str]:
        """The names, by the key of their mark."""
        return {MARK.sub(r"\1", each): name for name, each in self.marks.items()}

    def marked(self, execution: RecordedExecution) -> RecordedExecution:
        """Return one of our executions with names replaced by marks."""
        if not self.marks:
            return execution
        names = sorted(self.marks, key=len, reverse=True)
        form = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")

        def one(value: Json) -> Json:
            if isinstance(value, str):
                return form.sub(lambda match: self.marks[match[0]], value)
            if isinstance(value, list):
                return [one(each) for each in value]
            return {name: one(each) for name, each in value.items()} if isinstance(value, dict) else value

        def details(given: Mapping[str, Json]) -> Mapping[str, Json]:
            # state names are not replaced
            return {name: each if name == "name" else one(each) for name, each in given.items()}

        events = tuple(replace(each, details=details(each.details)) for each in execution.events)
        return replace(execution, events=events)


def recorded_names(execution: RecordedExecution, machine: ReplayMachine) -> dict[str, str]:
    """Return the names on AWS by the key of their mark, if a history shows them."""
    found = {
        EXECUTION: execution.arn,
        MACHINE: execution.machine_arn,
        NAME: execution.name,
        **learned(machine.definition, execution, _NO_CHANGES),
    }
    return {key: name for key, name in found.items() if name}


def own_names(played: Played, machine: ReplayMachine, recorded: Mapping[str, str]) -> OwnNames:
    """Return the names in a run; `recorded` are the names on AWS."""
    marks: dict[str, str] = {}
    for key, name in _names(played, machine):
        # A name that is the same on both sides does not need a mark.
        if len(name) >= _SHORTEST and recorded.get(key) != name:
            marks.setdefault(name, mark(key))
    return OwnNames(marks)


def _names(played: Played, machine: ReplayMachine) -> Iterator[tuple[str, str]]:
    stack = played.stack
    resources = {stack.logical_id(name): each.physical_id for name, each in stack.resources.items()}
    for key, value in learned(machine.definition, played.ours, _NO_CHANGES).items():
        if key.partition(".")[0] in resources or key.startswith(_PSEUDO):
            yield key, value
    yield from resources.items()
    yield EXECUTION, played.ours.arn
    yield MACHINE, played.ours.machine_arn
    if played.ours.name not in played.ours.input:
        yield NAME, played.ours.name
    yield "AWS::AccountId", played.observation.account_id
