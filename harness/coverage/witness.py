"""The first visits to states, on which hints are based."""

from __future__ import annotations

from collections.abc import Iterator

from harness.coverage.failures import History
from harness.coverage.flat import Shape
from harness.coverage.model import Machine, Witness
from harness.coverage.reached import branches
from harness.observe.model import Execution, Run
from harness.observe.tasks import Branch

_LONGEST = 32_768
"""The maximum number of input characters to store. Inputs are stored because hints require the members that
rules read.
"""
_MOST_STEPS = 200


def witnesses(
    machine: Machine,
    shape: Shape,
    execution: Execution,
    run: Run,
    number: int,
    scenario: str,
    *,
    faulty: bool,
) -> Iterator[tuple[str, Witness]]:
    """Yield the first visits to states for which the machine has no witness, or only one that involved a
    failure.
    """
    known = machine.witnesses
    new = {state for state in shape.states if state not in known or any(known[state].cost[:3])}
    if not new:
        return
    history = History.of(execution)
    own = execution is run.execution
    run_input = run.execution.input if len(run.execution.input) <= _LONGEST else ""
    for branch in branches(history.root):
        for place, visit in enumerate(branch.visits):
            name = shape.name(visit.name)
            if name not in new:
                continue
            new.discard(name)
            given = visit.entered.text("input")
            kept = given if len(given) <= _LONGEST else ""
            fields = shape.states[name].fields
            failed = visit.exited is None or bool(history.failures(visit, fields).ended_by)
            path = tuple(_before(shape, history, branch, place))
            yield (
                name,
                Witness(scenario, number, own, name, visit.name, path, kept, run_input, faulty, failed),
            )


def _before(shape: Shape, history: History, branch: Branch, place: int) -> list[tuple[str, str, str]]:
    """Return the states before a visit, including parent states, each with its error."""
    steps: list[tuple[str, str, str]] = []
    while len(steps) < _MOST_STEPS:
        for visit in reversed(branch.visits[:place]):
            name = shape.name(visit.name)
            state = shape.states.get(name)
            error = history.failures(visit, state.fields).ended_by if state else ""
            steps.append((visit.name, name, error))
            if len(steps) == _MOST_STEPS:
                break
        outer = branch.inside
        if outer is None:
            break
        steps.append((outer.name, shape.name(outer.name), ""))
        branch, place = outer.branch, outer.branch.visits.index(outer)
    return steps[::-1]
