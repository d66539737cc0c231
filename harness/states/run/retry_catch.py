"""Retry and Catch, shared by Task, Parallel and Map."""

from __future__ import annotations

from collections.abc import Callable

from ..asl import Catcher, Map, Parallel, Retrier, Task
from ..errors import QueryError, StateFailure
from ..payload import Payload
from ..time.fibers import Steps
from .control_flow import Flow, Left
from .data_flow import assigned, merged, output_and_variables


def run_attempts(
    flow: Flow,
    state: Task | Parallel | Map,
    payload: Payload,
    attempt: Callable[[], Steps[Left]],
    failed_event: str | None = None,
) -> Steps[Left]:
    """Run attempts until one succeeds, a Catcher matches the failure, or neither a Retrier nor a Catcher
    matches it.

    Args:
        attempt: runs one attempt and records the exit; its value is the state's output and next state.
        failed_event: the event to record when there are no more retries, e.g. `MapStateFailed`.

    Raises:
        StateFailure: no Catcher matched the last failure.
    """
    tries = [0] * len(state.retry)
    while True:
        try:
            return (yield from attempt())
        except QueryError as error:
            failure = flow.failure(error, state)
        except StateFailure as error:
            failure = error
        if failure.fatal:
            raise failure
        delay_s = _retry_delay(flow, state.retry, tries, failure)
        if delay_s is None:
            return _give_up(flow, state, payload, failure, failed_event)
        flow.retry_count = (flow.retry_count or 0) + 1
        yield flow.sleep(delay_s)


def _give_up(
    flow: Flow,
    state: Task | Parallel | Map,
    payload: Payload,
    failure: StateFailure,
    failed_event: str | None,
) -> Left:
    """Apply the first Catcher that matches a failure. Raise the failure if none matches."""
    before = flow.previous
    if failed_event:
        flow.record(failed_event)
    for catcher in state.catch:
        if failure.matches(catcher.error_equals):
            try:
                return _caught(flow, state, payload, catcher, failure)
            except QueryError as error:
                flow.previous = before
                again = flow.failure(error, state)
                if failed_event and not again.fatal:
                    flow.record(failed_event)
                raise again from None
    raise failure


def _retry_delay(
    flow: Flow, retriers: tuple[Retrier, ...], tries: list[int], failure: StateFailure
) -> float | None:
    """Return the wait before the next attempt, or None for no retry. The first matching Retrier applies."""
    for index, retrier in enumerate(retriers):
        if failure.matches(retrier.error_equals):
            if tries[index] >= retrier.max_attempts:
                return None
            delay_s = retrier.delay_s(tries[index])
            tries[index] += 1
            return delay_s * flow.execution.randomness.fraction() if retrier.full_jitter else delay_s
    return None


def _caught(
    flow: Flow, state: Task | Parallel | Map, payload: Payload, catcher: Catcher, failure: StateFailure
) -> Left:
    scope = flow.scope(failure.output, input=payload.value, errorOutput=failure.output)
    if catcher.output is not None:
        output = Payload(catcher.output.evaluate(scope))
    else:
        output = merged(catcher.result_path, payload, Payload(failure.output))
    flow.exit(state, output, assigned(catcher.assign, scope))
    return output, catcher.next


def leave_after(
    flow: Flow,
    state: Parallel | Map,
    payload: Payload,
    result: Payload,
    succeeded: str,
    *,
    exits_after: int | None = None,
) -> Left:
    """Record that branches or iterations succeeded, then call `leave`.

    The state's exit event does not follow the success event, but an event for a failure does.

    Args:
        exits_after: the event that precedes the exit event. Default: the event before `succeeded`.
    """
    noted = flow.note(succeeded)
    if exits_after is not None:
        flow.previous = exits_after
    try:
        return leave(flow, state, payload, result)
    except (QueryError, StateFailure):
        flow.previous = noted
        raise


def leave(flow: Flow, state: Task | Parallel | Map, payload: Payload, result: Payload) -> Left:
    """Turn a result into the state's output and record the exit.

    Raises:
        QueryError: a field cannot be evaluated.
        StateFailure: the output is too large.
    """
    scope = flow.scope(result.value, input=payload.value, result=result.value)
    output, variables = output_and_variables(state, scope, payload, result, state.result_selector)
    flow.exit(state, output, variables)
    return output, state.next
