"""A scenario file as typed, frozen values."""

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

# Tags become pytest marks, which are Python identifiers.
_TAG = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _title(text: str) -> str:
    if not text.strip() or "\n" in text:
        raise RefusedError("a title is one line of text", "say in one sentence what happens")
    return text


def _tag(text: str) -> str:
    if not _TAG.fullmatch(text):
        raise RefusedError(
            f"{text!r} is not a tag", "use letters, digits and underscores, not beginning with a digit"
        )
    return text


def _parameter(value: Json) -> Json:
    """CloudFormation's parameters are text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _path(text: str) -> str:
    if "\0" in text:
        raise RefusedError(f"{text!r} is no path", "remove the NUL character")
    return text


def _stack_name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise RefusedError(f"{text!r} is not a stack's name", "write one, or remove the key")
    return text


Clock = Literal["virtual", "real"]
Title = Annotated[str, AfterValidator(_title)]
Tag = Annotated[str, AfterValidator(_tag)]
Parameter = Annotated[
    str, BeforeValidator(_parameter), WithJsonSchema({"type": ["string", "number", "boolean"]})
]


class Stack(Model):
    """A template that is deployed, or the definition without one.

    What is missing here comes from `[tool.harness]` in pyproject.toml.
    """

    template: Annotated[str, AfterValidator(_path)] | None = Field(
        default=None,
        description="The CloudFormation template, or the `cdk.out` of a CDK app, relative to the scenario "
        "file.",
    )
    name: Annotated[str, AfterValidator(_stack_name)] = Field(
        default="",
        description="The stack's name; of a CDK app, the stack that is meant. Default: `stack_name`, of "
        "several templates their file names, of a CDK app all of its stacks.",
    )
    parameters: Mapping[str, Parameter] = Field(default={}, description="Parameters of the template.")
    exports: Mapping[ExportName, Text] = Field(
        default={}, description="Exports of stacks that are not deployed here, by name: `Fn::ImportValue`."
    )
    outputs: Mapping[StackName, Mapping[OutputName, Text]] = Field(
        default={},
        description="Outputs of stacks that are not deployed here, by stack and name: `Fn::GetStackOutput`.",
    )
    ssm: Mapping[ParameterName, ParameterValue] = Field(
        default={}, description="Parameters of SSM that are there before, by name."
    )
    secrets: SecretValues = Field(
        default={},
        repr=False,
        description="Secrets that are there before, by name or ARN. No report shows them.",
    )
    definition: Annotated[str, AfterValidator(_path)] | None = Field(
        default=None,
        description="Instead of a template: the state machine's definition, in JSON or YAML, relative to the "
        "scenario file.",
    )
    functions: Mapping[FunctionName, FunctionCode] = Field(
        default={}, description="The functions that the definition calls, by their names in ARNs."
    )
    machines: Mapping[MachineName, CodePath] = Field(
        default={},
        description="The definitions of other state machines that it starts, by their names in ARNs.",
    )
    tables: Mapping[TableName, TableKey] = Field(
        default={}, description="The tables that it, or its functions, use."
    )
    substitutions: Mapping[SubstitutionName, Text] = Field(
        default={}, description="What `${Name}` stands for in the definition."
    )

    @property
    def given(self) -> Given:
        """The values from elsewhere that it gives."""
        return given_in(self.exports, self.outputs, self.ssm, self.secrets)


def _as_list(value: Json) -> Json:
    return [value] if isinstance(value, dict) else value


Stacks = Annotated[tuple[Stack, ...], Field(min_length=1), BeforeValidator(_as_list)]


class DurationSpec(Model):
    """The time that tasks of state machines take on the virtual clock."""

    renamed_keys: ClassVar[Mapping[str, str]] = RENAMED

    function: LogicalId | None = Field(
        default=None, description="Invocations of this function, by logical id: this or task is given."
    )
    task: TaskResource | None = Field(
        default=None, description="Tasks as in a state's Resource, such as `sns:publish`."
    )
    run: RunName = OF_RUN
    bucket: str = Field(default="", description="Only tasks whose input names this as `bucket`.")
    call: Positive | None = Field(
        default=None, description="Only the n-th matching task (retries count). Default: all."
    )
    takes_s: Seconds = Field(
        alias="takes",
        description="Time on the virtual clock, however long the code really runs. "
        "Tasks without an entry take 100 ms.",
    )

    @property
    def api(self) -> tuple[str, str]:
        """Service and operation of a task."""
        return api_of(self.task or "")


class RunSpec(Model):
    """One start of the state machine."""

    name: RunName = Field(
        default="", description="Name of the run, as in `expect.runs`. Default: run-1, run-2, ..."
    )
    state_machine: LogicalId | None = Field(
        default=None,
        description="Logical id of the state machine that is started. Default: that of `[tool.harness]`, or "
        "the only one of the template.",
    )
    input: object = Field(
        default_factory=dict,
        description="The state machine's input: any JSON; `!Ref Name` is the physical id of that resource.",
    )
    clock: Clock | None = Field(
        default=None,
        description="`virtual`: waiting takes no time; `real`: it does. Default: virtual, if the engine can.",
    )
    timeout_s: Seconds = Field(
        default=60.0, alias="timeout", description="Time limit, in real time. Default: 60 s."
    )
    at_s: Seconds | None = Field(
        default=None,
        alias="at",
        description="Start time relative to the first run. Default: after the previous run has ended.",
    )
    answers: tuple[AnswerSpec, ...] | None = Field(
        default=None,
        description="Answers to tasks of this run and of what it starts, in the place of those of the file; "
        "`[]` for none.",
    )


def _named(runs: tuple[RunSpec, ...]) -> tuple[RunSpec, ...]:
    return tuple(
        run if run.name else run.model_copy(update={"name": f"run-{n}"})
        for n, run in enumerate(runs, start=1)
    )


Runs = Annotated[tuple[RunSpec, ...], Field(min_length=1), BeforeValidator(_as_list), AfterValidator(_named)]


class Scenario(Model):
    """A scenario file: what is there, what is run, and what is expected afterwards.

    The keys of `expect` depend on the expectations that a file is read with: see `scenario_model`.
    """

    expectations: ClassVar[tuple[Declared, ...]] = ()
    """The expectations that this model was made for."""

    title: Title = Field(description="What happens, in one sentence.")
    tags: tuple[Tag, ...] = Field(default=(), description="They select scenarios: `-m tag`.")
    description: str = Field(default="", description="What a reader should know beyond the title.")
    stacks: Stacks = Field(
        default=(Stack(),),
        alias="stack",
        description="The template that is deployed, or a list of several, each after those that it needs.",
    )
    seed: Seed = Field(default=Seed(), description="What is there before the run.")
    faults: tuple[FaultSpec, ...] = Field(
        default=(), description="Failures that are made to happen; one that never does is a mismatch."
    )
    durations: tuple[DurationSpec, ...] = Field(
        default=(),
        description="How long tasks take on the virtual clock; the first entry that fits decides. One that "
        "never does is a mismatch.",
    )
    answers: tuple[AnswerSpec, ...] = Field(
        default=(),
        description="Answers to tasks that wait for somebody outside; one that is not given as it is written "
        "is a mismatch.",
    )
    tasks: tuple[TaskSpec, ...] = Field(
        default=(),
        description="Stand-ins: what tasks answer in the place of services and functions that do not run "
        "here; the first entry that fits decides. One that never does is a mismatch.",
    )
    calls: tuple[CallSpec, ...] = Field(
        default=(),
        description="Stand-ins for services that functions call; the first entry that fits decides. One that "
        "never does is a mismatch.",
    )
    hosts: Mapping[HostName, tuple[HostSpec, ...]] = Field(
        default={},
        description="Stand-ins for hosts, by name: what they answer to `http:invoke` tasks and to functions; "
        "the first entry that fits decides. One that never does is a mismatch, and so is a request that none "
        "fits.",
    )
    runs: Runs = Field(
        default=(RunSpec.model_validate({"name": "run-1"}),),
        alias="run",
        description="One start of the state machine, or a list of several.",
    )
    expect: Expect = Field(description="What is expected afterwards.")

    _source: Source = PrivateAttr(default_factory=Source)

    def at(self, source: Source) -> Scenario:
        """This scenario as read from a file."""
        scenario = self.model_copy()
        scenario._source = source
        return scenario

    def without_expectations(self) -> Scenario:
        """This scenario without its `expect`, whose model no other process has: it can be sent to one."""
        fields = {name: getattr(self, name) for name in Scenario.model_fields}
        return Scenario.model_construct(**fields | {"expect": Expect.model_construct()}).at(self._source)

    @property
    def source(self) -> Source:
        """The file's path, text and positions."""
        return self._source

    @property
    def path(self) -> Path:
        """The file, as it was named."""
        return self._source.path

    @property
    def clock(self) -> Clock | None:
        """The clock that all runs are on; None if the scenario leaves that to the engine."""
        return next((run.clock for run in self.runs if run.clock is not None), None)

    def stack_position(self, number: int, *key_path: Key, of: Literal["key", "value"] = "key") -> Position:
        """The place of an entry of the stack of this number, counted from 0: the only one needs no list."""
        within = (number,) if ("stack", number) in self._source.marks else ()
        return self._source.position("stack", *within, *key_path, of=of)

    def position(self, *key_path: Key, of: Literal["key", "value"] = "key") -> Position:
        """The place of an entry, such as `position("expect", "messages", 0)`.

        For an entry that the file does not have (a default, the long form of a short one) it is the place of
        the nearest entry around it. List items are counted from 0.
        """
        return self._source.position(*key_path, of=of)

    def excerpt(self, where: Position, before: int = 2, after: int = 2) -> Iterator[tuple[int, str]]:
        """The lines around a position, each with its number; it may be in another file, the template."""
        return self._source.excerpt(where, before, after)

    def expected(self, key: str, run: str = "") -> tuple[KeyPath, object] | None:
        """The value that is written under the key of an expectation, with its key path; None without one.

        With the name of a run: what is expected of this run. `expect.runs.<run>.<key>` replaces
        `expect.<key>`.
        """
        of_run = self.expect.of_run(run)
        if of_run is not None and (value := of_run.written(key)) is not None:
            return ("expect", "runs", run, key), value
        value = self.expect.written(key)
        return None if value is None else (("expect", key), value)


@lru_cache(maxsize=8)
def scenario_model(expectations: tuple[Declared, ...]) -> type[Scenario]:
    """The model of scenario files whose `expect` has a key for each of these expectations.

    The same tuple gives the same model, which is built when the first file is read with it.
    """
    model = create_model(
        "Scenario",
        __base__=Scenario,
        __module__=__name__,
        __doc__=Scenario.__doc__,
        expect=(expect_model(expectations), Field(description="What is expected afterwards.")),
    )
    model.expectations = expectations
    return model
