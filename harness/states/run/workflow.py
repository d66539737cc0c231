"""Moves a flow from state to state, and runs the simple states: Pass, Choice, Wait, Succeed, Fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from ..asl import Choice, ChoiceBranch, Fail, Map, Parallel, Pass, State, Succeed, Task, Wait, Workflow
from ..errors import RUNTIME, QueryError, StateFailure
from ..payload import Payload
from ..query.scope import Scope
from ..time.fibers import Signal, Steps
from .control_flow import Flow, Left
from .data_flow import assigned, entered, output_and_variables, output_of
from .map_state import run_map
from .parallel_state import run_parallel
from .task_state import run_task

# For Timestamp. Recorded: AWS accepts 24,855 days and rejects 24,856.
_LONGEST_DELAY_S: Final = 2**31 - 1


def run_workflow(flow: Flow, workflow: Workflow, payload: Payload) -> Steps[Payload]:
    """Run the states of a workflow. The fiber's value is the output.

    Raises:
        StateFailure: a state failed, and nothing caught the failure.
    """
    name = workflow.start_at
    while True:
        state = workflow.states[name]
        if flow.host.before_state is not None:
            flow.host.before_state(flow, state, payload)
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
            stop = partial(flow.host.stop, flow.execution)
            flow.host.scheduler.at(flow.host.clock.now(), stop)
            yield Signal()  # never set: a fiber cannot end itself
        yield None  # give the other flows their turn


def _run_pass(flow: Flow, state: Pass, payload: Payload) -> Left:
    given, scope = entered(flow, state, payload)
    if state.result is not None:
        given = Payload(state.result.evaluate(scope))
    elif state.parameters is not None:
        given = Payload(state.parameters.evaluate(scope))
    output, variables = output_and_variables(state, scope.on(given.value), payload, given)
    flow.exit(state, output, variables)
    return output, state.next


def _run_succeed(flow: Flow, state: Succeed, payload: Payload) -> Left:
    given, scope = entered(flow, state, payload)
    output = output_of(state, state.output, scope, given)
    flow.exit(state, output)
    return output, None


def _run_fail(flow: Flow, state: Fail, payload: Payload) -> Left:
    _, scope = entered(flow, state, payload)
    error = None if state.error is None else state.error.evaluate(scope)
    cause = None if state.cause is None else state.cause.evaluate(scope)
    raise StateFailure(error, cause)


def _run_choice(flow: Flow, state: Choice, payload: Payload) -> Left:
    given, scope = entered(flow, state, payload)
    branch = next((choice for choice in state.choices if choice.rule.holds(scope)), None)
    if branch is None and state.default is None:
        message = "Failed to transition out of the state. The state does not point to a next state."
        raise QueryError(message, RUNTIME)
    chosen: ChoiceBranch | Choice = branch or state
    output = output_of(state, chosen.output, scope, given)
    flow.exit(state, output, assigned(chosen.assign, scope))
    return output, branch.next if branch else state.default


def _run_wait(flow: Flow, state: Wait, payload: Payload) -> Steps[Left]:
    try:
        given, scope = entered(flow, state, payload)
        seconds = _wait_seconds(flow, state, scope)
    except QueryError as error:
        raise flow.failure(error, state) from None
    if seconds > 0:
        yield flow.sleep(seconds)
    try:
        output = output_of(state, state.output, scope, given)
        variables = assigned(state.assign, scope)
    except QueryError as error:
        raise flow.failure(error, state) from None
    flow.exit(state, output, variables)
    return output, state.next


def _wait_seconds(flow: Flow, state: Wait, scope: Scope) -> float:
    if state.seconds is not None:
        return state.seconds.evaluate(scope)
    moment = state.timestamp.evaluate(scope) if state.timestamp is not None else 0.0
    seconds = moment - flow.host.clock.now()
    if seconds > _LONGEST_DELAY_S:
        raise QueryError("Wait state delay is too long.")
    return seconds


_SIMPLE: Final[Mapping[type[State], Callable[[Flow, Any, Payload], Left]]] = {
    Pass: _run_pass,
    Choice: _run_choice,
    Succeed: _run_succeed,
    Fail: _run_fail,
}
_WAITING: Final[Mapping[type[State], Callable[[Flow, Any, Payload], Steps[Left]]]] = {
    Wait: _run_wait,
    Task: run_task,
    Parallel: partial(run_parallel, run_workflow),
    Map: partial(run_map, run_workflow),
}
