"""A scenario file as typed, immutable objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, WithJsonSchema, create_model

from harness.given import Given
from harness.json_types import Json
from harness.scenario.answers import AnswerSpec
from harness.scenario.base import OF_RUN, LogicalId, Model, Positive, RunName, Seconds
from harness.scenario.calls import CallSpec
from harness.scenario.expect import Declared, Expect, expect_model
from harness.scenario.faults import RENAMED, FaultSpec, TaskResource, api_of
from harness.scenario.given import (
    ExportName,
    OutputName,
    ParameterName,
    ParameterValue,
    SecretValues,
    StackName,
    given_in,
)
from harness.scenario.hosts import HostName, HostSpec
from harness.scenario.plain import (
    CodePath,
    FunctionCode,
    FunctionName,
    MachineName,
    SubstitutionName,
    TableKey,
    TableName,
    Text,
)
from harness.scenario.position import Position, RefusedError
from harness.scenario.seed import Seed
from harness.scenario.source import Key, KeyPath, Source
from harness.scenario.tasks import TaskSpec

# Tags become pytest markers, so they must be Python identifiers.
_TAG = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _title(text: str) -> str:
    if not text.strip() or "\n" in text:
        raise RefusedError("a title must be a single line", "describe the scenario in one sentence")
    return text


def _tag(text: str) -> str:
    if not _TAG.fullmatch(text):
        raise RefusedError(
            f"{text!r} is not a valid tag", "use letters, digits and underscores, not beginning with a digit"
        )
    return text


def _parameter(value: Json) -> Json:
    """Convert a CloudFormation parameter to a string."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _path(text: str) -> str:
    if "\0" in text:
        raise RefusedError(f"{text!r} is not a valid path", "remove the NUL character")
    return text


def _stack_name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise RefusedError(f"{text!r} is not a valid stack name", "use a valid name, or remove the key")
    return text


Clock = Literal["virtual", "real"]
Title = Annotated[str, AfterValidator(_title)]
Tag = Annotated[str, AfterValidator(_tag)]
Parameter = Annotated[
    str, BeforeValidator(_parameter), WithJsonSchema({"type": ["string", "number", "boolean"]})
]


class Stack(Model):
    """A template to deploy, or a definition without a template.

    Values that are not set come from `[tool.harness]` in pyproject.toml.
    """

    template: Annotated[str, AfterValidator(_path)] | None = Field(
        default=None,
        description="The CloudFormation template, or the `cdk.out` of a CDK app, relative to the scenario "
        "file.",
    )
    name: Annotated[str, AfterValidator(_stack_name)] = Field(
        default="",
        description="The stack name. In a CDK app, the stack to deploy. Default: `stack_name`. Default for "
        "several templates: their file names. Default for a CDK app: all of its stacks.",
    )
    parameters: Mapping[str, Parameter] = Field(default={}, description="Template parameters.")
    exports: Mapping[ExportName, Text] = Field(
        default={}, description="Exports of stacks that are not deployed, by name: `Fn::ImportValue`."
    )
    outputs: Mapping[StackName, Mapping[OutputName, Text]] = Field(
        default={},
        description="Outputs of stacks that are not deployed, by stack and name: `Fn::GetStackOutput`.",
    )
    ssm: Mapping[ParameterName, ParameterValue] = Field(
        default={}, description="SSM parameters that exist before the deployment, by name."
    )
    secrets: SecretValues = Field(
        default={},
        repr=False,
        description="Secrets that exist before the deployment, by name or ARN. Reports never show their "
        "values.",
    )
    definition: Annotated[str, AfterValidator(_path)] | None = Field(
        default=None,
        description="Instead of a template: the state machine definition, in JSON or YAML, relative to the "
        "scenario file.",
    )
    functions: Mapping[FunctionName, FunctionCode] = Field(
        default={}, description="The functions that the definition calls, by their names in ARNs."
    )
    machines: Mapping[MachineName, CodePath] = Field(
        default={},
        description="The definitions of other state machines that the definition starts, by their names in "
        "ARNs.",
    )
    tables: Mapping[TableName, TableKey] = Field(
        default={}, description="The tables that the definition and its functions use."
    )
    substitutions: Mapping[SubstitutionName, Text] = Field(
        default={}, description="Values for `${Name}` placeholders in the definition."
    )

    @property
    def given(self) -> Given:
        """The external values provided by the scenario."""
        return given_in(self.exports, self.outputs, self.ssm, self.secrets)


