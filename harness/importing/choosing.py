"""Chooses the definition for executions: from the project, or else from the histories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.histories import HistoryError, RecordedExecution
from harness.histories.definitions import definitions_of_calls
from harness.histories.model import GivenDefinition
from harness.importing.belonging import Child
from harness.importing.remaking import remade
from harness.importing.scenario import Made
from harness.replay.machines import ReplayMachine, chosen
from harness.scenario.position import Position

MADE: Final = "the history alone"
"""The source of a definition that was derived from a history."""


@dataclass(frozen=True)
class Chosen:
    """A machine with its executions.

    Attributes:
        source: the source of its definition; "" if it is from the project or was specified.
        guessed: sentences about the guessed parts of its definition.
        hidden: true if the executions no longer contain proprietary names or data.
    """

    machine: ReplayMachine
    source: str = ""
    executions: tuple[RecordedExecution, ...] = ()
    guessed: tuple[str, ...] = ()
    hidden: bool = False


def chosen_for(
    machines: Sequence[ReplayMachine],
    executions: Sequence[RecordedExecution],
    named: str | None = None,
    *,
    is_given: bool = False,
    keep_names: bool = False,
    keep_data: bool = False,
) -> Chosen:
    """Return the executions' machine. Derive it from their histories if there is no other source.

    Raises:
        HistoryError: it was not found, or they belong to several machines.
    """
    found = [machine_of(machines, each, executions, named, is_given=is_given) for each in executions]
    if all(each is None for each in found):
        made = remade(executions, keep_names=keep_names, keep_data=keep_data)
        return Chosen(made.machine, MADE, made.executions, made.guessed, hidden=True)
    first = found[0]
    for each, one in zip(executions, found, strict=True):
        if first is None or one is None or one.machine.label != first.machine.label:
            labels = [
                each.machine.label if each else "a machine that is not in this project"
                for each in (one, first)
            ]
            message = f"it belongs to {labels[0]}, and {executions[0].file} to {labels[1]}"
            raise HistoryError(each.file, message, "import the executions of each state machine separately")
    assert first is not None
    return replace(first, executions=tuple(executions))


def check_started(children: Sequence[Child], why: str) -> None:
    """Reject executions that nothing would start because the code that started them is missing.

    Args:
        why: the reason why nothing starts them; "" if something does.

    Raises:
        HistoryError: nothing starts them.
    """
    if why:
        child = children[0]
        message = f"{child.parent.shown} started it, but a stand-in answers the task that started it: {why}"
        raise HistoryError(
            child.execution.file, message, "import it separately, or with a template that contains both"
        )


def of_children(
    children: Sequence[Child],
    machines: Sequence[ReplayMachine],
    executions: Sequence[RecordedExecution],
    functions: Mapping[str, str],
) -> tuple[Made, ...]:
    """Return the executions that others started, with definitions if known.

    Args:
        functions: the names of the functions in the template that may have created the machine.
    """
    found = []
    for each in children:
        chosen = machine_of(machines, each.execution, executions)
        machine = chosen.machine if chosen and not chosen.source else None
        found.append(Made(each, machine, functions))
    return tuple(found)


def machine_of(
    machines: Sequence[ReplayMachine],
    execution: RecordedExecution,
    others: Iterable[RecordedExecution],
    named: str | None = None,
    *,
    is_given: bool = False,
) -> Chosen | None:
    """Return the machine of an execution; None if no machine has its states.

    The first choice is a machine in `machines` that has all of its states. The second choice is the
    definition in its own history, or the definition that one of the `others` used to create a machine of the
    same name. The last choice is a machine in `machines` that has some of its states.

    Args:
        is_given: true if the machines come from `--definition`, which takes precedence.

    Raises:
        HistoryError: several machines match, or no specified machine matches.
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
    if (told := told_of(execution, others)) is not None:
        return Chosen(_as_machine(told), told.source)
    if not any(each.states.intersection(execution.states) for each in machines):
        return None
    if fault is not None:
        raise fault
    return Chosen(found) if found else None


def told_of(execution: RecordedExecution, others: Iterable[RecordedExecution]) -> GivenDefinition | None:
    """Return the definition in an execution's history or in other histories; None if there is none."""
    if execution.definition is not None:
        return execution.definition
    name = execution.machine_name
    called = [each for each in definitions_of_calls(others) if name and each.name == name]
    return called[-1] if called else None


def _as_machine(told: GivenDefinition) -> ReplayMachine:
    """Return a state machine for a definition that is not in a project file."""
    return ReplayMachine(
        told.name or "StateMachine",
        told.definition,
        lambda _: Position(Path(told.source)),
        express=told.express,
        told=True,
    )
