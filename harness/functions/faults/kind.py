"""Base classes of fault kinds: a kind is a class in a file in this folder, and a line in `KINDS`.

    @dataclass(frozen=True)
    class Cut(Kind, RequestFault, TaskFault):       # its effect on a request, and on a task
        key, words = "cut", "cut {cut}"             # its key in YAML; its name in a message
        cut: Annotated[When, Argument("the connection breaks, before or after the request took effect.")]

An instance is a fault with its arguments. The first argument has the same key as the kind. Other arguments,
such as `when`, can be shared between kinds, and are then declared only once. The scenario reader derives its
model, the JSON Schema and the reference from the arguments. The engines call the methods. The sweep tries the
`variants`.

These modules are imported in a function's process, in the scenario reader and in the sweep. They therefore
import only the standard library and this project's `functions.shared`, and have no imports inside functions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NewType

from ..shared.model import Target
from .call import Answer, Call, Finish, Parameters, Request, Response
from .point import Api, Point, Variant

When = Literal["before", "after"]
ErrorCode = NewType("ErrorCode", str)
"""An error code from the called service. The scenario reader rejects codes that the service does not define.
"""
Seconds = NewType("Seconds", float)
"""A time with its unit: `500 ms`, `2 h`."""
AnswerMembers = NewType("AnswerMembers", Parameters)
"""Members of the operation's response, as JSON. The scenario reader rejects unknown names."""
Result = NewType("Result", object)
"""The result of a function or a task, as JSON."""
Handler = Callable[[object, object], object]
"""A function's handler: event and context -> result."""


class BadArgument(ValueError):
    """An invalid argument value: `message` describes the problem, and `remedy` the solution."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Argument:
    """The description of an argument, and its check, which raises BadArgument.

    The reference puts the argument's targets in front of the description: "Of call and task: ...".
    """

    description: str
    check: Callable[[Any], None] | None = None


Message = Annotated[str, Argument("the message of the error.")]
Moment = Annotated[When, Argument("before the function's work (the default), or after it.")]


def moments(point: Point) -> tuple[When, ...]:
    """Return the values of `when` to try. A function that fails on its own never completes its work, so
    `after` is omitted.
    """
    return ("before",) if point.fails else ("before", "after")


class Kind(ABC):
    """A kind of fault. It gets its effects by also deriving from the classes below.

    `words` describes the fault in the message for a fault that never fired. The arguments are in braces.
    """

    key: ClassVar[str]
    words: ClassVar[str]

    @classmethod
    @abstractmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return the faults of this kind to try at a point, which is one of the kind's targets."""

    @classmethod
    def check_operation(cls, api: Api, operation: str) -> None:
        """Reject an operation on which this kind has no effect. Raises BadArgument."""
        return


class CallFault:
    """A fault in AWS calls. Derive from one of the three classes below instead."""

    def fits(self, call: Call) -> bool:
        """Return whether the fault can affect a call. Calls that it cannot affect are not counted."""
        return True


class BuildFault(CallFault, ABC):
    """A fault that changes a call before it becomes a request; calls are counted."""

    @abstractmethod
    def build(self, call: Call, params: dict[str, Any]) -> Finish | None:
        """Change the parameters, in the form in which they are sent, and optionally the response."""


class RequestFault(CallFault, ABC):
    """A fault in a request before it is sent. Requests are counted, including botocore's retries."""

    @abstractmethod
    def send(self, request: Request) -> Response | None:
        """Apply the fault to a request. If this returns a response, the request is not sent.

        Raises:
            HTTPClientError: botocore's exception for a request that gets no response.
        """


class AnswerFault(CallFault, ABC):
    """A fault in the response to a successful request; requests are counted."""

    @abstractmethod
    def answer(self, call: Call, parsed: Answer) -> None:
        """Change the parsed response."""


@dataclass(frozen=True)
class Later:
    """A delay in a task."""

    delay_s: float


@dataclass(frozen=True)
class Refused:
    """A service error for a task's call. If the message is empty, AWS's own message is used."""

    code: str
    message: str = ""


@dataclass(frozen=True)
class Unanswered:
    """A task's call that gets no response. `works` is true if the call still takes effect."""

    works: bool


@dataclass(frozen=True)
class Answered:
    """A different result for a successful task. `change` computes it from the task's original result."""

    change: Callable[[object], object]


TaskEffect = Later | Refused | Unanswered | Answered


class TaskFault(ABC):
    """A fault in a state machine's task."""

    @abstractmethod
    def on_task(self) -> TaskEffect:
        """Return the effect on one attempt at a task."""


class FunctionFault(ABC):
    """A fault in a function's invocation."""

    @abstractmethod
    def around(self, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Wrap a handler. The wrapper calls `fire` when the fault takes effect."""


_TARGETS: tuple[tuple[Target, type], ...] = (
    ("call", CallFault),
    ("task", TaskFault),
    ("function", FunctionFault),
)


def targets(kind: type[Kind]) -> tuple[Target, ...]:
    """Return the targets that a kind supports."""
    return tuple(target for target, base in _TARGETS if issubclass(kind, base))
