"""Engines that run functions in the harness's own runtime, which is asked about them under /_harness/."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from harness.engine.base import Endpoint, Engine, EngineError
from harness.engine.child import Child
from harness.engine.questions import Refused, Unanswered, ask, fired_from, invocations_from
from harness.functions.model import Fault, Invocation


class ControlledEngine(Engine):
    """An engine whose function runtime is asked with `_ask`."""

    @abstractmethod
    def _ask(self, method: str, name: str, body: bytes = b"") -> bytes:
        """Return the answer to a request under /_harness/. Raises EngineError when there is none."""

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Hand the faults to the function runtime."""
        self._ask("POST", "faults", json.dumps([asdict(fault) for fault in faults]).encode())

    def fired(self) -> Mapping[int, int]:
        """Count how often each fault has fired since they were set, by its id."""
        return fired_from(self._ask("GET", "fired"))

    def invocations(self) -> tuple[Invocation, ...]:
        """List every invocation since the last reset, in the order in which they began."""
        return invocations_from(self._ask("GET", "invocations"))


class ChildEngine(ControlledEngine):
    """An emulator in a child process of its own; `launch` starts `_child`."""

    def __init__(self, emulator: str, start_timeout_s: float):
        self._child = Child(emulator, start_timeout_s)
        self._endpoint: Endpoint | None = None
        self._control_url = ""

    @abstractmethod
    def _serving(self, ready: Any) -> tuple[Endpoint, str]:
        """Return the endpoint and the URL for questions, from the value that the child has printed."""

    def start(self) -> Endpoint:
        """Launch the child, if that is not done, and wait until it serves."""
        self.launch()
        if self._endpoint is None:
            self._endpoint, self._control_url = self._serving(self._child.ready())
        return self._endpoint

    def stop(self) -> None:
        """End the child."""
        self._endpoint = None
        self._child.stop()

    def check(self) -> None:
        """Raise EngineError when the child has ended."""
        self._child.check()

    def _ask(self, method: str, name: str, body: bytes = b"", timeout_s: float = 60) -> bytes:
        assert self._endpoint is not None, "the engine is not started"
        try:
            return ask(method, f"{self._control_url}/_harness/{name}", body, timeout_s)
        except (Refused, Unanswered) as error:
            self.check()
            raise EngineError(f"{self._child.name}: {error}\n{self._child.last_log()}") from error
