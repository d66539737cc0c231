"""Chooses the definition that goes with executions: the project's, else one that the histories tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.histories import HistoryError, RecordedExecution
from harness.histories.definitions import definitions_of_calls
from harness.histories.model import GivenDefinition
from harness.replay.machines import ReplayMachine, chosen
from harness.scenario.position import Position


@dataclass(frozen=True)
class Chosen:
    """A machine, and where its definition is from: "" for the project's, or for one that was named."""

    machine: ReplayMachine
    source: str = ""


def machine_of(
    machines: Sequence[ReplayMachine],
    execution: RecordedExecution,
    others: Iterable[RecordedExecution],
    named: str | None = None,
    *,
    is_given: bool = False,
) -> Chosen:
    """The machine that an execution is of.

    That is one of `machines` that has all of its states; else the definition that its own history tells, or
    that one of the `others` made a machine of its name with; else one of `machines` that has some of them.

    Args:
        is_given: true when the machines are those of `--definition`, which nothing overrules.

    Raises:
        HistoryError: none is.
    """
    if named is not None or is_given:
        machine = chosen(machines, execution, named)
        return Chosen(machine, machine.label if machine.told else "")
    found, fault = None, None
    try:
        found = chosen(machines, execution)
    except HistoryError as error:
        fault = error
    if found is not None and found.states.issuperset(execution.states):
        return Chosen(found)
    if (told := _told(execution, others)) is not None:
        return Chosen(_as_machine(told), told.source)
    if found is not None:
        return Chosen(found)
    assert fault is not None
    raise fault


def _told(execution: RecordedExecution, others: Iterable[RecordedExecution]) -> GivenDefinition | None:
    if execution.definition is not None:
        return execution.definition
    name = execution.machine_name
    called = [each for each in definitions_of_calls(others) if name and each.name == name]
    return called[-1] if called else None


def _as_machine(told: GivenDefinition) -> ReplayMachine:
    """A machine of a definition that stands in no file of the project."""
    return ReplayMachine(
        told.name or "StateMachine",
        told.definition,
        lambda _: Position(Path(told.source)),
        express=told.express,
        told=True,
    )
