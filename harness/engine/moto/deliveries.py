"""Asynchronous invocations: what topics, buckets, rules, stacks and Invoke with Event send to functions.

The sender goes on at once. The function begins at the same moment on the world's clock, after its sender; one
that fails is invoked twice more, after one minute and after two.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import lambda_backends

from harness.engine.moto.atomic import current_call, released
from harness.engine.moto.functions import MotoFunctions, refuse_runtime
from harness.engine.moto.versions import called
from harness.json_types import Json
from harness.stepfunctions.events import Events
from harness.stepfunctions.functions import Begun, FunctionAnswer, FunctionCall


class World(Protocol):
    """The simulation of this process, see `StateMachines`."""

    events: Events

    def lasting(self, caller: str, call: str, ends: Callable[[Callable[[], None]], None]) -> None:
        """Let a call last on the clock until something has ended."""


_installed: Final[list[tuple[MotoFunctions, World]]] = []


def install(functions: MotoFunctions, world: World) -> None:
    """Send all events of this process to `functions`, on the clock of `world`."""
    _installed[:] = [(functions, world)]


def send(function: str, payload: str | bytes) -> None:
    """Invoke a function by its ARN with JSON text, and twice more when it fails, as Lambda does."""
    text = payload if isinstance(payload, str) else payload.decode()
    _, world = _installed[0]
    world.events.send(partial(_begin, function, text), sender=current_call()[0])


def invoke_asynchronously(account_id: str, function: str, event: Json) -> str:
    """Send an event to a function by its ARN.

    Returns:
        Why that cannot be; empty when the event was taken.
    """
    refused = _refused(account_id, function)
    if not refused:
        send(function, json.dumps(event))
    return refused


def invoke_and_wait(account_id: str, function: str, event: Json, is_done: Callable[[], bool]) -> str:
    """Send an event to a function, and wait until it needs no further attempt.

    Args:
        is_done: tells that no further attempt is of use.

    Returns:
        The last attempt's error, `KeyError: 'bucket'`; empty when it went well.
    """
    refused = _refused(account_id, function)
    if refused:
        return refused
    _, world = _installed[0]
    answers: list[FunctionAnswer] = []
    begin = partial(_begin, function, json.dumps(event))

    def again(answer: FunctionAnswer) -> bool:
        answers.append(answer)
        return answer.failed and not is_done()

    caller, call = current_call()
    with released():
        world.lasting(
            caller, call, lambda end: world.events.send(begin, again=again, ended=end, sender=caller)
        )
    if not answers or not answers[-1].failed:
        return ""
    failure = json.loads(answers[-1].result or "{}")
    return f"{failure.get('errorType')}: {failure.get('errorMessage')}"


def wait_for_all() -> None:
    """Let time pass until no event is under way, in the midst of a request."""
    _, world = _installed[0]
    caller, call = current_call()
    with released():
        world.lasting(caller, call, world.events.when_idle)


def _refused(account_id: str, function: str) -> str:
    """Say why a function cannot be invoked; empty when it can."""
    backend = lambda_backends[account_id][function.split(":")[3]]
    try:
        refuse_runtime(called(backend, function, None, "").function)
    except LambdaClientError as error:
        return str(error.message)
    return ""


def _begin(function: str, payload: str, request_id: str, now_s: float | None) -> Begun:
    functions, _ = _installed[0]
    return functions.begin(FunctionCall(function, request_id, payload, now_s=now_s))
