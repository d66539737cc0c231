"""A definition as a typed, frozen tree. `parse` builds it, and the interpreter runs it.

Names follow the States Language. `Expression`s are compiled paths, templates, functions and JSONata. A field
that can be literal or computed is always stored as an `Expression`. The tree does not record a state's query
language. Fields that belong only to the other language are absent, and an absent path is stored as `$`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from harness.json_types import Json

from .files.format import DataFormat
from .query.choice_rules import Rule
from .query.expressions import Expression
from .query.jsonpath.path import JsonPath
from .query.paths import PathExpression


@dataclass(frozen=True, slots=True)
class Retrier:
    """A Retry entry. Times are in seconds."""

    error_equals: tuple[str, ...]
    interval_s: int = 1
    max_attempts: int = 3
    backoff_rate: float = 2.0
    max_delay_s: int | None = None
    full_jitter: bool = False

    def delay_s(self, attempt: int) -> float:
        """Return the wait before retry number `attempt`, counted from 0, without jitter."""
        ceiling = float("inf") if self.max_delay_s is None else self.max_delay_s
        return min(self.interval_s * self.backoff_rate**attempt, ceiling)


@dataclass(frozen=True, slots=True)
class Catcher:
    """A Catch entry. If `result_path` is None, the error output is discarded."""

    error_equals: tuple[str, ...]
    next: str
    result_path: JsonPath | None
    assign: Expression[Json] | None
    output: Expression[Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseState:
    """The fields that all states have.

    Attributes:
        input_path: None for `"InputPath": null`, which stands for an empty object.
        output_path: None for `"OutputPath": null`.
        output: JSONata's Output, or None if absent.
        next: the next state, or None for an end state.
    """

    name: str
    input_path: PathExpression | None
    output_path: PathExpression | None
    assign: Expression[Json] | None = None
    output: Expression[Json] | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(BaseState):
    """A state that passes its input, or `result`, to its output."""

    parameters: Expression[Json] | None = None
    result: Expression[Json] | None = None
    result_path: JsonPath | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(BaseState):
    """A state that ends the execution, branch or iteration successfully."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(BaseState):
    """A state that ends the execution, branch or iteration with an error."""

    error: Expression[str] | None = None
    cause: Expression[str] | None = None


@dataclass(frozen=True, slots=True)
class ChoiceBranch:
    """A Choices entry."""

    rule: Rule
    next: str
    assign: Expression[Json] | None
    output: Expression[Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(BaseState):
    """A state that continues with the next state of the first matching rule, or with `default`."""

    choices: tuple[ChoiceBranch, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(BaseState):
    """A state that waits for a number of seconds or until a timestamp. Exactly one of these fields is set."""

    seconds: Expression[float] | None = None
    timestamp: Expression[float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retryable(BaseState):
    """The fields shared by Task, Parallel and Map. In JSONata, `parameters` is Arguments."""

    parameters: Expression[Json] | None = None
    result_selector: Expression[Json] | None = None
    result_path: JsonPath | None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Retryable):
    """A state whose work is performed through a `TaskPort`.

    Attributes:
        unfit: returns the problems with the parameters, in AWS's wording; an empty list if the task can
            start.
    """

    resource: str
    timeout_s: Expression[float] | None = None
    heartbeat_s: Expression[float] | None = None
    credentials: Expression[Json] | None = None
    unfit: Callable[[Json], Sequence[str]] = lambda _: ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """A group of states with a start state: a state machine, a Parallel branch, or a Map's processor."""

    start_at: str
    states: Mapping[str, State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Retryable):
    """A state that runs all its branches concurrently."""

    branches: tuple[Workflow, ...]


@dataclass(frozen=True, slots=True)
class ItemReader:
    """The source of a distributed Map's items.

    Attributes:
        max_items: the maximum number of items to read; None and 0 mean all.
        manifest: the type of file that lists the data files, `S3_INVENTORY` or `ATHENA_DATA`; None if the
            object itself contains the items.
        flattens: true if the items come from the contents of the listed objects, not from the listing itself.
    """

    resource: str
    parameters: Expression[Json] | None
    format: DataFormat
    max_items: Expression[float] | None = None
    manifest: str | None = None
    flattens: bool = False


@dataclass(frozen=True, slots=True)
class ResultWriter:
    """The destination and format of a distributed Map's results.

    Attributes:
        resource: the call that writes them; empty if the results stay in the Map's output.
        transformation: `NONE`, `COMPACT` or `FLATTEN`.
        lines: true if the results are written as JSON Lines, false for a JSON array.
    """

    resource: str
    parameters: Expression[Json] | None
    transformation: str = "NONE"
    lines: bool = False


@dataclass(frozen=True, slots=True)
class ItemBatcher:
    """The size limits for an item batch. None means no limit."""

    max_items: Expression[float] | None
    max_bytes: Expression[float] | None
    batch_input: Expression[Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(Retryable):
    """A state that runs its processor for each item. `items` is ItemsPath or Items, or None to use the whole
    input.

    Attributes:
        not_served: an AWS feature that this interpreter does not support, e.g. `InputType PARQUET`, or None.
    """

    processor: Workflow
    distributed: bool = False
    items: Expression[Json] | None = None
    item_selector: Expression[Json] | None = None
    item_reader: ItemReader | None = None
    item_batcher: ItemBatcher | None = None
    result_writer: ResultWriter | None = None
    max_concurrency: Expression[float] | None = None
    tolerated_failure_count: Expression[float] | None = None
    tolerated_failure_percentage: Expression[float] | None = None
    label: str | None = None
    not_served: str | None = None


State: TypeAlias = Pass | Task | Choice | Wait | Succeed | Fail | Parallel | Map


@dataclass(frozen=True, slots=True)
class Machine:
    """A parsed definition. `timeout_s` is the machine's TimeoutSeconds."""

    workflow: Workflow
    timeout_s: int | None
    text: str


def states_in(workflow: Workflow) -> Iterator[State]:
    """List a workflow's states, at any depth."""
    for state in workflow.states.values():
        yield state
        inner = state.branches if isinstance(state, Parallel) else ()
        for each in (state.processor,) if isinstance(state, Map) else inner:
            yield from states_in(each)
