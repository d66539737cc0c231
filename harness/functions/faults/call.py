"""AWS calls and their requests while they are made, as the kinds of faults see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NewType, Protocol

Parameters = Mapping[str, Any]
"""The parameters of a call, or JSON with names."""
Answer = dict[str, Any]
"""The answer of a call, as botocore has parsed it."""
Finish = Callable[[Answer], None]
"""Changes the parsed answer of a call that has succeeded."""
Response = NewType("Response", object)
"""An HTTP response, in the form in which botocore wants it."""


class Call(Protocol):
    """An AWS call of a function that is under way, in the function's process.

    `params` are those that the function gave.
    """

    @property
    def operation(self) -> str:
        """Give the API's name of the operation."""

    @property
    def params(self) -> Parameters:
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
