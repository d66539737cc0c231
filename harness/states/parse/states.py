"""Parser for workflows and their states, with one builder per state type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypedDict

from harness.json_types import Json

from ..asl import (
    Catcher,
    Choice,
    Fail,
    Map,
    Parallel,
    Pass,
    Retrier,
    State,
    Succeed,
    Task,
    Wait,
    Workflow,
)
from ..query.expressions import Constant, Expression
from ..query.jsonpath.path import JsonPath
from ..query.paths import PathExpression
from ..resource import Resource
from . import allowed_fields as fields
from .choices import read_choices
from .computed_fields import read_number, read_text, read_timestamp
from .express import express_children, refuse_waiting
from .integrations import Integrations
from .map_state import map_fields, processor_field
from .problems import TOO_DEEPLY_NESTED, Problems
from .retry_catch import read_catchers, read_retriers
from .source import QueryLanguage, Source
from .task_state import read_credentials, read_resource

_DEPTH: Final = 99
"""Maximum number of workflows that enclose a state, far more than in real machines. AWS publishes no
limit:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
"""


class _Common(TypedDict):
    """The arguments for `asl.BaseState`."""

    name: str
    input_path: PathExpression | None
    output_path: PathExpression | None
    assign: Expression[Json] | None
    output: Expression[Json] | None
    next: str | None


class _Retryable(_Common):
    """The arguments for `asl.Retryable`."""

    parameters: Expression[Json] | None
    result_selector: Expression[Json] | None
    result_path: JsonPath | None
    retry: tuple[Retrier, ...]
    catch: tuple[Catcher, ...]


class WorkflowParser:
    """Builds workflows and reports their problems.

    Args:
        problems: the list to which problems are added.
        language: the machine's QueryLanguage, which all states inherit. States inside a Map or Parallel do
            not inherit the QueryLanguage of the Map or Parallel.
        integrations: the integrations that a Task's Resource can refer to; None to skip this check.
        express: true if the workflow is Express, or runs in an Express execution.
        depth: the number of workflows that enclose the workflows to build.
    """

    def __init__(
        self,
        problems: Problems,
        language: QueryLanguage,
        integrations: Integrations | None = None,
        *,
        express: bool = False,
        depth: int = 0,
    ) -> None:
        self._problems = problems
        self._language = language
        self._integrations = integrations
        self._express = express
        self._depth = depth

    def parse(self, source: Source) -> Workflow | None:
        """Build the workflow from an object with StartAt and States. Return None if they are missing."""
        states = source.get("States")
        if not source.require("States", "StartAt") or not source.fits("States", "OBJECT"):
            return None
        if not isinstance(states, dict) or not states:
            source.refuse("Value cannot be empty", "States")
            return None
        start = source.text("StartAt")
        parsed: dict[str, State] = {}
        for name, state in states.items():
            built = self._state(name, state, source.place(f"States/{name}"))
            if built is not None:
                parsed[name] = built
        return Workflow(start or "", parsed)

    def inner(self, source: Source | None, allowed: frozenset[str]) -> Workflow:
        """Build the workflow inside a Parallel or Map. Return an empty workflow if it is invalid."""
        if source is None:
            return Workflow("", {})
        if self._depth == _DEPTH:
            self._problems.add(TOO_DEEPLY_NESTED, "The states are too deeply nested", source.location)
            return Workflow("", {})
        source.allow(allowed)
        self._depth += 1
        workflow = self.parse(source)
        self._depth -= 1
        return workflow or Workflow("", {})

    def _state(self, name: str, value: Json, location: str) -> State | None:
        if not isinstance(value, dict):
            self._problems.schema("Expected value of type [OBJECT]", location)
            return None
        source = Source(value, location, self._problems)
        kind = source.text("Type") if source.require("Type") else None
        if kind is None:
            return None
        if kind not in _BUILDERS:
            source.refuse(
                f"The field 'Type' should have one of these values: [{', '.join(fields.TYPES)}]", "Type"
            )
            return None
        language = source.language(self._language)
        source.jsonata = language is QueryLanguage.JSONATA
        self._check_fields(kind, source, language)
        return _BUILDERS[kind](self, source, _common(name, source))

    def _check_fields(self, kind: str, source: Source, language: QueryLanguage) -> None:
        allowed = fields.ALLOWED[kind]
        source.allow(allowed)
        source.require(*fields.REQUIRED.get(kind, ()))
        if "Next" in allowed:
            _check_end(source)
        if self._language is QueryLanguage.JSONATA and language is QueryLanguage.JSONPATH:
            source.refuse("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
        else:
            source.refuse_foreign()

    def parallel(self, source: Source, common: _Common) -> State:
        """Build a Parallel."""
        if source.get("Branches") == []:
            source.refuse("Value cannot be empty", "Branches")
        parsed = [self.inner(branch, fields.WORKFLOW) for branch in source.entries("Branches")]
        return Parallel(**_retryable(source, common), branches=tuple(parsed))

    def map(self, source: Source, common: _Common) -> State:
        """Build a Map."""
        retryable = _retryable(source, common)
        field = processor_field(source)
        source.exactly_one("ItemProcessor", "Iterator")
        express = express_children(source, self._express)
        children = WorkflowParser(
            self._problems, self._language, self._integrations, express=express, depth=self._depth
        )
        processor = children.inner(source.inner(field), fields.PROCESSOR)
        return Map(**retryable, processor=processor, **map_fields(source, self._integrations))

    def task(self, source: Source, common: _Common) -> State:
        """Build a Task."""
        timeout_s, heartbeat_s = source.get("TimeoutSeconds"), source.get("HeartbeatSeconds")
        if isinstance(timeout_s, int) and isinstance(heartbeat_s, int) and heartbeat_s >= timeout_s:
            source.refuse("'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", "HeartbeatSeconds")
        resource, unfit = read_resource(source, self._integrations)
        if self._express:
            refuse_waiting(source, Resource.of(resource))
        return Task(
            **_retryable(source, common),
            resource=resource,
            timeout_s=read_number(source, "TimeoutSeconds", minimum=1),
            heartbeat_s=read_number(source, "HeartbeatSeconds", minimum=1),
            credentials=read_credentials(source),
            unfit=unfit,
        )


def _check_end(source: Source) -> None:
    ends = source.fits("End", "BOOLEAN") and source.get("End") is True
    if ends and "Next" in source:
        source.at_most_one("Next", "End")
    elif "Next" not in source and source.fields.get("End", False) is False:
        source.refuse("This object should have only one of the following fields: [Next, End]")


def _common(name: str, source: Source) -> _Common:
    return {
        "name": name,
        "input_path": source.path("InputPath"),
        "output_path": source.path("OutputPath"),
        "assign": source.assignment(),
        "output": source.template("Output") if source.jsonata else None,
        "next": source.text("Next"),
    }


def _retryable(source: Source, common: _Common) -> _Retryable:
    return {
        **common,
        "result_path": source.reference_path("ResultPath"),
        "parameters": source.template("Arguments" if source.jsonata else "Parameters"),
        "result_selector": source.payload_template("ResultSelector"),
        "retry": read_retriers(source),
        "catch": read_catchers(source),
    }


def _pass(_: WorkflowParser, source: Source, common: _Common) -> State:
    return Pass(
        **common,
        result_path=source.reference_path("ResultPath"),
        parameters=source.payload_template("Parameters"),
        result=Constant(source.get("Result")) if "Result" in source else None,
    )


def _fail(_: WorkflowParser, source: Source, common: _Common) -> State:
    return Fail(**common, error=read_text(source, "Error"), cause=read_text(source, "Cause"))


def _wait(_: WorkflowParser, source: Source, common: _Common) -> State:
    if not source.exactly_one("SecondsPath", "Seconds", "TimestampPath", "Timestamp"):
        return Wait(**common)
    return Wait(**common, seconds=read_number(source, "Seconds", minimum=0), timestamp=read_timestamp(source))


def _choice(_: WorkflowParser, source: Source, common: _Common) -> State:
    return Choice(**common, choices=read_choices(source), default=source.text("Default"))


_BUILDERS: Final[Mapping[str, Callable[[WorkflowParser, Source, _Common], State]]] = {
    "Pass": _pass,
    "Task": WorkflowParser.task,
    "Choice": _choice,
    "Wait": _wait,
    "Succeed": lambda _parser, _source, common: Succeed(**common),
    "Fail": _fail,
    "Parallel": WorkflowParser.parallel,
    "Map": WorkflowParser.map,
}
