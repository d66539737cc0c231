"""`execution`: status, error, cause and output of each run's execution."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, Literal

from pydantic import Field

from harness.expect.alike import common_text, only
from harness.expect.base import Entry, PerRun
from harness.expect.matcher import described, unmet, unmet_json
from harness.expect.model import Mismatch
from harness.expect.values import message_of, pretty_text
from harness.expect.wording import quoted
from harness.json_types import Json, JsonObject
from harness.observe.model import Execution, Observation, Run
from harness.scenario.base import Model
from harness.scenario.matcher import JsonMatcher, Matcher

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
ExecutionStatus = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"]


_MATCHER_KEYS: Final = frozenset({"equals", "contains", "matches", "not"})
_LONGEST: Final = 2_000
"""The maximum length of a recorded output."""


class ExpectedExecution(Model):
    """The result of an execution of the deployed state machine."""

    status: ExecutionStatus | None = Field(default=None, description="Its status.")
    error: Matcher | None = Field(default=None, description="Error name of a failed execution.")
    cause: Matcher | None = Field(default=None, description="Error cause of a failed execution.")
    output: JsonMatcher | None = Field(default=None, description="Its output.")

    may_be_empty: ClassVar[bool] = False


def compare(
    wanted: ExpectedExecution, run: Run, _observation: Observation, entry: Entry
) -> Iterator[Mismatch]:
    """Yield a mismatch for each of status, error, cause and output that differs."""
    seen = run.execution
    if wanted.status is not None and seen.status != wanted.status:
        yield entry.at("status").mismatch(
            f"expected {wanted.status}, seen {seen.status}{_why(seen)}", wanted.status, _ending(seen)
        )
    for name, matcher, text in (("error", wanted.error, seen.error), ("cause", wanted.cause, seen.cause)):
        if matcher is not None and (reasons := unmet(matcher, text)):
            what = " and ".join(reasons)
            yield entry.at(name).mismatch(what, described(matcher), text or "", f"the {name}", " ")
    if wanted.output is not None and (reasons := unmet_json(wanted.output, seen.output)):
        what = " and ".join(reasons)
        shown = pretty_text(seen.output) if seen.output is not None else _ending(seen)
        yield entry.at("output").mismatch(what, described(wanted.output), shown, "the output", " ")


def _why(seen: Execution) -> str:
    """Return the error and the start of its cause, for the one-line description."""
    if not seen.error and not seen.cause:
        return ""
    cause = message_of(seen.cause or "").strip().partition("\n")[0]
    return f" with {seen.error or 'an error without a name'}" + (f": {quoted(cause)}" if cause else "")


def _ending(seen: Execution) -> str:
    lines = [seen.status]
    if seen.error:
        lines.append(f"error: {seen.error}")
    if seen.cause:
        lines.append(f"cause: {pretty_text(message_of(seen.cause))}")  # the report shows the trace
    return "\n".join(lines)


def record(runs: Sequence[Run], _observations: Sequence[Observation]) -> Json:
    """Return status, error, cause and output, to the extent that they are the same."""
    seen = [run.execution for run in runs]
    output = only(each.output for each in seen)
    found: JsonObject = {
        "status": only(each.status for each in seen),
        "error": common_text([each.error for each in seen]),
        "cause": _common_cause([each.cause for each in seen]),
        "output": None if output is None or len(output) > _LONGEST else _as_matcher(json.loads(output)),
    }
    return {name: value for name, value in found.items() if value is not None} or None


def _common_cause(causes: Sequence[str | None]) -> Json:
    """Return a matcher for the causes. For a function, match only the message: the rest contains paths and a
    request ID.
    """
    common = common_text([_said(cause) if cause else None for cause in causes])
    whole = all(cause == message_of(cause) for cause in causes if cause)
    return common if whole or not isinstance(common, str) else {"contains": common}


def _said(cause: str) -> str | None:
    """Return a cause's message as written in the cause; None if it is empty."""
    message = message_of(cause)
    forms = (message, *(json.dumps(message, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False)))
    return next((form for form in forms if form and form in cause), None)


def _as_matcher(value: Json) -> Json:
    """Return a value as an expectation. It is unchanged unless it could be mistaken for a matcher."""
    short = value is not None and not (isinstance(value, dict) and value.keys() <= _MATCHER_KEYS)
    return value if short else {"equals": value}


EXPECTATION = PerRun(
    key="execution",
    wanted=ExpectedExecution,
    description="The result of the execution.",
    compare=compare,
    record=record,
)
