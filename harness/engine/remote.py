"""Engines reached at an endpoint. They continue to run after a scenario, and may be shared.

Each scenario gets its own account, and its resources are removed before the next scenario and at the end. Do
not share an emulator that has only one account, because all new resources in it are attributed to the
scenario.
"""

from __future__ import annotations

import json
import os
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from harness.engine.accounts import own_account
from harness.engine.base import Capability, Endpoint, EngineError
from harness.engine.cleanup import clean_up, inventory
from harness.engine.clients import Clients, loaded_session
from harness.engine.control_client import ControlClient, Refused, Unanswered, ask
from harness.engine.controlled import ControlledEngine
from harness.functions.shared.control_protocol import PREFIX
from harness.functions.shared.model import Invocation

if TYPE_CHECKING:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError


WITH_PLUGIN = frozenset({Capability.DECLARED_SIZES, Capability.FAULTS, Capability.INVOCATIONS})
"""Capabilities of an emulator that runs functions with the harness's plugin."""


class RemoteEngine(ControlledEngine):
    """An engine at a URL, which `_reach` finds.

    If the emulator continues to run after `stop`, the subclass calls `leave` in `stop`.
    """

    def __init__(self) -> None:
        self._session: boto3.session.Session | None = None
        self._clients: Clients | None = None
        self._url = self._secret = ""
        self.ca_bundle = ""

    @abstractmethod
    def _reach(self) -> str:
        """Return the emulator's URL. Raises EngineError with the reason and the remedy."""

    def start(self) -> Endpoint:
        """Connect to the emulator, unless it is already connected."""
        if self._clients is not None:
            return self._clients.endpoint
        try:
            return self._attach(self._reach())
        except EngineError:
            self.stop()
            raise

    def _attach(self, url: str) -> Endpoint:
        self._url = url
        # the plugin is not installed: the emulator runs functions with its own runtime
        with suppress(EngineError):
            self._find_plugin()
            self.capabilities = WITH_PLUGIN
        return self._enter()

    def _find_plugin(self) -> None:
        """Connect to the emulator.

        The exported session token is sent only after a request without it was rejected. Raises EngineError.
        """
        about = f"{self._url}{PREFIX}about"
        try:
            json.loads(ask("GET", about, ca_bundle=self.ca_bundle, secret=self._secret))
        except Refused as error:
            exported = os.environ.get("AWS_SESSION_TOKEN", "")
            if error.status != 403 or not exported:
                raise
            json.loads(ask("GET", about, ca_bundle=self.ca_bundle, secret=exported))
            self._secret = exported

    def leave(self) -> None:
        """Remove the remaining resources. An emulator that has exited has none."""
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415  (start-up)

        if self._clients is None:
            return
        try:
            with suppress(BotoCoreError, Unanswered):
                self._remove(self._clients)
        finally:
            self._clients = None

    def reset(self) -> Endpoint:
        """Remove the scenario's resources. The next scenario uses a different account."""
        assert self._clients is not None, "the engine is not running"
        self._remove(self._clients)
        return self._enter()

    def check(self) -> None:
        """Raise EngineError if the emulator no longer responds."""
        if self._url:
            with suppress(Refused):
                ask("GET", self._url, timeout_s=10, ca_bundle=self.ca_bundle)

    def declare(self, bucket: str, objects: Sequence[tuple[str, int]]) -> None:
        """Pass the faults to the plugin."""
        self._control.declare(bucket, objects)

    def set_network(self, addresses: Sequence[str]) -> None:
        """Pass the addresses to the plugin. Without the plugin, the emulator's own rules apply."""
        if self._has_plugin:
            super().set_network(addresses)

    def fired(self) -> Mapping[int, int]:
        """Return how many times each fault has fired. The result is empty without the plugin."""
        return super().fired() if self._has_plugin else {}

    def invocations(self) -> tuple[Invocation, ...]:
        """List all invocations in this account. The result is empty without the plugin."""
        return super().invocations() if self._has_plugin else ()

    @property
    def _has_plugin(self) -> bool:
        return Capability.INVOCATIONS in self.capabilities

    def _enter(self) -> Endpoint:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (start-up)

        if self._session is None:
            self._session = loaded_session()
        try:
            clients = self._account(self._session)
            self._before = inventory(clients)
        except (BotoCoreError, ClientError) as error:
            raise EngineError(f"{self.name}: {self._explained(error)}") from error
        self._clients = clients
        return clients.endpoint

    def _account(self, session: boto3.session.Session) -> Clients:
        """Return clients for the next scenario's account. Raises botocore errors."""
        return own_account(Endpoint(self._url, session_token=self._secret), session)

    def _explained(self, error: BotoCoreError | ClientError) -> str:
        """Explain why the emulator cannot be used."""
        return f"{self._url} does not speak AWS's API: {error}"

    def _remove(self, clients: Clients) -> None:
        if self._has_plugin:
            self.set_faults(())
        left = clean_up(clients, self._before)
        if self._has_plugin:
            self._control.forget()
        if left:
            names = ", ".join(sorted(f"{kind} {name}" for kind, name in left))
            raise EngineError(f"{self.name}: could not remove {names}")

    @property
    def _control(self) -> ControlClient:
        assert self._clients is not None, "the engine is not running"
        account_id = self._clients.endpoint.account_id
        return ControlClient(self._url, self._failed, account_id, self.ca_bundle, self._secret)

    def _failed(self, error: EngineError) -> EngineError:
        self.check()
        return EngineError(f"{self.name}: {error}")
