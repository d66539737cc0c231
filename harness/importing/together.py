"""Combines definitions that are not part of the project's code: a machine, and the machines it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.histories import HistoryError, RecordedExecution
from harness.importing.belonging import Child, children_in
from harness.importing.choosing import MADE, Chosen, check_started, chosen_for, of_children, told_of
from harness.importing.hiding import Hiding
from harness.importing.reads import Reads, reads_of
from harness.importing.remaking import hidden, remade_of, without_causes
from harness.importing.scenario import Made
from harness.json_types import as_dict, json_or_text
from harness.replay.learning import given_by
from harness.replay.machines import ReplayMachine, states_of


@dataclass(frozen=True)
class Family:
    """A machine with its executions, and the machines that it starts.

    Attributes:
        sources: name of a machine that it starts -> the source of its definition, if it is given.
    """

    chosen: Chosen
    made: tuple[Made, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wishes:
    """The options of the command.

    Attributes:
        named: the logical ID of a machine.
        definition: the specified file, "" for none.
    """

    named: str | None = None
    definition: str = ""
    stubbed: bool = False
    keep_names: bool = False
    keep_data: bool = False


def family_of(
    executions: Sequence[RecordedExecution],
    machines: Sequence[ReplayMachine],
    wishes: Wishes,
    functions: Callable[[], Mapping[str, str]],
) -> Family:
    """Return the executions' machine, and the machines of the executions that they started.

    Args:
        functions: returns the names of the functions in the template; see `function_names`.

    Raises:
        HistoryError: a machine is not found, the executions belong to several machines, or nothing would
            start one of them.
    """
    children = children_in(executions)
    roots = [each for each in executions if all(each is not other.execution for other in children)]
    chosen = chosen_for(
        machines,
        roots,
        wishes.named,
        is_given=bool(wishes.definition),
        keep_names=wishes.keep_names,
        keep_data=wishes.keep_data,
    )
    if not children:
        return Family(chosen)
    if chosen.source or chosen.machine.label == wishes.definition:
        return together(chosen, roots, children, keep_names=wishes.keep_names, keep_data=wishes.keep_data)
    check_started(children, "--stubbed" * wishes.stubbed)
    return Family(chosen, of_children(children, machines, executions, functions()))


def together(
    chosen: Chosen,
    roots: Sequence[RecordedExecution],
    children: Sequence[Child],
    *,
    keep_names: bool,
    keep_data: bool,
) -> Family:
    """Return the definitions of executions and their child executions, without proprietary data.

    Raises:
        HistoryError: nothing in the scenario would start one, or no definition can be derived from it.
    """
    for each in children:
        _check(each, chosen)
    every = [*roots, *(each.execution for each in children)]
    told = {each.execution.machine_name: told_of(each.execution, every) for each in children}
    reads = Reads() if chosen.source == MADE else reads_of(chosen.machine.definition)
    for one in told.values():
        if one is not None:
            reads.add(reads_of(one.definition))
    hiding = Hiding(reads, keep_names, keep_data)
    shown = hidden(every, hiding)
    parents, theirs = shown[: len(roots)], shown[len(roots) :]
    first = _first(chosen, parents, hiding)
    made, sources, guessed = [], {}, list(first.guessed)
    machines: dict[str, ReplayMachine] = {}
    for each, execution in zip(children, theirs, strict=True):
        name = execution.machine_name
        if name not in machines:
            one = told[each.execution.machine_name]
            if one is None:
                again = remade_of([other for other in theirs if other.machine_name == name])
                machines[name], sources[name] = again.machine, MADE
                guessed += [f"{name}, {sentence}" for sentence in again.guessed]
            else:
                definition = hiding.definition(one.definition)
                machines[name] = replace(first.machine, label=name, definition=definition)
                sources[name] = one.source
        parent = parents[next(number for number, root in enumerate(roots) if root is each.parent)]
        made.append(Made(replace(each, execution=execution, parent=parent), machines[name]))
    family = Family(replace(first, guessed=tuple(guessed)), tuple(made), sources)
    return family if keep_data else _without_causes(family)


def _without_causes(family: Family) -> Family:
    parents = [without_causes(each) for each in family.chosen.executions]
    of = dict(zip(map(id, family.chosen.executions), parents, strict=True))
    made = [
        replace(
            each,
            child=replace(
                each.child,
                execution=without_causes(each.child.execution),
                parent=of[id(each.child.parent)],
            ),
        )
        for each in family.made
    ]
    return replace(family, chosen=replace(family.chosen, executions=tuple(parents)), made=tuple(made))


def _first(chosen: Chosen, parents: tuple[RecordedExecution, ...], hiding: Hiding) -> Chosen:
    if chosen.source == MADE:
        again = remade_of(parents)
        return Chosen(again.machine, MADE, parents, again.guessed, hidden=True)
    if not chosen.source:  # a user's file
        return replace(chosen, executions=parents, hidden=True)
    definition = hiding.definition(chosen.machine.definition)
    machine = replace(chosen.machine, definition=definition)
    return replace(chosen, machine=machine, executions=parents, hidden=True)


def _check(child: Child, chosen: Chosen) -> None:
    """Reject an execution unless a task in the definition starts it by a literal ARN."""
    why = ""
    if not child.state:
        why = "no task of that execution starts executions, and its code is not available"
    elif not child.execution.machine_name:
        why = "the name of its state machine is unknown; add the output of DescribeExecution"
    elif chosen.source != MADE and child.execution.machine_name not in _named(chosen, child.state):
        why = f"the state {child.state!r} takes the name of its machine from its input"
    if why:
        message = f"{child.parent.shown} started it, but nothing in the scenario starts it: {why}"
        raise HistoryError(child.execution.file, message, "import it separately")


def _named(chosen: Chosen, state: str) -> Iterator[str]:
    """Yield the names of the machines that a state of a definition starts."""
    for name, _, fields in states_of(chosen.machine.definition):
        if name == state:
            arn = as_dict(given_by(fields)).get("StateMachineArn")
            yield str(json_or_text(str(arn))).rpartition(":stateMachine:")[2].partition(":")[0]
