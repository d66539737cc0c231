"""Groups failures with the same cause across scenarios, so that the cause is explained only once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from harness.functions.shared.model import FunctionError
from harness.report.explain import CAUGHT, Explanation, explain
from harness.report.happened import last_frame
from harness.report.layout import shown_path
from harness.report.model import Result


@dataclass(frozen=True)
class Cause:
    """A failure cause. `key` is equal for failures with the same cause. `text` describes the cause in one
    line.
    """

    key: Hashable
    text: str


def cause_of(result: Result) -> Cause | None:
    """Return a failure's first cause that other scenarios can share; None if it has no such cause.

    Such causes are the reason why the scenario did not finish, an unhandled function error, and a mismatch
    outside the scenario's file, such as a permission that is missing from the template.
    """
    if result.outcome == "error" and result.reason:
        return Cause(("reason", result.reason), result.reason.splitlines()[0])
    if result.observation is not None and (found := _error(explain(result.observation))):
        function, error = found
        place = last_frame(error.stack_trace)
        key = (function, error.type, error.stack_trace or error.message)
        return Cause(key, f"{function}: {error.type}" + (f" at {place}" if place else f": {error.message}"))
    for mismatch in result.mismatches:
        if mismatch.where.path != result.scenario.path:
            where = f"{shown_path(mismatch.where.path)}:{mismatch.where.line}"
            return Cause((mismatch.where, mismatch.expectation), f"{mismatch.expectation}, at {where}")
    return None


def grouped(results: Sequence[Result]) -> list[list[Result]]:
    """Return the results grouped by cause, in the order of each group's first result."""
    groups: dict[Hashable, list[Result]] = {}
    for number, result in enumerate(results):
        cause = cause_of(result)
        groups.setdefault(number if cause is None else cause, []).append(result)
    return list(groups.values())


def _error(found: Explanation) -> tuple[str, FunctionError] | None:
    """Return the function that failed first, and its error. Unhandled errors take precedence."""
    for handled in ("", CAUGHT):
        for task in found.tasks:
            invocation = task.invocation
            if task.handled == handled and invocation is not None and invocation.error is not None:
                injected = invocation.faults or any(call.injected for call in invocation.calls)
                if not (handled and injected):
                    return task.function, invocation.error
    return None
