"""Chooses the definition that goes with executions: the project's, else one that the histories tell."""

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
"""The source of a definition that was made of a history."""


@dataclass(frozen=True)
class Chosen:
    """A machine with its executions.

    Attributes:
        source: where its definition is from: "" for the project's, or for one that was named.
        guessed: sentences that say what of its definition is.
        hidden: true when the executions have nothing of a company's any more.
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
    """The machine that executions are of; made of their histories where nothing else tells it.

    Raises:
        HistoryError: it is not found, or they are of several.
    """
    found = [machine_of(machines, each, executions, named, is_given=is_given) for each in executions]
    if all(each is None for each in found):
        made = remade(executions, keep_names=keep_names, keep_data=keep_data)
        return Chosen(made.machine, MADE, made.executions, made.guessed, hidden=True)
    first = found[0]
    for each, one in zip(executions, found, strict=True):
        if first is None or one is None or one.machine.label != first.machine.label:
            labels = [
                each.machine.label if each else "a machine of which nothing is here" for each in (one, first)
            ]
            message = f"it is of {labels[0]}, and {executions[0].file} of {labels[1]}"
            raise HistoryError(
                each.file, message, "import the executions of each state machine by themselves"
            )
    assert first is not None
    return replace(first, executions=tuple(executions))


def check_started(children: Sequence[Child], why: str) -> None:
    """Refuse executions that nothing would start here, as the code that did is not there.

    Args:
        why: why nothing does; "" where something does.

    Raises:
        HistoryError: nothing does.
    """
    if why:
        child = children[0]
        message = f"{child.parent.shown} started it, and here a stand-in answers the task that did: {why}"
        raise HistoryError(child.execution.file, message, "import it by itself, or with the template of both")


def of_children(
    children: Sequence[Child],
    machines: Sequence[ReplayMachine],
    executions: Sequence[RecordedExecution],
    functions: Mapping[str, str],
) -> tuple[Made, ...]:
    """The executions that others started, each with its definition as far as it is known.

    Args:
        functions: the names of the functions of the template, which may have made its machine.
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
    """The machine that an execution is of; None where nothing has its states.

    That is one of `machines` that has all of its states; else the definition that its own history tells, or
    that one of the `others` made a machine of its name with; else one of `machines` that has some of them.

    Args:
        is_given: true when the machines are those of `--definition`, which nothing overrules.

    Raises:
        HistoryError: several may be, or none of those that were named or given is.
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
    """The definition that the history of an execution tells, or those of others; None where none does."""
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
