"""Derives expectations from recorded executions: their ends, paths, and messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.histories import Event, RecordedExecution
from harness.importing.hiding import Hiding
from harness.importing.messages import Messages
from harness.importing.model import Told, events_text
from harness.importing.paths import never_entered, path_of
from harness.json_types import json_or_text
from harness.scenario_files import commented

_LONGEST_PATH: Final = 60
_MOST_MESSAGES: Final = 20


@dataclass(frozen=True)
class Expecting:
    """Derives `expect`.

    Attributes:
        states: the names of the states of the definition.
        with_output: also expect the output of a run, which the scenario fully determines.
    """

    hiding: Hiding
    told: Told
    states: tuple[str, ...]
    messages: Messages
    with_output: bool

    def of(self, names: Sequence[str], executions: Sequence[RecordedExecution]) -> Any:
        """Return the `expect` for executions; for several executions, by run name."""
        made = [self._of_one(name, each) for name, each in zip(names, executions, strict=True)]
        expect: dict[str, Any] = made[0] if len(made) == 1 else {"runs": dict(zip(names, made, strict=True))}
        published = self.messages.expected(self.told.published) if self.told.published else None
        if published is not None and len(published) <= _MOST_MESSAGES:
            expect["messages"] = published
        return expect

    def _of_one(self, name: str, execution: RecordedExecution) -> dict[str, Any]:
        last = execution.events[-1]
        if execution.status == "ABORTED":
            gap = self.told.gap(
                f"{of_run(name, last)}: the execution was stopped externally, "
                "which a scenario cannot reproduce"
            )
            return {
                "polls": commented({"min": 0}, gap, "this is always true; replace it with your expectation")
            }
        end: dict[str, Any] = {"status": execution.status}
        if error := last.text("error"):
            end["error"] = self.hiding.error(error)
        if execution.status == "SUCCEEDED" and self.with_output:
            end["output"] = {"equals": self.hiding.value(json_or_text(last.text("output")))}
        path = path_of(execution)
        if path is None:
            why = "no path: states ran in parallel"
            not_come = never_entered(execution, self.states)
            more = {"never_entered": not_come} if 0 < len(not_come) <= _LONGEST_PATH else {}
            return {"execution": commented(end, of_run(name, last), why), **more}
        if len(path) > _LONGEST_PATH:
            why = f"no path: it has {len(path)} states"
            return {"execution": commented(end, of_run(name, last), why)}
        return {"execution": commented(end, of_run(name, last)), "path": path}


def of_run(name: str, event: Event) -> str:
    """Return a description of an event, with its run if there are several runs."""
    return f"{name}, {events_text(event)}" if name else events_text(event)
