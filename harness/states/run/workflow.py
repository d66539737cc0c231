"""Runs a flow from state to state, and the simple states: Pass, Choice, Wait, Succeed, Fail."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

from ..asl import Choice, ChoiceBranch, Fail, Map, Parallel, Pass, State, Succeed, Task, Wait, Workflow
from ..errors import RUNTIME, QueryError, StateFailure
from ..payload import Payload
from ..time.fibers import Signal, Steps
from .control_flow import Flow
from .data_flow import assigned, effective_input, jsonata_output, merged, path_output
from .map_state import run_map
from .parallel_state import run_parallel
from .task_state import run_task

# What a state leaves: its output and the name of the next state, None at an end.
Left: TypeAlias = tuple[Payload, str | None]


def run_workflow(flow: Flow, workflow: Workflow, payload: Payload) -> Steps:
    """Run the states of a workflow; the fiber's value is the output, a `Payload`.

    Raises:
        StateFailure: a state failed and nothing caught it.
    """
    name = workflow.start_at
    while True:
        state = workflow.states[name]
        flow.enter(state, payload)
        simple = _SIMPLE.get(type(state))
        if simple:
            try:
                payload, following = simple(flow, state, payload)
            except QueryError as error:
                raise flow.failure(error, state) from None
        else:
            payload, following = yield from _WAITING[type(state)](flow, state, payload)
        if following is None:
            return payload
        name = following
        if flow.execution.ending:
            stop = partial(flow.world.stop, flow.execution)
            flow.world.scheduler.at(flow.world.clock.now(), stop)
            yield Signal()  # never set: a fiber cannot end itself
        yield None  # let the other flows have their turn


def _run_pass(flow: Flow, state: Pass, payload: Payload) -> Left:
    if state.is_jsonata:
        scope = flow.scope(None, input=payload.value)
        output = jsonata_output(state, scope, payload)
        flow.exit(state, output, assigned(state.assign, scope))
        return output, state.next
    scope = flow.scope(payload.value)
    given = effective_input(state, scope, payload)
    if state.result is not None:
        given = Payload(state.result.evaluate(scope))
    elif state.parameters is not None:
        given = Payload(state.parameters.evaluate(scope.on(given.value)))
    variables = assigned(state.assign, scope.on(given.value))
    output = path_output(state, scope, merged(state.result_path, payload, given))
    flow.exit(state, output, variables)
    return output, state.next


def _run_succeed(flow: Flow, state: Succeed, payload: Payload) -> Left:
    if state.is_jsonata:
        output = jsonata_output(state, flow.scope(None, input=payload.value), payload)
    else:
        scope = flow.scope(payload.value)
        output = path_output(state, scope, effective_input(state, scope, payload))
    flow.exit(state, output)
    return output, None


def _run_fail(flow: Flow, state: Fail, payload: Payload) -> Left:
    scope = flow.scope(None, input=payload.value) if state.is_jsonata else flow.scope(payload.value)
    error = None if state.error is None else state.error.evaluate(scope)
    cause = None if state.cause is None else state.cause.evaluate(scope)
    raise StateFailure(error, cause)


def _run_choice(flow: Flow, state: Choice, payload: Payload) -> Left:
    if state.is_jsonata:
        scope = flow.scope(None, input=payload.value)
        given = payload
    else:
        scope = flow.scope(payload.value)
        given = effective_input(state, scope, payload)
        scope = scope.on(given.value)
    branch = next((choice for choice in state.choices if choice.rule.holds(scope)), None)
    if branch is None and state.default is None:
        message = "Failed to transition out of the state. The state does not point to a next state."
        raise QueryError(message, RUNTIME)
    chosen: ChoiceBranch | Choice = branch or state
    output = jsonata_output(chosen, scope, payload) if state.is_jsonata else path_output(state, scope, given)
    flow.exit(state, output, assigned(chosen.assign, scope))
    return output, branch.next if branch else state.default


def _run_wait(flow: Flow, state: Wait, payload: Payload) -> Steps:
    try:
        scope = flow.scope(None, input=payload.value) if state.is_jsonata else flow.scope(payload.value)
        given = payload if state.is_jsonata else effective_input(state, scope, payload)
        if not state.is_jsonata:
            scope = scope.on(given.value)
        seconds = _wait_seconds(flow, state, scope)
    except QueryError as error:
        raise flow.failure(error, state) from None
    if seconds > 0:
        yield flow.sleep(seconds)
    try:
        output = (
            jsonata_output(state, scope, payload) if state.is_jsonata else path_output(state, scope, given)
        )
        variables = assigned(state.assign, scope)
    except QueryError as error:
        raise flow.failure(error, state) from None
    flow.exit(state, output, variables)
    return output, state.next


def _wait_seconds(flow: Flow, state: Wait, scope: Any) -> float:
    if state.seconds is not None:
        return float(state.seconds.evaluate(scope))
    moment = state.timestamp.evaluate(scope) if state.timestamp is not None else 0.0
    return float(moment) - flow.world.clock.now()


_SIMPLE: Final[dict[type[State], Callable[[Flow, Any, Payload], Left]]] = {
    Pass: _run_pass,
    Choice: _run_choice,
    Succeed: _run_succeed,
    Fail: _run_fail,
}
_WAITING: Final[dict[type[State], Callable[[Flow, Any, Payload], Steps]]] = {
    Wait: _run_wait,
    Task: run_task,
    Parallel: run_parallel,
    Map: run_map,
}
