"""Engines that run functions in the harness's runtime and respond to control requests about them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from harness.engine.base import Endpoint, Engine, EngineError
from harness.engine.child import Child
from harness.engine.control_client import ControlClient
from harness.functions.shared.model import Fault, Invocation


class ControlledEngine(Engine):
    """An engine that responds to control requests."""

    @property
    @abstractmethod
    def _control(self) -> ControlClient:
        """Return a client for control requests. The engine must have been started."""

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Pass the faults to the function runtime."""
        self._control.set_faults(faults)

    def set_network(self, addresses: Sequence[str]) -> None:
        """Pass the addresses to the function runtime."""
        self._control.ask("POST", "network", list(addresses))

    def fired(self) -> Mapping[int, int]:
        """Return how many times each fault has fired since the faults were set, by fault ID."""
        return self._control.fired()

    def invocations(self) -> tuple[Invocation, ...]:
        """List all invocations since the last reset, sorted by start time."""
        return self._control.invocations()


class ChildEngine(ControlledEngine):
    """An emulator in a separate child process. `launch` starts `_child`.

    `account_id`: the account for control requests, if the emulator has several.
    """

    def __init__(self, emulator: str, start_timeout_s: float, account_id: str | None = None):
        self._child = Child(emulator, start_timeout_s)
        self._endpoint: Endpoint | None = None
        self._control_url = self._secret = ""
        self._account_id = account_id

    @abstractmethod
    def _serving(self, ready: Any) -> tuple[Endpoint, str]:
        """Return the endpoint and the URL for control requests, from the value that the child printed.

        Sets `_secret` if control requests need a secret.
        """

    def start(self) -> Endpoint:
        """Launch the child if necessary, and wait until it accepts requests."""
        self.launch()
        if self._endpoint is None:
            self._endpoint, self._control_url = self._serving(self._child.ready())
        return self._endpoint

    def stop(self) -> None:
        """Stop the child."""
        self._endpoint = None
        self._child.stop()

    def check(self) -> None:
        """Raise EngineError if the child has exited."""
        self._child.check()

    def wait_for_end(self) -> None:
        """Block until the child exits."""
        self._child.wait_for_end()

    @property
    def _control(self) -> ControlClient:
        assert self._endpoint is not None, "the engine is not running"
        return ControlClient(self._control_url, self._failed, self._account_id, secret=self._secret)

    def _failed(self, error: EngineError) -> EngineError:
        self.check()
        return EngineError(f"{self._child.name}: {error}\n{self._child.last_log()}")
