"""The states of a definition, one builder per type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..asl import (
    Choice,
    Fail,
    Map,
    Parallel,
    Pass,
    QueryLanguage,
    State,
    Succeed,
    Task,
    Wait,
    Workflow,
)
from ..query.template import Constant, Expression
from ..resource import Resource
from . import allowed_fields as fields
from .computed_fields import read_number, read_text, read_timestamp
from .map_state import map_fields
from .readers import (
    Object,
    Problems,
    optional_text,
    read_jsonata,
    read_path,
    read_reference_path,
    read_template,
)
from .retry_catch_choice import read_catchers, read_choices, read_retriers


class WorkflowParser:
    """Builds workflows and notes their problems.

    Attributes:
        problems: where they go.
        language: the machine's QueryLanguage, which states inherit; Map and Parallel do not pass on theirs.
    """

    def __init__(self, problems: Problems, language: QueryLanguage) -> None:
        self.problems = problems
        self.language = language
        self._builders: dict[str, Callable[[str, Object, str, Object], State]] = {
            "Pass": self._pass,
            "Task": self._task,
            "Choice": self._choice,
            "Wait": self._wait,
            "Succeed": lambda _name, _source, _location, common: Succeed(**common),
            "Fail": self._fail,
            "Parallel": self._parallel,
            "Map": self._map,
        }

    def parse(self, source: Object, location: str) -> Workflow | None:
        """The workflow of an object with StartAt and States, None when it has none."""
        missing = [field for field in ("StartAt", "States") if field not in source]
        if missing:
            self.problems.schema(f"These fields are required: [{', '.join(missing)}]", location or "/")
            return None
        states = source["States"]
        if not isinstance(states, dict) or not states:
            self.problems.schema("The value must be an object with at least one state", f"{location}/States")
            return None
        parsed: dict[str, State] = {}
        for name, state in states.items():
            built = self._state(name, state, f"{location}/States/{name}")
            if built is not None:
                parsed[name] = built
        return Workflow(str(source["StartAt"]), parsed)

    def inner(self, source: Any, location: str, allowed: frozenset[str]) -> Workflow:
        """The workflow inside a Parallel or Map; an empty one when it is wrong."""
        if not isinstance(source, dict):
            self.problems.schema("The value must be an object", location)
            return Workflow("", {})
        for field in source:
            if field not in allowed:
                self.problems.schema(f"Field '{field}' is not supported", location)
        return self.parse(source, location) or Workflow("", {})

    def _state(self, name: str, source: Any, location: str) -> State | None:
        if not isinstance(source, dict):
            self.problems.schema("The value must be an object", location)
            return None
        kind = source.get("Type")
        if kind not in self._builders:
            known = ", ".join(fields.ALLOWED)
            message = (
                "These fields are required: [Type]" if kind is None else f"'Type' must be one of: {known}"
            )
            self.problems.schema(message, location)
            return None
        language = self._check_fields(kind, source, location)
        return self._builders[kind](name, source, location, self._common(name, source, location, language))

    def _check_fields(self, kind: str, source: Object, location: str) -> QueryLanguage:
        for field in source:
            if field not in fields.ALLOWED[kind]:
                self.problems.schema(f"Field '{field}' is not supported", location)
        missing = [field for field in fields.REQUIRED.get(kind, ()) if field not in source]
        if missing:
            self.problems.schema(f"These fields are required: [{', '.join(missing)}]", location)
        if "Next" in fields.ALLOWED[kind] and ("Next" in source) == (source.get("End") is True):
            self.problems.schema("Exactly one of 'Next' and 'End' is required", location)
        try:
            language = QueryLanguage(source.get("QueryLanguage", self.language.value))
        except ValueError:
            self.problems.schema(fields.QUERY_LANGUAGES, f"{location}/QueryLanguage")
            return self.language
        if self.language is QueryLanguage.JSONATA and language is QueryLanguage.JSONPATH:
            message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
            self.problems.schema(message, location)
            return language
        self._check_language(source, location, language)
        return language

    def _check_language(self, source: Object, location: str, language: QueryLanguage) -> None:
        jsonata = language is QueryLanguage.JSONATA
        foreign = fields.JSONPATH_ONLY if jsonata else fields.JSONATA_ONLY
        other = QueryLanguage.JSONPATH if jsonata else QueryLanguage.JSONATA
        for field in source:
            if field in foreign:
                self.problems.schema(
                    f"The QueryLanguage is set to '{language.value}', but field '{field}' is only supported "
                    f"for the '{other.value}' QueryLanguage",
                    location,
                )

    def _common(self, name: str, source: Object, location: str, language: QueryLanguage) -> Object:
        jsonata = language is QueryLanguage.JSONATA
        return {
            "name": name,
            "query_language": language,
            "input_path": read_path(source, "InputPath", location, self.problems),
            "output_path": read_path(source, "OutputPath", location, self.problems),
            "assign": self._template(source, "Assign", location, jsonata=jsonata),
            "output": read_jsonata(source, "Output", location, self.problems) if jsonata else None,
            "next": optional_text(source, "Next", location, self.problems),
        }

    def _template(self, source: Object, field: str, location: str, *, jsonata: bool) -> Expression | None:
        read = read_jsonata if jsonata else read_template
        return read(source, field, location, self.problems)

    def _result_path(self, source: Object, location: str) -> Object:
        return {"result_path": read_reference_path(source, "ResultPath", location, self.problems)}

    def _pass(self, name: str, source: Object, location: str, common: Object) -> State:
        return Pass(
            **common,
            **self._result_path(source, location),
            parameters=read_template(source, "Parameters", location, self.problems),
            result=Constant(source["Result"]) if "Result" in source else None,
        )

    def _fail(self, name: str, source: Object, location: str, common: Object) -> State:
        jsonata = common["query_language"] is QueryLanguage.JSONATA
        return Fail(
            **common,
            error=read_text(source, "Error", location, self.problems, jsonata=jsonata),
            cause=read_text(source, "Cause", location, self.problems, jsonata=jsonata),
        )

    def _wait(self, name: str, source: Object, location: str, common: Object) -> State:
        jsonata = common["query_language"] is QueryLanguage.JSONATA
        given = [
            field for field in ("Seconds", "SecondsPath", "Timestamp", "TimestampPath") if field in source
        ]
        if len(given) != 1:
            message = "Exactly one of 'Seconds', 'SecondsPath', 'Timestamp' and 'TimestampPath' is required"
            self.problems.schema(message, location)
        return Wait(
            **common,
            seconds=read_number(source, "Seconds", location, self.problems, jsonata=jsonata, minimum=0),
            timestamp=read_timestamp(source, location, self.problems, jsonata=jsonata),
        )

    def _choice(self, name: str, source: Object, location: str, common: Object) -> State:
        jsonata = common["query_language"] is QueryLanguage.JSONATA
        return Choice(
            **common,
            choices=read_choices(source, location, self.problems, jsonata=jsonata),
            default=optional_text(source, "Default", location, self.problems),
        )

    def _retryable(self, source: Object, location: str, common: Object) -> Object:
        jsonata = common["query_language"] is QueryLanguage.JSONATA
        arguments = "Arguments" if jsonata else "Parameters"
        return {
            **common,
            **self._result_path(source, location),
            "parameters": self._template(source, arguments, location, jsonata=jsonata),
            "result_selector": read_template(source, "ResultSelector", location, self.problems),
            "retry": read_retriers(source, location, self.problems),
            "catch": read_catchers(source, location, self.problems, jsonata=jsonata),
        }

    def _task(self, name: str, source: Object, location: str, common: Object) -> State:
        jsonata = common["query_language"] is QueryLanguage.JSONATA
        resource = optional_text(source, "Resource", location, self.problems) or ""
        if resource and not resource.startswith("arn:"):
            self.problems.schema("Value is not a valid resource ARN", f"{location}/Resource")
        if Resource.of(resource).type == "s3":  # only ItemReader and ResultWriter have those
            message = (
                f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, "
                "or the resource is not available in this region."
            )
            self.problems.schema(message, f"{location}/Resource")
        if ":activity:" in resource:
            self.problems.unsupported("An activity", f"{location}/Resource")
        timeout_s, heartbeat_s = source.get("TimeoutSeconds"), source.get("HeartbeatSeconds")
        if isinstance(timeout_s, int) and isinstance(heartbeat_s, int) and heartbeat_s >= timeout_s:
            self.problems.schema(
                "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", f"{location}/HeartbeatSeconds"
            )
        return Task(
            **self._retryable(source, location, common),
            resource=resource,
            timeout_s=read_number(
                source, "TimeoutSeconds", location, self.problems, jsonata=jsonata, minimum=1
            ),
            heartbeat_s=read_number(
                source, "HeartbeatSeconds", location, self.problems, jsonata=jsonata, minimum=1
            ),
            credentials=self._template(source, "Credentials", location, jsonata=jsonata),
        )

    def _parallel(self, name: str, source: Object, location: str, common: Object) -> State:
        branches = source.get("Branches")
        if not isinstance(branches, list) or not branches:
            self.problems.schema(
                "The value must be an array with at least one branch", f"{location}/Branches"
            )
            branches = []
        parsed = [
            self.inner(branch, f"{location}/Branches[{index}]", fields.WORKFLOW)
            for index, branch in enumerate(branches)
        ]
        return Parallel(**self._retryable(source, location, common), branches=tuple(parsed))

    def _map(self, name: str, source: Object, location: str, common: Object) -> State:
        return Map(**self._retryable(source, location, common), **map_fields(self, source, location, common))
