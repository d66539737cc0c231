"""Says of a difference in what a function answered what it was asked, and what it logged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from harness.functions.shared.model import Invocation
from harness.json_types import Json, as_dict, json_or_text
from harness.rebuilt.playing import Played
from harness.replay.attempts import Attempt, attempts_of
from harness.replay.comparing import Asked, Difference

_LONGEST: Final = 600
"""Characters of an input that are shown."""
_MOST: Final = 20
"""Lines of a log that are shown, the last ones."""
_PLATFORM: Final = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_REPORT", "INIT_START")


def explained(difference: Difference, played: Played) -> Difference:
    """A difference with the function that answered, where one of the project did."""
    found = _attempt(difference.ours, played)
    if found is None:
        return difference
    attempt, number = found
    invocation = _invocation(attempt, number, played)
    if invocation is None:
        return difference
    name = played.observation.functions.get(invocation.function, invocation.function)
    failed = invocation.error is not None
    log = tuple(_log(invocation))[-_MOST:] if failed else ()
    return replace(difference, asked=Asked(name, _cut(invocation.payload), log))


def _attempt(event: int, played: Played) -> tuple[Attempt, int] | None:
    """The attempt of a task that an event of ours ends, and its number among those of its state, from 0."""
    if not event:
        return None
    for visits in attempts_of(played.ours, {}).values():
        alike = [each for attempts in visits.in_order for each in attempts]
        for number, each in enumerate(alike):
            if each.ended is not None and each.ended.id == event:
                same = [other for other in alike[:number] if _event_of(other) == _event_of(each)]
                return each, len(same)
    return None


def _invocation(attempt: Attempt, number: int, played: Played) -> Invocation | None:
    """The invocation of an attempt: the one with its event; of several the one of that number."""
    wanted, state = _event_of(attempt), _state_of(attempt, played)
    found = [
        each
        for each in played.observation.invocations
        if each.execution_arn == played.ours.arn
        and each.state == state
        and json_or_text(each.payload) == wanted
    ]
    return found[min(number, len(found) - 1)] if found else None


def _event_of(attempt: Attempt) -> Json:
    """The event that a function gets: the input of a task that is its ARN; the Payload of lambda:invoke."""
    given = attempt.parameters
    return given if attempt.scheduled.type == "LambdaFunctionScheduled" else as_dict(given).get("Payload", {})


def _state_of(attempt: Attempt, played: Played) -> str:
    entered = ""
    previous = {each.id: each for each in played.ours.events}
    event = attempt.scheduled
    while event.previous and not entered:
        event = previous[event.previous]
        entered = event.text("name") if event.type.endswith("StateEntered") else ""
    return entered


def _log(invocation: Invocation) -> Iterator[str]:
    """The lines of a function's log that are its own; else its error."""
    lines = [each for each in invocation.log.splitlines() if each and not each.startswith(_PLATFORM)]
    if lines:
        yield from lines
    elif invocation.error is not None:
        yield f"{invocation.error.type}: {invocation.error.message}"
        for each in invocation.error.stack_trace:
            yield from each.rstrip().splitlines()


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
