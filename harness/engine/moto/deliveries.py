"""Asynchronous function invocations from topics, buckets, rules, stacks and Invoke with Event.

The sender continues immediately. The function starts after the sender's current step, at the same time on the
world's clock. A failed invocation is retried twice, after one minute and after two minutes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Final

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import lambda_backends

from harness.engine.moto.atomic import current_call, released
from harness.engine.moto.functions import MotoFunctions, refuse_runtime
from harness.engine.moto.versions import called
from harness.engine.moto.world import World
from harness.json_types import Json
from harness.stepfunctions.events import Attempted
from harness.stepfunctions.functions import FunctionAnswer, FunctionCall, FunctionNotFound, FunctionThrottled

_installed: Final[list[tuple[MotoFunctions, World]]] = []


def install(functions: MotoFunctions, world: World) -> None:
    """Send all events in this process to `functions`, on the clock of `world`."""
    _installed[:] = [(functions, world)]


def send(function: str, payload: str | bytes) -> None:
    """Invoke a function by ARN with a JSON string. If it fails, retry twice, as Lambda does."""
    text = payload if isinstance(payload, str) else payload.decode()
    _, world = _installed[0]
    world.events.send(partial(_attempt, function, text), sender=current_call()[0])


def invoke_asynchronously(account_id: str, function: str, event: Json) -> str:
    """Send an event to a function by ARN.

    Returns:
        The reason why the function cannot be invoked. Empty if the event was accepted.
    """
    refused = _refused(account_id, function)
    if not refused:
        send(function, json.dumps(event))
    return refused


def invoke_and_wait(account_id: str, function: str, event: Json, is_done: Callable[[], bool]) -> str:
    """Send an event to a function, and wait until no further attempt is needed.

    Args:
        is_done: returns True if further attempts are not needed.

    Returns:
        The error from the last attempt, such as `KeyError: 'bucket'`. Empty if it succeeded.
    """
    refused = _refused(account_id, function)
    if refused:
        return refused
    _, world = _installed[0]
    answers: list[FunctionAnswer] = []
    attempt = partial(_attempt, function, json.dumps(event), answered=answers.append, is_done=is_done)
    caller, call = current_call()
    with released():
        world.lasting(caller, call, lambda end: world.events.send(attempt, ended=end, sender=caller))
    if not answers or not answers[-1].failed:
        return ""
    failure = json.loads(answers[-1].result or "{}")
    return f"{failure.get('errorType')}: {failure.get('errorMessage')}"


def wait_for_all() -> None:
    """Let time pass until no event is in progress. Called during a request."""
    _, world = _installed[0]
    caller, call = current_call()
    with released():
        world.lasting(caller, call, world.events.when_idle)


def _refused(account_id: str, function: str) -> str:
    """Return the reason why a function cannot be invoked, or "" if it can."""
    backend = lambda_backends[account_id][function.split(":")[3]]
    try:
        refuse_runtime(called(backend, function, None, "").function)
    except LambdaClientError as error:
        return str(error.message)
    return ""


def _attempt(
    function: str,
    payload: str,
    request_id: str,
    now_s: float | None,
    *,
    answered: Callable[[FunctionAnswer], object] = lambda _: None,
    is_done: Callable[[], bool] = lambda: False,
) -> Attempted:
    functions, world = _installed[0]
    world.admit(request_id, ())  # so that environments are chosen in clock order
    try:
        answer = functions.invoke(FunctionCall(function, request_id, payload, now_s=now_s))
    except FunctionNotFound:  # the function has been deleted
        return Attempted(None)
    except FunctionThrottled:
        return Attempted(None, again=not is_done())
    answered(answer)
    return Attempted(answer.duration_s, again=answer.failed and not is_done())
