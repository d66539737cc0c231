"""Validate `tasks` and `calls`: each entry has a target, and one result that AWS could return."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from harness.json_types import Json, as_dict
from harness.scenario import fault_rules
from harness.scenario.finding import Finding, as_list
from harness.scenario.results.check import Mode
from harness.scenario.results.check import findings as unlike_aws
from harness.scenario.results.models import ResultModel, model_of, model_of_call
from harness.scenario.source import KeyPath
from harness.scenario.tasks import ANSWERS, CHOICES

_TARGETS: Final = ("state", "resource", "function")
_OF_MOCK: Final = ("mock", "test_case", "state_machine")


def findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Find invalid stand-ins for tasks."""
    for n, entry in enumerate(as_list(data.get("tasks"))):
        if isinstance(entry, dict):
            at: KeyPath = ("tasks", n)
            yield from _of_mock(entry, at) if "mock" in entry else _of_entry(entry, at)


def call_findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Find invalid stand-ins for calls."""
    for n, entry in enumerate(as_list(data.get("calls"))):
        if not isinstance(entry, dict):
            continue
        at: KeyPath = ("calls", n)
        yield from fault_rules.names(entry, at)
        yield from _of_choices(entry, at, ("result", "error", "results"))
        if "message" in entry and "error" not in entry:
            yield Finding(
                (*at, "message"), "message has no effect without error", "add `error`, or remove `message`"
            )
        yield from _of_results(entry, at, "message")
        service, _, operation = str(entry.get("call", "")).partition(":")
        yield from results(entry, at, model_of_call(service, operation))


def _of_mock(entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    if "test_case" not in entry:
        yield Finding(at, "test_case is missing for the mock file", "add test_case")
    for key in entry.keys() - {*_OF_MOCK, "run"}:
        yield Finding((*at, key), f"{key} does not apply to mock", f"use only {', '.join(_OF_MOCK)}")


def _of_entry(entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    if not any(key in entry for key in _TARGETS):
        yield Finding(at, "the stand-in has no target", f"add {', '.join(_TARGETS[:2])} or {_TARGETS[2]}")
    yield from _of_choices(entry, at, ANSWERS)
    for key in [key for key in _OF_MOCK[1:] if key in entry]:
        yield Finding(
            (*at, key), f"{key} has no effect without mock", "remove it, or specify the file in mock"
        )
    if "function" in entry and "params" in entry:
        yield Finding((*at, "params"), "a function has no params", "use input, which is its event")
    given = next((key for key in ANSWERS if key in entry), "")
    if given and "cause" in entry and "error" not in entry:
        yield Finding((*at, "cause"), f"cause does not apply to {given}", "use it with error")
    yield from _of_results(entry, at, "cause")
    yield from results(entry, at, _model(entry))


def _of_choices(entry: dict[str, Any], at: KeyPath, answers: tuple[str, ...]) -> Iterator[Finding]:
    """Check that there is one result, and at most one selection of matches."""
    given = [key for key in answers if key in entry]
    if not given:
        yield Finding(at, "the stand-in has no result", f"add one of {', '.join(answers)}")
    for key in given[1:]:
        message = f"{given[0]} and {key} cannot be combined in a stand-in"
        yield Finding((*at, key), message, "keep one of them, or write several in results")
    choices = [choice for choice in ("results", *CHOICES) if choice in entry]
    for choice in choices[1:]:
        message = f"{choices[0]} and {choice} cannot be combined"
        yield Finding((*at, choice), message, "keep one of them")
    if "results" in entry and "takes" in entry:
        yield Finding((*at, "takes"), "takes does not apply to results", "write it in each of them")


def _of_results(entry: dict[str, Any], at: KeyPath, detail: str) -> Iterator[Finding]:
    """Check that each entry in `results` is a result or an error. `detail` is allowed only with an error."""
    listed = entry.get("results")
    if listed == []:
        yield Finding((*at, "results"), "results is empty", "add results, or remove the key")
    for n, each in enumerate(as_list(listed)):
        if isinstance(each, dict):
            place: KeyPath = (*at, "results", n)
            if ("result" in each) == ("error" in each):
                both = "both result and error" if "error" in each else "neither result nor error"
                yield Finding(place, f"the answer has {both}", "specify one of them")
            elif detail in each and "error" not in each:
                yield Finding((*place, detail), f"{detail} does not apply to result", "use it with error")


def _model(entry: dict[str, Any]) -> ResultModel | None:
    """Return the model for an entry's results; None if it is unknown or the results may be any JSON."""
    resource = entry.get("resource")
    if not isinstance(resource, str) or not resource or "function" in entry:
        return None
    try:
        return model_of(resource)
    except (KeyError, ValueError):  # the file model rejects other types
        return None


def results(entry: dict[str, Any], at: KeyPath, model: ResultModel | None) -> Iterator[Finding]:
    """Find values in an entry's results that AWS would not return."""
    mode: Mode = entry.get("validation", "STRICT")
    places: list[tuple[KeyPath, Json]] = [(at, entry)]
    places += [((*at, "results", n), each) for n, each in enumerate(as_list(entry.get("results")))]
    for place, answer in places:
        if "result" in (given := as_dict(answer)):
            yield from unlike_aws(model, given["result"], (*place, "result"), mode)
