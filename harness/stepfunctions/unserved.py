"""States that AWS supports but the harness does not, such as Athena and Glue tasks, or MANIFEST in a Map."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.states.asl import Choice, Machine, Map, Parallel, State, Task, Workflow
from harness.states.resource import Resource
from harness.stepfunctions.unserved_state import UnservedState


def unserved_states(machine: Machine, serves: Callable[[Resource], bool]) -> tuple[UnservedState, ...]:
    """List a machine's reachable states, at any depth, that are not supported.

    Args:
        serves: returns whether a Task's Resource is supported.
    """
    return tuple(_of_workflow(machine.workflow, serves))


def _of_workflow(workflow: Workflow, serves: Callable[[Resource], bool]) -> Iterator[UnservedState]:
    for state in _reachable(workflow):
        if isinstance(state, Task) and not serves(Resource.of(state.resource)):
            yield UnservedState(state.name, state.resource)
        elif isinstance(state, Map):
            if state.not_served:
                yield UnservedState(state.name, state.not_served)
            yield from _of_workflow(state.processor, serves)
        elif isinstance(state, Parallel):
            for branch in state.branches:
                yield from _of_workflow(branch, serves)


def _reachable(workflow: Workflow) -> Iterator[State]:
    seen: set[str] = set()
    waiting = [workflow.start_at]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in workflow.states:
            continue
        seen.add(name)
        state = workflow.states[name]
        yield state
        waiting += reversed([target for target in _targets(state) if target is not None])


def _targets(state: State) -> Iterator[str | None]:
    yield state.next
    if isinstance(state, Choice):
        yield from (choice.next for choice in state.choices)
        yield state.default
    elif isinstance(state, Task | Parallel | Map):
        yield from (catcher.next for catcher in state.catch)
