"""What every kind of fault is: what it can be of, and what it does in the function's process.

Nothing of ours can be imported late there. No kind imports botocore: who reads a scenario has no use for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ..model import Target

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse

    from ..calling import OpenCall, Request

Arguments = Mapping[str, Any]
Handler = Callable[[Any, Any], Any]
"""A function's handler: event and context -> result."""
Finish = Callable[[dict[str, Any]], None]
"""Changes the parsed answer of a call that has succeeded."""


class Kind:
    """A kind of fault; a subclass overrides what it does.

    `acts` says when it does that to a call, and so what is counted: `build`, before the call becomes a
    request (calls are counted); `send`, before each HTTP request, or `answer`, after it (requests are).
    """

    name: ClassVar[str]
    targets: ClassVar[frozenset[Target]]
    acts: ClassVar[Literal["build", "send", "answer"]] = "send"

    def fits(self, call: OpenCall) -> bool:
        """Whether it would make a difference to a call; if not, the call is not counted."""
        return True

    def build(self, arguments: Arguments, call: OpenCall, params: dict[str, Any]) -> Finish | None:
        """Change the parameters of a call, in the form in which they are sent; maybe its answer too."""
        raise NotImplementedError

    def send(self, arguments: Arguments, request: Request) -> AWSResponse | None:
        """What happens to a request before it is sent; an answer keeps it from being sent.

        Raises:
            HTTPClientError: botocore's, for a request that gets no answer.
        """
        raise NotImplementedError

    def answer(self, arguments: Arguments, call: OpenCall, parsed: dict[str, Any]) -> None:
        """Change the parsed answer of a request that has succeeded."""
        raise NotImplementedError

    def around(self, arguments: Arguments, handler: Handler, fire: Callable[[], None]) -> Handler:
        """A handler that does this to an invocation; it calls `fire` when it does."""
        raise NotImplementedError
