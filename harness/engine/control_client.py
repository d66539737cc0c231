"""The client for an engine's control requests, which use JSON over HTTP and are separate from the AWS API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from harness.bug import HEADER, Bug, EngineBug
from harness.engine.base import PATIENCE_S, EngineError
from harness.functions.shared.control_protocol import PREFIX, SECRET_HEADER
from harness.functions.shared.model import Fault, Invocation

if TYPE_CHECKING:
    import urllib3


_AT_ONCE: Final = 8
"""Connections to one engine, which are kept open for further requests."""


class Unanswered(EngineError):
    """A request that received no response."""


class Refused(EngineError):
    """A response with a `status` other than 200."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def ask(
    method: str,
    url: str,
    body: bytes = b"",
    timeout_s: float | None = PATIENCE_S,
    ca_bundle: str = "",
    secret: str = "",
) -> bytes:
    """Send a request and return the body of the response.

    `ca_bundle` is a CA file. `secret` is the engine's secret.

    Raises:
        Unanswered: no response was received.
        Refused: the status of the response is not 200.
        EngineBug: an exception in the engine caused the failure.
    """
    import urllib3  # noqa: PLC0415  (not needed to start)

    pool = urllib3.PoolManager(ca_certs=ca_bundle) if ca_bundle else _pool()
    try:
        headers = {SECRET_HEADER: secret} if secret else {}
        answer: Any = pool.request(
            method, url, body=body, headers=headers, timeout=timeout_s, retries=False, redirect=False
        )
    except urllib3.exceptions.HTTPError as error:
        raise Unanswered(f"{url} does not respond: {error}") from error
    if answer.status == 500 and HEADER in answer.headers:
        trace = answer.data.decode(errors="replace")
        raise EngineBug(Bug(f"{method} {url}", answer.headers[HEADER], trace))
    if answer.status != 200:
        said = answer.data.decode(errors="replace")[:500]
        raise Refused(f"{url} answered {answer.status}: {said}", answer.status)
    data: bytes = answer.data
    return data


@cache
def _pool() -> urllib3.PoolManager:
    """Return the shared connections for requests that do not need a CA. They are thread-safe."""
    import urllib3  # noqa: PLC0415  (not needed to start)

    return urllib3.PoolManager(maxsize=_AT_ONCE)


class ControlClient:
    """Sends control requests to an engine, for one account if the engine has several.

    The engine serves them with `functions.host.control_server`.

    `failed` is called with every Refused or Unanswered error, and returns the error to raise instead.
    `ca_bundle` is a CA file. `secret` is the engine's secret, or empty if the engine has none. A `patient`
    client has no timeout.
    """

    def __init__(
        self,
        url: str,
        failed: Callable[[EngineError], EngineError],
        account_id: str | None = None,
        ca_bundle: str = "",
        secret: str = "",
    ) -> None:
        self._url = url
        self._secret = secret
        self._ca_bundle = ca_bundle
        self._failed = failed
        self.patient = False
        self._account = {} if account_id is None else {"account": account_id}

    def ask(
        self, method: str, name: str, body: object = None, *, timeout_s: float = PATIENCE_S, **query: object
    ) -> bytes:
        """Return the response to a request.

        `body` is sent as JSON, or unchanged if it is bytes. Raises EngineError.
        """
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        text = urlencode({**query, **self._account})
        url = f"{self._url}{PREFIX}{name}" + (f"?{text}" if text else "")
        try:
            return ask(method, url, sent, None if self.patient else timeout_s, self._ca_bundle, self._secret)
        except (Refused, Unanswered) as error:
            raise self._failed(error) from error

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Set the faults, and reset the counts."""
        self.ask("POST", "faults", [asdict(fault) for fault in faults])

    def fired(self) -> Mapping[int, int]:
        """Return how many times each fault has fired, by fault ID."""
        return self.counts("fired")

    def declare(self, bucket: str, objects: Sequence[tuple[str, int]]) -> None:
        """Put objects, each specified as a key and a size in bytes, into an existing bucket."""
        self.ask("POST", "objects", {"bucket": bucket, "objects": objects})

    def invocations(self, name: str = "invocations", **query: Any) -> tuple[Invocation, ...]:
        """Return the invocations so far, sorted by start time, or those that the request `name` returns."""
        from pydantic import TypeAdapter  # noqa: PLC0415  (not needed to start)

        return TypeAdapter(tuple[Invocation, ...]).validate_json(self.ask("GET", name, **query))

    def forget(self) -> None:
        """Stop the account's functions, and delete its faults and invocations."""
        self.ask("POST", "forget")

    def counts(self, name: str) -> Mapping[int, int]:
        """Return the response to a request, which maps numbers to counts."""
        return {int(number): count for number, count in json.loads(self.ask("GET", name)).items()}
