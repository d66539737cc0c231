"""Failures that are made to happen: of an AWS call, of a task, or of a function.

The kinds, and what may be written of each, come from `harness.functions.faults`: the model is made from their
arguments. What must fit together in an entry is in `fault_rules`; the names come from `aws_names`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple, get_args, get_type_hints

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, create_model

from harness.functions.faults import KINDS
from harness.functions.faults.kind import (
    AnswerMembers,
    Argument,
    BadArgument,
    ErrorCode,
    Kind,
    Result,
    targets,
)
from harness.functions.faults.kind import Seconds as Time
from harness.functions.shared.model import Target
from harness.scenario.base import (
    OF_ITERATIONS,
    OF_RUN,
    FunctionId,
    Iterations,
    Model,
    Positive,
    RunName,
    Seconds,
    which,
)
from harness.scenario.position import RefusedError
from harness.service_names import capitalized

_CALL = re.compile(r"([a-z0-9-]+):([A-Z][A-Za-z0-9]*)")
_TASK = re.compile(r"[a-z0-9-]+:[a-z][A-Za-z0-9]*(:[a-z][A-Za-z0-9]*)?")

CHOICES = ("nth", "first", "from")
"""The keys that say which of those that fit fail; at most one of them."""
RENAMED: Mapping[str, str] = {"service": "task"}
"""Keys that have another name now."""


class Key(NamedTuple):
    """A key of an entry of `faults` that comes from the kinds: its type, and the kinds that it goes with."""

    name: str
    annotation: Any
    argument: Argument
    kinds: tuple[type[Kind], ...]

    @property
    def is_kind(self) -> bool:
        """Tell whether it names a kind, and is not a further argument of some."""
        return self.name == self.kinds[0].key

    @property
    def description(self) -> str:
        """The argument's description, with what it goes with in front."""
        owners = [t for t in get_args(Target) if t in targets(self.kinds[0])]
        if not self.is_kind:
            owners = [kind.key for kind in self.kinds]
        text = self.argument.description
        if self.is_kind and len(owners) == len(get_args(Target)):
            return text[0].upper() + text[1:]
        return f"Of {' and '.join(owners)}: {text}"


def keys_of(kind: type[Kind]) -> tuple[str, ...]:
    """The keys of a kind's arguments; the first one is the kind's own."""
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # each kind is a dataclass


def _declared(kinds: tuple[type[Kind], ...]) -> Iterator[Key]:
    for kind in kinds:
        hints = get_type_hints(kind, include_extras=True)
        for name in keys_of(kind):
            annotation, argument = get_args(hints[name])
            yield Key(name, annotation, argument, (kind,))


def keys(kinds: tuple[type[Kind], ...] = KINDS) -> tuple[Key, ...]:
    """All keys that come from the kinds: those of kinds first, then those that several may share.

    Raises:
        TypeError: a key is declared in two ways, or every fault has it.
    """
    found: dict[str, Key] = {}
    for key in _declared(kinds):
        if key.name in FaultEntry.model_fields:
            raise TypeError(f"{key.kinds[0].key} declares {key.name}, which every fault has")
        same = found.setdefault(key.name, key)
        if (same.annotation, same.argument) != (key.annotation, key.argument):
            both = f"{same.kinds[0].key} and {key.kinds[0].key}"
            raise TypeError(f"{both} declare {key.name} in two ways")
        if same is not key:
            found[key.name] = same._replace(kinds=(*same.kinds, *key.kinds))
    return tuple(sorted(found.values(), key=lambda key: not key.is_kind))


def api_of(name: str) -> tuple[str, str]:
    """Service and operation of a call or a task: `("s3", "ListObjectsV2")`, `("aws-sdk:s3", ...)`."""
    service, _, operation = name.rpartition(":")
    return service, capitalized(operation)


def _call(text: str) -> str:
    if not _CALL.fullmatch(text):
        raise RefusedError(
            f"{text!r} is not an AWS call", "write service:Operation, such as s3:ListObjectsV2"
        )
    return text


