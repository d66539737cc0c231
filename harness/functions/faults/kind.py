"""The parts of a kind of fault: a kind is a class in a file of this folder, and a line in `KINDS`.

    @dataclass(frozen=True)
    class Cut(Kind, RequestFault, TaskFault):       # what it does to a request, and to a task
        key, words = "cut", "cut {cut}"             # its key in YAML; its name in a message
        cut: Annotated[When, Argument("the connection breaks, before or after the request took effect.")]

An instance is a fault with its arguments. The first argument has the kind's own key; further ones, such as
`when`, may be shared with other kinds, and then have one declaration. The scenario reader makes its model,
the JSON Schema and the reference from the arguments, the engines do what the methods say, the sweep tries
the `variants`.

These files are read in a function's process, in the scenario reader and in the sweep. So they import the
standard library and this project's `functions.shared` only, and nothing inside a function.
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
"""An error code of the service that is called; the scenario reader refuses one that the service lacks."""
Seconds = NewType("Seconds", float)
"""A time, written with its unit: `500 ms`, `2 h`."""
AnswerMembers = NewType("AnswerMembers", Parameters)
"""Members of the operation's answer, as JSON; the scenario reader refuses names that the answer lacks."""
Result = NewType("Result", object)
"""The result of a function or a task, as JSON."""
Handler = Callable[[object, object], object]
"""A function's handler: event and context -> result."""


class BadArgument(ValueError):
    """A value that an argument cannot have: `message` is what is wrong with it, `remedy` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Argument:
    """The description of an argument, and its check, which raises BadArgument.

    The reference puts what it goes with in front of the description: "Of call and task: ...".
    """

    description: str
    check: Callable[[Any], None] | None = None


Message = Annotated[str, Argument("the message of the error.")]
Moment = Annotated[When, Argument("before the function's work (the default), or after it.")]


def moments(point: Point) -> tuple[When, ...]:
    """Give the moments to try: a function that fails by itself does not come to the end of its work."""
    return ("before",) if point.fails else ("before", "after")


class Kind(ABC):
    """A kind of fault; a subclass is also one or more of the classes below, which say what it does.

    `words` name the fault when it never fired, with the arguments in braces.
    """

    key: ClassVar[str]
    words: ClassVar[str]

    @classmethod
    @abstractmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Give the faults of this kind to try at a point, which is one of the kind's targets."""

    @classmethod
    def check_operation(cls, api: Api, operation: str) -> None:
        """Refuse an operation to which this kind makes no difference. Raises BadArgument."""
        return


class CallFault:
    """A fault of AWS calls: use one of the three classes below."""

    def fits(self, call: Call) -> bool:
        """Tell whether it makes a difference to a call; if not, the call is not counted."""
        return True


class BuildFault(CallFault, ABC):
    """A fault that changes a call before it becomes a request; calls are counted."""

    @abstractmethod
    def build(self, call: Call, params: dict[str, Any]) -> Finish | None:
        """Change the parameters, in the form in which they are sent; maybe the answer too."""


class RequestFault(CallFault, ABC):
    """A fault of a request before it is sent; requests are counted, botocore's retries too."""

    @abstractmethod
    def send(self, request: Request) -> Response | None:
        """Act on a request; a response keeps it from being sent.

        Raises:
            HTTPClientError: botocore's, for a request that gets no response.
        """


class AnswerFault(CallFault, ABC):
    """A fault of the answer of a request that has succeeded; requests are counted."""

    @abstractmethod
    def answer(self, call: Call, parsed: Answer) -> None:
        """Change the parsed answer."""


@dataclass(frozen=True)
class Later:
    """A task takes longer."""

    delay_s: float


@dataclass(frozen=True)
class Refused:
    """A task's call is refused by the service, with this error; an empty message stands for AWS's own."""

    code: str
    message: str = ""


@dataclass(frozen=True)
class Unanswered:
    """A task's call gets no answer; `works` tells whether it takes effect."""

    works: bool


@dataclass(frozen=True)
class Answered:
    """A task that succeeds has another result: `change` makes it of its own."""

    change: Callable[[object], object]


TaskEffect = Later | Refused | Unanswered | Answered


class TaskFault(ABC):
    """A fault of a task of a state machine."""

    @abstractmethod
    def on_task(self) -> TaskEffect:
        """Give what becomes of one attempt of a task."""


class FunctionFault(ABC):
    """A fault of an invocation of a function."""

    @abstractmethod
    def around(self, handler: Handler, fire: Callable[[], None]) -> Handler:
        """Wrap a handler; the wrapper calls `fire` when the fault happens."""


_TARGETS: tuple[tuple[Target, type], ...] = (
    ("call", CallFault),
    ("task", TaskFault),
    ("function", FunctionFault),
)


def targets(kind: type[Kind]) -> tuple[Target, ...]:
    """The targets that a kind fits: those that it can act on."""
    return tuple(target for target, base in _TARGETS if issubclass(kind, base))
