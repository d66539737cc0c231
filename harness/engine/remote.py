"""Engines that are reached at an endpoint and live on after a scenario: perhaps shared with others.

Each scenario gets an account of its own, and what it made is removed before the next one and at the end. An
emulator with one account only is not to be shared: there, what a scenario made is what was not there before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from harness.engine.accounts import own_account
from harness.engine.base import Capability, Endpoint, Engine, EngineError
from harness.engine.cleanup import clean_up, inventory
from harness.engine.clients import Clients, loaded_session
from harness.engine.questions import Refused, Unanswered, ask, fired_from, invocations_from
from harness.functions.model import Fault, Invocation

if TYPE_CHECKING:
    import boto3


class RemoteEngine(Engine):
    """What all of them do once they know the URL: `attach` in `start`, `leave` in `stop`."""

    def __init__(self) -> None:
        self._session: boto3.session.Session | None = None
        self._clients: Clients | None = None
        self._url = ""

    def attach(self, url: str) -> Endpoint:
        """Begin to use the emulator that serves at `url`."""
        self._url = url
        with suppress(EngineError):  # the plugin is not there: it runs functions in its own way
            json.loads(ask("GET", f"{url}/_harness/about"))
            self.capabilities = frozenset(
                {Capability.DECLARED_SIZES, Capability.FAULTS, Capability.INVOCATIONS}
            )
        return self._enter()

    def leave(self) -> None:
        """Remove what is left; an emulator that has ended has nothing left."""
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415  (start-up)

        if self._clients is None:
            return
        try:
            with suppress(BotoCoreError, Unanswered):
                self._remove(self._clients)
        finally:
            self._clients = None

    def reset(self) -> Endpoint:
        """Remove what the scenario made; the next one has another account."""
        assert self._clients is not None, "the engine is not started"
        self._remove(self._clients)
        return self._enter()

    def check(self) -> None:
        """Raise EngineError when it does not answer any more."""
        if self._url:
            with suppress(Refused):
                ask("GET", self._url, timeout_s=10)

    def declare(self, bucket: str, objects: Sequence[tuple[str, int]]) -> None:
        """Hand them to the plugin."""
        self._ask("POST", "objects", json.dumps({"bucket": bucket, "objects": objects}).encode())

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Hand the faults to the plugin, for this account."""
        self._ask("POST", "faults", json.dumps([asdict(fault) for fault in faults]).encode())

    def fired(self) -> Mapping[int, int]:
        """How often each has fired."""
        return fired_from(self._ask("GET", "fired")) if self._has_plugin else {}

    def invocations(self) -> tuple[Invocation, ...]:
        """Every invocation in this account, in the order in which they began."""
        return invocations_from(self._ask("GET", "invocations")) if self._has_plugin else ()

    @property
    def _has_plugin(self) -> bool:
        return Capability.INVOCATIONS in self.capabilities

    def _enter(self) -> Endpoint:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (start-up)

        if self._session is None:
            self._session = loaded_session()
        try:
            self._clients = own_account(self._url, self._session)
            self._before = inventory(self._clients)
        except (BotoCoreError, ClientError) as error:
            raise EngineError(f"{self.name}: {self._url} does not speak AWS's API: {error}") from error
        return self._clients.endpoint

    def _remove(self, clients: Clients) -> None:
        if self._has_plugin:
            self.set_faults(())
        left = clean_up(clients, self._before)
        if self._has_plugin:
            self._ask("POST", "forget")
        if left:
            names = ", ".join(sorted(f"{kind} {name}" for kind, name in left))
            raise EngineError(f"{self.name}: could not remove {names}")

    def _ask(self, method: str, name: str, body: bytes = b"") -> bytes:
        assert self._clients is not None
        account = self._clients.endpoint.account_id
        try:
            return ask(method, f"{self._url}/_harness/{name}?account={account}", body)
        except (Refused, Unanswered) as error:
            self.check()
            raise EngineError(f"{self.name}: {error}") from error