def _as_list(value: Json) -> Json:
    return [value] if isinstance(value, dict) else value


Stacks = Annotated[tuple[Stack, ...], Field(min_length=1), BeforeValidator(_as_list)]


class DurationSpec(Model):
    """The duration of state machine tasks on the virtual clock."""

    renamed_keys: ClassVar[Mapping[str, str]] = RENAMED

    function: LogicalId | None = Field(
        default=None,
        description="Invocations of this function, by logical ID. Either this or task is required.",
    )
    task: TaskResource | None = Field(
        default=None, description="Tasks, written as in a state's Resource, for example `sns:publish`."
    )
    run: RunName = OF_RUN
    bucket: str = Field(default="", description="Only tasks whose input has this value as `bucket`.")
    call: Positive | None = Field(
        default=None,
        description="Only the nth matching task; this is a number, not the name of an AWS call. Retries are "
        "counted. Default: all.",
    )
    takes_s: Seconds = Field(
        alias="takes",
        description="Time on the virtual clock, regardless of the code's actual run time. Tasks without an "
        "entry take 100 ms.",
    )

    @property
    def api(self) -> tuple[str, str]:
        """Return the service and operation of a task."""
        return api_of(self.task or "")


class RunSpec(Model):
    """One start of the state machine."""

    name: RunName = Field(
        default="", description="Name of the run, as in `expect.runs`. Default: run-1, run-2, ..."
    )
    state_machine: LogicalId | None = Field(
        default=None,
        description="Logical ID of the state machine to start. Default: the state machine in "
        "`[tool.harness]`, or the only state machine in the template.",
    )
    input: object = Field(
        default_factory=dict,
        description="The state machine's input: any JSON. `!Ref Name` is replaced with that resource's "
        "physical ID. Default: `{}`.",
    )
    clock: Clock | None = Field(
        default=None,
        description="`virtual`: waits take no time. `real`: waits take real time. Default: virtual, if the "
        "engine supports it.",
    )
    timeout_s: Seconds = Field(
        default=60.0, alias="timeout", description="Time limit, in real time. Default: 60 s."
    )
    at_s: Seconds | None = Field(
        default=None,
        alias="at",
        description="Start time, measured from the time at which the first run would start without `at`. "
        "Default: when the previous run ends.",
    )
    answers: tuple[AnswerSpec, ...] | None = Field(
        default=None,
        description="Answers to tasks in this run and in executions that it starts. They replace the "
        "answers at the top level of the file. Use `[]` for none.",
    )


def _named(runs: tuple[RunSpec, ...]) -> tuple[RunSpec, ...]:
    return tuple(
        run if run.name else run.model_copy(update={"name": f"run-{n}"})
        for n, run in enumerate(runs, start=1)
    )


Runs = Annotated[tuple[RunSpec, ...], Field(min_length=1), BeforeValidator(_as_list), AfterValidator(_named)]


