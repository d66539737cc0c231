"""The requests that an engine handles in addition to the AWS API. They use JSON over HTTP, under /_harness/.

An engine builds its routing table from the routes in this module and its own. These routes are the same on
every engine with our function runtime:

POST /_harness/faults       [{...Fault}, ...]; resets the counts
GET  /_harness/fired        {fault's id: number of times that it fired}
POST /_harness/network      ["host:port", ...]: addresses that functions may connect to, apart from the engine

These routes exist on emulators with several accounts. There, each request, including those above, names its
account in `?account=ID`:

GET  /_harness/about        {"emulator": "LocalStack", "version": "4.14.0"}
POST /_harness/objects      {"bucket": name, "objects": [[key, size in bytes], ...]}
GET  /_harness/invocations  [{...Invocation}, ...]
POST /_harness/forget       stop the account's functions, and discard its faults and invocations
"""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

from ..faults.registry import FaultRegistry
from ..shared.control_protocol import PREFIX
from ..shared.model import Fault
from .accounts import AccountRuntime

Query = Mapping[str, str]
Handler = Callable[[Query, bytes], object]
"""A request handler: query and body -> a JSON-serializable value."""
Routes = Mapping[tuple[str, str], Handler]
"""Handlers by method and name: `("GET", "fired")`."""


class Reply(NamedTuple):
    """An HTTP response: JSON with status 200, or an error message with status 400, 403 or 404."""

    status: int
    text: str

    @property
    def content_type(self) -> str:
        """Return the content type of the text."""
        return "application/json" if self.status == 200 else "text/plain"


class ControlServer:
    """A server for the routes in its table. If it has a secret, callers must send it."""

    def __init__(self, routes: Routes, secret: str = "") -> None:
        self._routes = routes
        self._secret = secret

    def reply(self, method: str, path: str, query: Query, body: bytes, secret: str = "") -> Reply:
        """Handle a request to a path under PREFIX; `secret` is the value of its SECRET_HEADER.

        The status is 403 if the secret is wrong, 404 if the request is unknown (the body then lists the known
        requests), and 400 if the request's query or body is malformed.
        """
        if self._secret and not hmac.compare_digest(secret.encode("utf-8", "replace"), self._secret.encode()):
            return Reply(403, f"{PREFIX} requires the harness's secret")
        handler = self._routes.get((method, path.removeprefix(PREFIX)))
        if handler is None:
            known = ", ".join(f"{known} {PREFIX}{name}" for known, name in sorted(self._routes))
            return Reply(404, f"unknown request {method} {path}; known: {known}")
        try:
            answer = handler(query, body)
        except (LookupError, TypeError, ValueError) as error:
            return Reply(400, f"malformed request {method} {path}: {type(error).__name__}: {error}")
        return Reply(200, json.dumps(answer))


def seconds_of(value: object) -> float:
    """Read a number of seconds. Raises ValueError or TypeError if it is not a finite number."""
    seconds = float(value)  # type: ignore[arg-type]  # TypeError is intended
    if not math.isfinite(seconds):
        raise ValueError(f"{value} is not a number of seconds; use a finite number")
    return seconds


def fault_routes(faults: FaultRegistry) -> Routes:
    """Return the routes that set faults and report how many times each fired."""

    def set_faults(query: Query, body: bytes) -> None:
        faults.set((Fault(**fault) for fault in json.loads(body)), _account(query))

    return {
        ("POST", "faults"): set_faults,
        ("GET", "fired"): lambda query, _: dict(faults.fired(_account(query))),
    }


def network_routes(set_network: Callable[[str, Sequence[str]], None]) -> Routes:
    """Return the route that sets the addresses that an account's functions ("" for all) may connect to."""
    return {("POST", "network"): lambda query, body: set_network(_account(query), json.loads(body))}


def account_routes(
    accounts: AccountRuntime, about: Mapping[str, str], declare: Callable[[str, bytes], None]
) -> Routes:
    """Return the routes for an emulator with our function runtime.

    `about` contains the emulator's name and version. `declare` puts objects with a declared size into an
    account's bucket.
    """

    def invocations(query: Query, _: bytes) -> object:
        return [asdict(invocation) for invocation in accounts.invocations(_account(query))]

    return {
        **fault_routes(accounts.faults),
        **network_routes(accounts.set_network),
        ("GET", "about"): lambda _query, _body: dict(about),
        ("POST", "objects"): lambda query, body: declare(_account(query), body),
        ("GET", "invocations"): invocations,
        ("POST", "forget"): lambda query, _: accounts.forget(_account(query)),
    }


def _account(query: Query) -> str:
    return query.get("account", "")
