"""What a scenario expects: typed descriptions only; `harness.expect` compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import AfterValidator, Field, model_validator

from harness.scenario.base import Model, Natural, Positive, Seconds, Size
from harness.scenario.calls import ExpectedCalls
from harness.scenario.matcher import Count, JsonMatcher, Matcher
from harness.scenario.position import RefusedError

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
ExecutionStatus = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"]
BucketState = Literal["COUNTED", "DENIED", "DELETED", "FAILED"]


def _extension(text: str) -> str:
    if not text.startswith((".", "(")):
        raise RefusedError(
            f"{text!r} is no extension",
            f"write {'.' + text!r}, or (none), (folder), (other) for what has none",
        )
    return text


def _logical_id(text: str) -> str:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
    if not (text.isascii() and text.isalnum()):
        raise RefusedError(
            f"{text!r} is no logical id of a template", "use the resource's name in the template"
        )
    return text


Extension = Annotated[str, AfterValidator(_extension)]
LogicalId = Annotated[str, AfterValidator(_logical_id)]


class Execution(Model):
    """How an execution of the deployed state machine ended."""

    status: ExecutionStatus | None = Field(default=None, description="Its status.")
    error: Matcher | None = Field(default=None, description="Its error's name, of a failed one.")
    cause: Matcher | None = Field(default=None, description="Its error's cause, of a failed one.")
    output: JsonMatcher | None = Field(default=None, description="Its output.")

    may_be_empty: ClassVar[bool] = False


class Step(Model):
    """One element of a path: a state, or a group of states that comes any number of times."""

    repeat: tuple[str, ...] = Field(min_length=1, description="States that come in this order.")
    min: Natural = Field(default=0, description="At least so many times.")
    max: Positive | None = Field(
        default=None, description="At most so many times; without it there is no limit."
    )

    short_schema: ClassVar[dict[str, Any] | None] = {"type": "string", "minLength": 1}
    wants: ClassVar[str] = "a state's name, or a mapping with repeat"

    @classmethod
    def long_form(cls, value: Any) -> Any:
        """`{"repeat": [name], "min": 1, "max": 1}` for a state's name."""
        return {"repeat": [value], "min": 1, "max": 1} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _in_order(self) -> Step:
        if self.max is not None and self.max < self.min:
            raise RefusedError(f"max {self.max} is less than min {self.min}", "exchange them")
        return self

    def __str__(self) -> str:
        if (self.min, self.max) == (1, 1):
            return ", ".join(self.repeat)
        return f"({', '.join(self.repeat)}) {Count(min=self.min, max=self.max)} times"


class Span(Model):
    """How long something took, from its start to its end."""

    over: Seconds | None = Field(default=None, description="Longer than this.")
    under: Seconds | None = Field(default=None, description="Less long than this.")

    wants: ClassVar[str] = "a mapping with under or over"
    may_be_empty: ClassVar[bool] = False

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.over is not None and self.under is not None and self.under <= self.over:
            raise RefusedError(
                f"nothing is over {self.over:g} s and under {self.under:g} s", "exchange them, or remove one"
            )
        return self

    def __contains__(self, seconds: float) -> bool:
        return (self.over is None or seconds > self.over) and (self.under is None or seconds < self.under)


class Aggregate(NamedTuple):
    """Objects and bytes of one extension in one bucket; in the file `[1, 2 MiB]`."""

    object_count: Natural
    total_bytes: Size


class BucketAggregates(Model):
    """The aggregates of a bucket by extension, or of many buckets with a counter `{n}` in the name."""

    count: Positive | None = Field(default=None, description="How many buckets `{n}` in the name stands for.")
    extensions: Mapping[Extension, Aggregate] = Field(
        default={},
        description="Objects and bytes by extension: `{.jpg: [1, 2 MiB]}`. Others must not be there.",
    )

    short_schema: ClassVar[dict[str, Any] | None] = {
        "type": "object",
        "propertyNames": {"pattern": r"^[.(]"},
        "additionalProperties": {"$ref": "#/$defs/Aggregate"},
    }
    wants: ClassVar[str] = "a mapping from extensions to [objects, size]"

    @classmethod
    def long_form(cls, value: Any) -> Any:
        """`{"extensions": {".jpg": [1, 5]}}` for `{".jpg": [1, 5]}`."""
        if isinstance(value, dict) and not (value and value.keys() <= {"count", "extensions"}):
            return {"extensions": value}
        return value