def _task(text: str) -> str:
    if not _TASK.fullmatch(text):
        raise RefusedError(
            f"invalid task {text!r}",
            "write it as in the state's Resource, such as sns:publish or aws-sdk:s3:listObjectsV2",
        )
    return text


def _yes(value: Any) -> Any:
    if value is not True:
        raise RefusedError("this is either true or not there", "write true, or remove the key")
    return value


def _checked(check: Callable[[Any], None], value: Any) -> Any:
    try:
        check(value)
    except BadArgument as error:
        raise RefusedError(error.message, error.remedy) from None
    return value


HTTP: Final = "http:invoke"
OF_HTTP: Final = ("error", "cut", "delay")
"""The kinds of faults of HTTP Tasks."""
TaskResource = Annotated[str, AfterValidator(_task)]
AwsCall = Annotated[str, AfterValidator(_call)]
_Flag = Annotated[bool, BeforeValidator(_yes), WithJsonSchema({"$comment": "`true`", "const": True})]
# The types that mean more in a scenario file than in Python.
_TYPES: Mapping[Any, Any] = {
    bool: _Flag,
    Time: Seconds,
    ErrorCode: Annotated[str, Field(min_length=1)],
    AnswerMembers: Mapping[str, Any],
    Result: Any,
}


class FaultEntry(Model):
    """A failure that is made to happen: of an AWS call, of a task of a state machine, or of a function.

    One target (`call`, `task`, or `function` alone), filters, which of those that fit, and what happens.
    """

    renamed_keys: ClassVar[Mapping[str, str]] = RENAMED

    call: AwsCall | None = Field(
        default=None,
        description="Calls that functions make: `service:Operation`, such as `s3:ListObjectsV2`.",
    )
    task: TaskResource | None = Field(
        default=None,
        description="Tasks, as in a state's Resource: `sns:publish`; for any function `lambda:invoke`.",
    )
    function: FunctionId = Field(
        default="",
        description="Invocations of this function, by logical id; beside call or `lambda:invoke` a filter.",
    )
    run: RunName = OF_RUN
    state: str = Field(default="", description="Only what happens in the state of this name.")
    iterations: Iterations = OF_ITERATIONS
    bucket: str = Field(
        default="", description="Only what is for this bucket: by a parameter, or by the payload's `bucket`."
    )
    params: Mapping[str, Any] = Field(default={}, description="Only calls or tasks with these parameters.")
    nth: Positive | None = Field(
        default=None,
        description="Only the n-th that fits, counted in each state of each execution by itself.",
    )
    first: Positive | None = Field(default=None, description="Only the first n that fit; counted likewise.")
    from_: Positive | None = Field(
        default=None, alias="from", description="Only the n-th that fits and all after it; counted likewise."
    )

    @property
    def target(self) -> Target:
        """The target of the fault."""
        return "call" if self.call else "task" if self.task else "function"

    @property
    def kind(self) -> type[Kind]:
        """The kind of fault: the one whose key is given."""
        return next(kind for kind in KINDS if kind.key in self.model_fields_set)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The kind's arguments that are given, by their keys."""
        return {key: getattr(self, key) for key in keys_of(self.kind) if key in self.model_fields_set}

    @property
    def api(self) -> tuple[str, str]:
        """Service and operation of a call or a task."""
        return api_of(self.call or self.task or "")

    @property
    def which(self) -> tuple[int, int | None]:
        """The first and the last of those that fit, counted from 1; None for all from the first on."""
        return which(self.nth, self.first, self.from_)


def _field(key: Key) -> tuple[Any, Any]:
    kind = _TYPES.get(key.annotation, key.annotation)
    if key.argument.check:
        kind = Annotated[kind, AfterValidator(partial(_checked, key.argument.check))]
    return kind | None, Field(default=None, description=key.description)


if TYPE_CHECKING:
    FaultSpec = FaultEntry
else:
    FaultSpec = create_model(
        "FaultSpec",
        __base__=FaultEntry,
        __module__=__name__,
        __doc__=FaultEntry.__doc__,
        **{key.name: _field(key) for key in keys()},
    )
