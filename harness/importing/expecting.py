"""Makes what is expected of executions that happened: how they end, and their path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from harness.histories import Event, RecordedExecution
from harness.importing.hiding import Hiding
from harness.importing.model import Told, events_text
from harness.json_types import json_or_text
from harness.scenario_files import commented

_SIDE_BY_SIDE: Final = ("MapIterationStarted", "ParallelStateStarted")
_LONGEST_PATH: Final = 60


def expected(
    names: Sequence[str],
    executions: Sequence[RecordedExecution],
    hiding: Hiding,
    told: Told,
    *,
    with_output: bool,
) -> Any:
    """The `expect` of executions, of several by the names of their runs.

    Args:
        with_output: what a run gives is expected too; it is what the scenario makes it.
    """
    made = [
        _of_one(name, each, hiding, told, with_output=with_output)
        for name, each in zip(names, executions, strict=True)
    ]
    return made[0] if len(made) == 1 else {"runs": dict(zip(names, made, strict=True))}


def _of_one(
    name: str, execution: RecordedExecution, hiding: Hiding, told: Told, *, with_output: bool
) -> dict[str, Any]:
    last = execution.events[-1]
    if execution.status == "ABORTED":
        gap = told.gap(f"{of_run(name, last)}: somebody stopped the execution, which a scenario cannot do")
        return {"execution": commented({}, gap)}
    end: dict[str, Any] = {"status": execution.status}
    if error := last.text("error"):
        end["error"] = hiding.error(error)
    expect: dict[str, Any] = {"execution": commented(end, of_run(name, last))}
    if any(each.type in _SIDE_BY_SIDE for each in execution.events):
        expect["execution"] = commented(end, of_run(name, last), "no path: states ran side by side")
    elif len(path := [each.text("name") for each in execution.events if _entered(each)]) <= _LONGEST_PATH:
        expect["path"] = path
    else:
        expect["execution"] = commented(end, of_run(name, last), f"no path: it has {len(path)} states")
    if execution.status == "SUCCEEDED" and with_output:
        expect["execution"].value["output"] = {"equals": hiding.value(json_or_text(last.text("output")))}
    return expect


def of_run(name: str, event: Event) -> str:
    """An event in words, with the run that it is of where there are several."""
    return f"{name}, {events_text(event)}" if name else events_text(event)


def _entered(event: Event) -> bool:
    return event.type.endswith("StateEntered")
