"""Injected faults in AWS calls, tasks, and functions.

The kinds and their arguments come from `harness.functions.faults`; the model is created from the arguments.
`fault_rules` contains the rules for combinations of keys. `aws_names` provides the names.
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
    FIRST,
    FROM,
    NTH,
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
"""Keys that select the matches that fail. At most one of them is allowed."""
RENAMED: Mapping[str, str] = {"service": "task"}
"""Former key names, with their current names."""


class Key(NamedTuple):
    """A key in a `faults` entry that is declared by fault kinds: its type, and the kinds that accept it."""

    name: str
    annotation: Any
    argument: Argument
    kinds: tuple[type[Kind], ...]

    @property
    def is_kind(self) -> bool:
        """Return whether the key specifies a kind, not an additional argument."""
        return self.name == self.kinds[0].key

    @property
    def description(self) -> str:
        """The argument's description, prefixed with the kinds or targets that accept it."""
        owners = [t for t in get_args(Target) if t in targets(self.kinds[0])]
        if not self.is_kind:
            owners = [kind.key for kind in self.kinds]
        text = self.argument.description
        if self.is_kind and len(owners) == len(get_args(Target)):
            return text[0].upper() + text[1:]
        return f"For {' and '.join(owners)}: {text}"


def keys_of(kind: type[Kind]) -> tuple[str, ...]:
    """Return the keys for a kind's arguments. The first one is the kind's own key."""
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # each kind is a dataclass


def _declared(kinds: tuple[type[Kind], ...]) -> Iterator[Key]:
    for kind in kinds:
        hints = get_type_hints(kind, include_extras=True)
        for name in keys_of(kind):
            annotation, argument = get_args(hints[name])
            yield Key(name, annotation, argument, (kind,))


def keys(kinds: tuple[type[Kind], ...] = KINDS) -> tuple[Key, ...]:
    """Return all keys declared by kinds: first the keys that specify a kind, then the additional arguments.

    Raises:
        TypeError: a key has two different declarations, or is a common key of all faults.
    """
    found: dict[str, Key] = {}
    for key in _declared(kinds):
        if key.name in FaultEntry.model_fields:
            raise TypeError(f"{key.kinds[0].key} declares {key.name}, which is a key of every fault")
        same = found.setdefault(key.name, key)
        if (same.annotation, same.argument) != (key.annotation, key.argument):
            both = f"{same.kinds[0].key} and {key.kinds[0].key}"
            raise TypeError(f"{both} declare {key.name} differently")
        if same is not key:
            found[key.name] = same._replace(kinds=(*same.kinds, *key.kinds))
    return tuple(sorted(found.values(), key=lambda key: not key.is_kind))


def api_of(name: str) -> tuple[str, str]:
    """Return a call's or task's service and operation: `("s3", "ListObjectsV2")`, `("aws-sdk:s3", ...)`."""
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
            "write it as it appears in the state's Resource, such as sns:publish or aws-sdk:s3:listObjectsV2",
        )
    return text


def _yes(value: Any) -> Any:
    if value is not True:
        raise RefusedError("this must be true or absent", "write true, or remove the key")
    return value


def _checked(check: Callable[[Any], None], value: Any) -> Any:
    try:
        check(value)
    except BadArgument as error:
        raise RefusedError(error.message, error.remedy) from None
    return value


HTTP: Final = "http:invoke"
OF_HTTP: Final = ("error", "cut", "delay")
"""Fault kinds for HTTP Tasks."""
TaskResource = Annotated[str, AfterValidator(_task)]
AwsCall = Annotated[str, AfterValidator(_call)]
_Flag = Annotated[bool, BeforeValidator(_yes), WithJsonSchema({"$comment": "`true`", "const": True})]
# Types with a special meaning in a scenario file.
_TYPES: Mapping[Any, Any] = {
    bool: _Flag,
    Time: Seconds,
    ErrorCode: Annotated[str, Field(min_length=1)],
    AnswerMembers: Mapping[str, Any],
    Result: Any,
}


class FaultEntry(Model):
    """A fault to inject into an AWS call, a state machine task, or a function.

    It has one target (`call`, `task`, or only `function`), filters, a selection of matches, and an effect.
    """

    renamed_keys: ClassVar[Mapping[str, str]] = RENAMED

    call: AwsCall | None = Field(
        default=None,
        description="Calls that functions make: `service:Operation`, such as `s3:ListObjectsV2`.",
    )
    task: TaskResource | None = Field(
        default=None,
        description="Tasks, written as in a state's Resource: `sns:publish`. For all functions: "
        "`lambda:invoke`.",
    )
    function: FunctionId = Field(
        default="",
        description="Invocations of this function, by logical ID. Acts as a filter if combined with call or "
        "`lambda:invoke`.",
    )
    run: RunName = OF_RUN
    state: str = Field(default="", description="Only in the state with this name.")
    iterations: Iterations = OF_ITERATIONS
    bucket: str = Field(
        default="", description="Only for this bucket, from a parameter or from `bucket` in the payload."
    )
    params: Mapping[str, Any] = Field(default={}, description="Only calls or tasks with these parameters.")
    nth: Positive | None = NTH
    first: Positive | None = FIRST
    from_: Positive | None = FROM

    @property
    def target(self) -> Target:
        """The target of the fault."""
        return "call" if self.call else "task" if self.task else "function"

    @property
    def kind(self) -> type[Kind]:
        """The kind of fault, determined by its key."""
        return next(kind for kind in KINDS if kind.key in self.model_fields_set)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The kind's arguments that are set, by key."""
        return {key: getattr(self, key) for key in keys_of(self.kind) if key in self.model_fields_set}

    @property
    def api(self) -> tuple[str, str]:
        """The service and operation of a call or task."""
        return api_of(self.call or self.task or "")

    @property
    def which(self) -> tuple[int, int | None]:
        """The first and the last match, counted from 1. None: no limit."""
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
