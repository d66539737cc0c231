"""`harness replay --break`: open a prompt at an event in a replayed history, and step from there."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from harness.debugging.state_prompt import StatePrompt
from harness.exit_codes import PASSED
from harness.functions.shared.debug_link import Stop
from harness.histories import Event
from harness.json_types import as_dict, json_or_text
from harness.printable import one_line, say
from harness.rebuilt.playing import Played
from harness.replay.placing import placed
from harness.stepfunctions.stops import history_lines


class Held(Protocol):
    """A replay that is paused at an event."""

    def playing(self) -> AbstractContextManager[object]:
        """Replay up to the event. On exit, the engine has stopped."""
        ...

    def go_on(self, number: int = 0) -> None:
        """Continue to the event with this ID. 0 continues to the end."""
        ...


def ask_at(held: Held, played: Played, id: int) -> int:
    """Open a prompt at the event with this ID, and after each step."""
    with held.playing():
        while id:
            prompt = StatePrompt(stop_at(played, id))
            with _interruptible():
                prompt.cmdloop()
            if prompt.go == "quit":
                return PASSED
            id = _next_entry(played, id) if prompt.go == "step" else 0
            held.go_on(played.number_of(id) if id else 0)
    last = played.ours.events[-1]
    say(one_line(f"the execution has ended: {last.type}, event {last.id}"))
    return PASSED


def stop_at(played: Played, id: int) -> Stop:
    """Describe the replay's state immediately after an event."""
    events = [each for each in played.ours.events if each.id <= id]
    here, place = events[-1], placed(played.ours.events)[id]
    entered = next((each for each in events if each.id == place.visit), here)
    return {
        "where": f"right after event {id}, {here.type}, in the state {place.iterations}{place.state or '-'}",
        "execution": played.ours.arn,
        "state": place.state or here.type,
        "call": "",
        "input": json_or_text(entered.text("input")),
        "variables": _variables(events),
        "history": [*history_lines(events)],
    }


def _next_entry(played: Played, id: int) -> int:
    """Return the ID of the next event that enters a state; 0 if there is none."""
    later = (each.id for each in played.ours.events if each.id > id and each.type.endswith("StateEntered"))
    return next(later, 0)


def _variables(events: list[Event]) -> dict[str, object]:
    found: dict[str, object] = {}
    for event in events:
        for name, text in as_dict(event.details.get("assignedVariables")).items():
            found[name] = json_or_text(text) if isinstance(text, str) else text
    return found


@contextmanager
def _interruptible() -> Iterator[None]:
    """Make Ctrl-C cancel the input line instead of the command."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
