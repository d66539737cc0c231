"""Adds a function's input and log to a difference in its result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from harness.functions.shared.model import Invocation
from harness.json_types import Json, as_dict, json_or_text
from harness.rebuilt.playing import Played
from harness.replay.attempts import Attempt, state_of
from harness.replay.comparing import Asked, Difference
from harness.report.printed import log_lines, log_of, of_runtime

_LONGEST: Final = 600
"""Maximum number of characters to show from an input."""
_MOST: Final = 20
"""Maximum number of lines to show from the end of a log."""


def explained(difference: Difference, played: Played) -> Difference:
    """Return a difference, with details of the project's function that returned the result, if any."""
    invocation = _answered(difference.ours, played)
    if invocation is None:
        return difference
    name = played.observation.functions.get(invocation.function, invocation.function)
    failed = invocation.error is not None
    log = tuple(_log(invocation))[-_MOST:] if failed else ()
    return replace(difference, asked=Asked(name, _cut(invocation.payload), log))


def _answered(event: int, played: Played) -> Invocation | None:
    """Return the invocation for the attempt that one of our events ends, even if several are equal."""
    for place, visits in played.attempts.items():
        alike = [each for attempts in visits.in_order for each in attempts]
        for number, each in enumerate(alike):
            if event and each.ended is not None and each.ended.id == event:
                wanted = _event_of(each)
                before = sum(_event_of(other) == wanted for other in alike[:number])
                return _invocation(state_of(place), wanted, before, played)
    return None


def _invocation(state: str, event: Json, number: int, played: Played) -> Invocation | None:
    """Return a state's invocation with this event; if there are several, the one with this index."""
    found = [
        each
        for each in played.observation.invocations
        if each.execution_arn == played.ours.arn
        and each.state == state
        and json_or_text(each.payload) == event
    ]
    return found[min(number, len(found) - 1)] if found else None


def _event_of(attempt: Attempt) -> Json:
    """Return a function's event: the input of a task with its ARN, or the Payload of lambda:invoke."""
    given = attempt.parameters
    return given if attempt.scheduled.type == "LambdaFunctionScheduled" else as_dict(given).get("Payload", {})


def _log(invocation: Invocation) -> Iterator[str]:
    """Return the log lines that the function wrote, or its error if there are none."""
    lines = [each for each in log_lines(log_of(invocation)) if not of_runtime(each)]
    if lines:
        yield from lines
    elif invocation.error is not None:
        yield f"{invocation.error.type}: {invocation.error.message}"
        for each in invocation.error.stack_trace:
            yield from each.rstrip().splitlines()


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
