"""`cut`: the connection is closed without an answer. Argument: `when`, before or after the request's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .kind import Arguments, Kind

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse

    from ..calling import Request


class Cut(Kind):
    """After its work: the request takes effect, and the function does not see that it did."""

    name = "cut"
    targets = frozenset({"call", "task"})

    def send(self, arguments: Arguments, request: Request) -> AWSResponse | None:
        """Raises ConnectionClosedError."""
        if arguments["when"] == "after":
            request.deliver()
        else:
            request.withhold()
        raise request.closed()
