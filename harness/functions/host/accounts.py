"""The function runtime for an emulator with several accounts. Their invocations and faults are separate."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ..faults.registry import FaultRegistry
from ..shared.model import Fault, FunctionConfig, Invocation
from .runtime import FunctionRuntime


class AccountRuntime:
    """This process's function runtime, which is started on first use, and its invocations by account."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runtime: FunctionRuntime | None = None
        self._invocations: dict[str, list[Invocation]] = defaultdict(list)
        self.faults = FaultRegistry()

    @property
    def runtime(self) -> FunctionRuntime:
        """Return the runtime for functions in all accounts."""
        with self._lock:
            if self._runtime is None:
                self._runtime = FunctionRuntime(faults=self.faults)
            return self._runtime

    def invoke(self, config: FunctionConfig, payload: bytes) -> Invocation:
        """Run the function and record the invocation."""
        invocation = self.runtime.invoke(config, payload)
        self._invocations[config.account_id].append(invocation)
        return invocation

    def invocations(self, account_id: str) -> list[Invocation]:
        """Return the account's invocations since the last `forget`, sorted by start time."""
        return sorted(self._invocations[account_id], key=lambda invocation: invocation.started_at)

    def set_faults(self, account_id: str, faults: Iterable[Fault]) -> None:
        """Replace the faults in the account's functions and their calls."""
        self.faults.set(faults, account_id)

    def set_network(self, account_id: str, addresses: Sequence[str]) -> None:
        """Set the addresses that the account's functions may connect to, in addition to the engine.

        Raises ValueError.
        """
        self.runtime.set_network(addresses, account_id)

    def forget(self, account_id: str) -> None:
        """Stop the account's functions, and discard its faults and invocations."""
        self.set_faults(account_id, ())
        self.runtime.stop_environments(account_id)
        self._invocations.pop(account_id, None)

    def close(self) -> None:
        """Stop all functions."""
        with self._lock:
            if self._runtime is not None:
                self._runtime.close()
