"""The requests that an engine answers beside the AWS API: JSON over HTTP, under /_harness/.

An engine makes a table of what it can be asked from the routes here and its own. These are the same on every
engine with our function runtime:

POST /_harness/faults       [{...Fault}, ...]; counting starts again
GET  /_harness/fired        {fault's id: how often it fired}
POST /_harness/network      ["host:port", ...]: what functions may connect to beside the engine

and these on emulators that have several accounts; each request, one of the above too, names its account in
`?account=ID`:

GET  /_harness/about        {"emulator": "LocalStack", "version": "4.14.0"}
POST /_harness/objects      {"bucket": name, "objects": [[key, size in bytes], ...]}
GET  /_harness/invocations  [{...Invocation}, ...]
POST /_harness/forget       stop the account's functions, and forget its faults and invocations
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
"""Answers a request: query and body -> something that JSON has a form for."""
Routes = Mapping[tuple[str, str], Handler]
"""Handlers by method and name: `("GET", "fired")`."""


class Reply(NamedTuple):
    """An HTTP response: JSON with status 200, or a sentence with 400, 403 or 404."""

    status: int
    text: str

    @property
    def content_type(self) -> str:
        """The type of the text."""
        return "application/json" if self.status == 200 else "text/plain"


class ControlServer:
    """Answers what is in its table, to those who know the secret if there is one."""

    def __init__(self, routes: Routes, secret: str = "") -> None:
        self._routes = routes
        self._secret = secret

    def reply(self, method: str, path: str, query: Query, body: bytes, secret: str = "") -> Reply:
        """Answer a request to a path under PREFIX; `secret` is what its SECRET_HEADER has.

        403 when that is wrong; 404, with the known requests, when there is none such; 400 when its query or
        body is malformed.
        """
        if self._secret and not hmac.compare_digest(secret.encode("utf-8", "replace"), self._secret.encode()):
            return Reply(403, f"{PREFIX} is for the harness itself, which has the secret")
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
    """Read a number of seconds. Raises ValueError or TypeError when it is none, or not finite."""
    seconds = float(value)  # type: ignore[arg-type]  # TypeError is the answer
    if not math.isfinite(seconds):
        raise ValueError(f"{value} is not a number of seconds; give a finite one")
    return seconds


def fault_routes(faults: FaultRegistry) -> Routes:
    """Set faults, and tell which ones fired."""

    def set_faults(query: Query, body: bytes) -> None:
        faults.set((Fault(**fault) for fault in json.loads(body)), _account(query))

    return {
        ("POST", "faults"): set_faults,
        ("GET", "fired"): lambda query, _: dict(faults.fired(_account(query))),
    }


def network_routes(set_network: Callable[[str, Sequence[str]], None]) -> Routes:
    """Say what the functions of an account, "" for all, may connect to."""
    return {("POST", "network"): lambda query, body: set_network(_account(query), json.loads(body))}


def account_routes(
    accounts: AccountRuntime, about: Mapping[str, str], declare: Callable[[str, bytes], None]
) -> Routes:
    """Everything that an emulator with our function runtime is asked.

    `about` names it and its version; `declare` puts objects of a declared size into an account's bucket.
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