class BucketStatus(Model):
    """How the counting of a bucket went, or of many buckets with a counter `{n}` in the name."""

    status: BucketState = Field(description="How it went.")
    reason: Matcher | None = Field(default=None, description="Why it was not counted.")
    count: Positive | None = Field(default=None, description="How many buckets `{n}` in the name stands for.")

    short_schema: ClassVar[dict[str, Any] | None] = {"enum": ["COUNTED", "DENIED", "DELETED", "FAILED"]}
    wants: ClassVar[str] = "a status, or a mapping with status and reason"

    @classmethod
    def long_form(cls, value: Any) -> Any:
        """`{"status": status}` for a bare status."""
        return {"status": value} if isinstance(value, str) else value


class Message(Model):
    """A message that a topic sent."""

    topic: LogicalId | None = Field(default=None, description="The topic's logical id in the template.")
    subject: Matcher | None = Field(default=None, description="What its subject is like.")
    body: Matcher | None = Field(default=None, description="What its text is like.")
    count: Natural = Field(default=1, description="How many messages are like this.")


class MachinesLeft(Model):
    """The state machines that exist afterwards and that the template did not declare."""

    names: tuple[Matcher, ...] | None = Field(default=None, description="Their names, in any order.")
    count: Count | None = Field(default=None, description="How many there are.")

    short_schema: ClassVar[dict[str, Any] | None] = {
        "type": "array",
        "items": {"$ref": "#/$defs/Matcher"},
    }
    wants: ClassVar[str] = "a list of names, or a mapping with count"
    may_be_empty: ClassVar[bool] = False

    @classmethod
    def long_form(cls, value: Any) -> Any:
        """`{"names": names}` for a bare list."""
        return {"names": value} if isinstance(value, list) else value


class Machines(Model):
    """The state machines that the run made."""

    left: MachinesLeft = Field(description="Those that still exist afterwards.")


class Items(Model):
    """The items of a table; numbers compare by value."""

    count: Count | None = Field(default=None, description="How many there are.")
    contain: tuple[Mapping[str, Any], ...] | None = Field(
        default=None,
        description="For each of these there is an item that has these attributes, and maybe others.",
    )
    exact: tuple[Mapping[str, Any], ...] | None = Field(
        default=None, description="The items are these, in any order, with all of their attributes."
    )

    wants: ClassVar[str] = "a mapping with count, contain or exact"
    may_be_empty: ClassVar[bool] = False


class RunExpectation(Model):
    """What is expected of one run."""

    execution: Execution | None = Field(default=None, description="How the execution ended.")
    path: tuple[Step, ...] | None = Field(
        default=None,
        description="The states in the order they were entered; `{repeat: [A, B]}` stands for loops.",
    )
    polls: Count | None = Field(
        default=None, description="How often the execution entered a Wait state, whatever its name."
    )
    duration: Span | None = Field(
        default=None, description="How long the execution took, on the clock that it ran on."
    )
    aggregates: Mapping[str, BucketAggregates] | None = Field(
        default=None,
        description="Objects and bytes by bucket and extension, exactly: a row that is not listed is wrong.",
    )
    bucket_status: Mapping[str, BucketStatus] | None = Field(
        default=None, description="How the counting of these buckets went."
    )

    may_be_empty: ClassVar[bool] = False


class Expect(RunExpectation):
    """What is expected afterwards; what is not written is not checked."""

    messages: tuple[Message, ...] | None = Field(
        default=None, description="The messages that were sent, in any order; no others may be there."
    )
    machines: Machines | None = Field(default=None, description="The state machines that the run made.")
    invocations: Mapping[LogicalId, Count] | None = Field(
        default=None, description="How often functions were invoked, by logical id."
    )
    calls: tuple[ExpectedCalls, ...] | None = Field(
        default=None, description="The AWS calls that functions and state machines made; others may be there."
    )
    logs: Mapping[LogicalId, Matcher] | None = Field(
        default=None, description="What the log text of functions is like, by logical id."
    )
    items: Mapping[LogicalId, Items] | None = Field(
        default=None, description="The items of tables, by logical id."
    )
    runs: Mapping[str, RunExpectation] = Field(
        default={}, description="What differs for one run, by its name: a key here replaces the one above."
    )
