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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, NewType, Protocol

from ..shared.model import Target

When = Literal["before", "after"]
ErrorCode = NewType("ErrorCode", str)
"""An error code of the service that is called; the scenario reader refuses one that the service lacks."""
Seconds = NewType("Seconds", float)
"""A time, written with its unit: `500 ms`, `2 h`."""
AnswerMembers = NewType("AnswerMembers", Mapping[str, Any])
"""Members of the operation's answer, as JSON; the scenario reader refuses names that the answer lacks."""
Response = NewType("Response", object)
"""An HTTP response, in the form in which botocore wants it."""

Handler = Callable[[Any, Any], Any]
"""A function's handler: event and context -> result."""
Finish = Callable[[dict[str, Any]], None]
"""Changes the parsed answer of a call that has succeeded."""


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


class Shape(Protocol):
    """The type of a member of an answer, as the service's API description has it."""

    @property
    def kind(self) -> str:
        """Give `structure`, `list`, `map`, or a scalar's kind."""

    @property
    def members(self) -> Mapping[str, Shape]:
        """Give a structure's members by name."""

    @property
    def inner(self) -> Shape:
        """Give the type of a list's items or a map's values."""

    @property
    def words(self) -> tuple[str, ...]:
        """Give all values that there are, when the description lists them."""


class Api(Protocol):
    """The API of a service, as its description has it."""

    @property
    def operations(self) -> tuple[str, ...]:
        """Give the names of its operations."""

    def output(self, operation: str) -> Shape | None:
        """Give the type of an operation's answer; None if that is empty."""

    def answers_in_part(self, operation: str) -> bool:
        """Tell batches and listings in pages, whose answers may lack some of what was asked for."""


class Point(Protocol):
    """A call, a task or an invocation of a run, at which the sweep tries faults.

    `params` are those that were seen. `operation`, `api` and `error_codes` (those worth trying) are there for
    calls and tasks only.
    """

    @property
    def target(self) -> Target:
        """Tell whether it is a call, a task or an invocation of a function."""

    @property
    def params(self) -> Mapping[str, Any]:
        """Give the parameters of the call."""

    @property
    def operation(self) -> str:
        """Give the API's name of the operation."""

    @property
    def api(self) -> Api:
        """Give the description of the service."""

    @property
    def error_codes(self) -> Sequence[str]:
        """Give the error codes to try."""


class Variant(NamedTuple):
    """A fault that the sweep tries: the keys in YAML, and a label that tells it from others of its kind."""

    label: str
    keys: Mapping[str, Any]


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


class Call(Protocol):
    """An AWS call of a function that is under way, in the function's process.

    `params` are those that the function gave.
    """

    @property
    def operation(self) -> str:
        """Give the API's name of the operation."""

    @property
    def params(self) -> Mapping[str, Any]:
        """Give the parameters."""

    def page_limit(self) -> str | None:
        """Name the parameter that limits the entries of a page; None when there are no pages."""

    def typed(self, value: object, name: str) -> Any:
        """Convert a value to the type of the parameter `name`."""

    def typed_answer(self, value: object, name: str) -> Any:
        """Convert JSON to what botocore has in the member `name` of the answer."""


class Request(Protocol):
    """An HTTP request of a call, about to be sent."""

    @property
    def read_timeout_s(self) -> float | None:
        """Give the time that the client waits for an answer; None: without end."""

    def withhold(self) -> None:
        """Keep it from the service."""

    def refusal(self, code: str, message: str) -> Response:
        """Keep it from the service; gives the service's response for an error."""

    def deliver(self) -> None:
        """Send it, and discard the response."""

    def closed(self) -> Exception:
        """Make the client's exception for a connection that is closed without a response."""

    def timed_out(self) -> Exception:
        """Make the client's exception for a response that does not come in time."""


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
    def answer(self, call: Call, parsed: dict[str, Any]) -> None:
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


TaskEffect = Later | Refused | Unanswered


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