class Scenario(Model):
    """A scenario file: the initial state, the runs, and the expectations.

    The keys under `expect` depend on the available expectations; see `scenario_model`.
    """

    expectations: ClassVar[tuple[Declared, ...]] = ()
    """The expectations available to this model."""

    title: Title = Field(description="A description in one sentence.")
    tags: tuple[Tag, ...] = Field(default=(), description="Tags for selecting scenarios: `-m tag`.")
    description: str = Field(default="", description="Additional information for readers.")
    stacks: Stacks = Field(
        default=(Stack(),),
        alias="stack",
        description="The template to deploy, or a list of templates. List each template after its "
        "dependencies.",
    )
    seed: Seed = Field(default=Seed(), description="The state before the run.")
    faults: tuple[FaultSpec, ...] = Field(
        default=(), description="Faults to inject. A fault that never occurs is a mismatch."
    )
    durations: tuple[DurationSpec, ...] = Field(
        default=(),
        description="How long tasks take on the virtual clock. The first matching entry applies. An entry "
        "that never applies is a mismatch.",
    )
    answers: tuple[AnswerSpec, ...] = Field(
        default=(),
        description="Answers to tasks that wait for an external system. An answer that is not sent exactly "
        "as written is a mismatch.",
    )
    tasks: tuple[TaskSpec, ...] = Field(
        default=(),
        description="Stand-ins: results for tasks that call services or functions outside the engine. The "
        "first matching entry applies. An entry that never applies is a mismatch.",
    )
    calls: tuple[CallSpec, ...] = Field(
        default=(),
        description="Stand-ins for services that functions call. The first matching entry applies. An entry "
        "that never applies is a mismatch.",
    )
    hosts: Mapping[HostName, tuple[HostSpec, ...]] = Field(
        default={},
        description="Stand-ins for hosts, by name: their responses to `http:invoke` tasks and to functions. "
        "The first matching entry applies. An entry that never applies is a mismatch. A request "
        "without a matching entry is also a mismatch.",
    )
    runs: Runs = Field(
        default=(RunSpec.model_validate({"name": "run-1"}),),
        alias="run",
        description="A start of the state machine, or a list of starts. Default: one start, with the input "
        "`{}`.",
    )
    expect: Expect = Field(description="The expectations after the run.")

    _source: Source = PrivateAttr(default_factory=Source)

    def at(self, source: Source) -> Scenario:
        """Return this scenario with its source file."""
        scenario = self.model_copy()
        scenario._source = source
        return scenario

    def without_expectations(self) -> Scenario:
        """Return this scenario without its `expect`, so that it can be sent to another process.

        The model of `expect` does not exist in other processes.
        """
        fields = {name: getattr(self, name) for name in Scenario.model_fields}
        return Scenario.model_construct(**fields | {"expect": Expect.model_construct()}).at(self._source)

    @property
    def source(self) -> Source:
        """The file's path, text and positions."""
        return self._source

    @property
    def path(self) -> Path:
        """The file's path as specified."""
        return self._source.path

    @property
    def clock(self) -> Clock | None:
        """The clock for all runs; None if the engine chooses it."""
        return next((run.clock for run in self.runs if run.clock is not None), None)

    def stack_position(self, number: int, *key_path: Key, of: Literal["key", "value"] = "key") -> Position:
        """Return a stack entry's location by number, counted from 0. A single entry does not need a list."""
        within = (number,) if ("stack", number) in self._source.marks else ()
        return self._source.position("stack", *within, *key_path, of=of)

    def position(self, *key_path: Key, of: Literal["key", "value"] = "key") -> Position:
        """Return an entry's location, such as `position("expect", "messages", 0)`.

        For an entry that is not in the file (a default, or the long form of a short form), return the
        location of the nearest enclosing entry. List items are counted from 0.
        """
        return self._source.position(*key_path, of=of)

    def excerpt(self, where: Position, before: int = 2, after: int = 2) -> Iterator[tuple[int, str]]:
        """Return the numbered lines around a position. The position may be in the template file."""
        return self._source.excerpt(where, before, after)

    def expected(self, key: str, run: str = "") -> tuple[KeyPath, object] | None:
        """Return the value and key path of an expectation; None if it is absent.

        With a run name, return the expectation for that run. `expect.runs.<run>.<key>` replaces
        `expect.<key>`.
        """
        of_run = self.expect.of_run(run)
        if of_run is not None and (value := of_run.written(key)) is not None:
            return ("expect", "runs", run, key), value
        value = self.expect.written(key)
        return None if value is None else (("expect", key), value)


@lru_cache(maxsize=8)
def scenario_model(expectations: tuple[Declared, ...]) -> type[Scenario]:
    """Return the model for scenario files whose `expect` has a key for each of these expectations.

    The same tuple returns the same model. It is built when the first file that uses it is read.
    """
    model = create_model(
        "Scenario",
        __base__=Scenario,
        __module__=__name__,
        __doc__=Scenario.__doc__,
        expect=(expect_model(expectations), Field(description="The expectations after the run.")),
    )
    model.expectations = expectations
    return model
