"""`error`: the service refuses a request. Arguments: `code`, and `message` ("" for what AWS says)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .kind import Arguments, Kind

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse

    from ..calling import Request


class Error(Kind):
    """The error comes over the wire as the service sends it, and is parsed and retried by botocore."""

    name = "error"
    targets = frozenset({"call", "task"})

    def send(self, arguments: Arguments, request: Request) -> AWSResponse | None:
        """The service's answer."""
        return request.refusal(arguments["code"], arguments.get("message", ""))
