"""AWS calls and their requests in progress, as the kinds of faults see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NewType, Protocol

Parameters = Mapping[str, Any]
"""The parameters of a call, or a JSON object."""
Answer = dict[str, Any]
"""The response to a call, parsed by botocore."""
Finish = Callable[[Answer], None]
"""A function that changes the parsed response of a successful call."""
Response = NewType("Response", object)
"""An HTTP response, in the form that botocore expects."""


class Call(Protocol):
    """An AWS call in progress, in the function's process.

    `params` are the parameters that the function passed.
    """

    @property
    def operation(self) -> str:
        """Return the operation's API name."""

    @property
    def params(self) -> Parameters:
        """Return the parameters."""

    def page_limit(self) -> str | None:
        """Return the name of the parameter that limits the entries on a page, or None if there is none."""

    def typed(self, value: object, name: str) -> Any:
        """Convert a value to the type of parameter `name`."""

    def typed_answer(self, value: object, name: str) -> Any:
        """Convert JSON to botocore's type for the response member `name`."""


class Request(Protocol):
    """An HTTP request for a call, just before it is sent."""

    @property
    def read_timeout_s(self) -> float | None:
        """Return how long the client waits for a response; None for no limit."""

    def withhold(self) -> None:
        """Do not send the request to the service."""

    def refusal(self, code: str, message: str) -> Response:
        """Do not send the request. Return the service's response for an error instead."""

    def deliver(self) -> None:
        """Send the request and discard the response."""

    def closed(self) -> Exception:
        """Return the client's exception for a connection that was closed without a response."""

    def timed_out(self) -> Exception:
        """Return the client's exception for a read timeout."""
