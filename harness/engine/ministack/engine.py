"""The parent's side of MiniStack."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata

from harness.engine.base import (
    Availability,
    Capability,
    Endpoint,
    Engine,
    EngineError,
    scrubbed_environment,
)
from harness.engine.child import Child, free_port
from harness.engine.questions import Unanswered, ask, fired_from, invocations_from
from harness.functions.model import Fault, Invocation

START_TIMEOUT_S = 30.0
ACCOUNT = "000000000000"


class MiniStack(Engine):
    """MiniStack in a child process on 127.0.0.1, on a free port, with its files in a folder of its own."""

    name = "ministack"
    summary = "MiniStack in a child process, no Docker"
    capabilities = frozenset({Capability.DECLARED_SIZES, Capability.FAULTS, Capability.INVOCATIONS})

    def __init__(self) -> None:
        self._child = Child("MiniStack", START_TIMEOUT_S)
        self._endpoint: Endpoint | None = None
        self._folder: str | None = None
        self._control = ""

    @property
    def label(self) -> str:
        """With its version."""
        return f"{self.name} {metadata.version('ministack')}"

    def availability(self) -> Availability:
        """Whether it is installed."""
        try:
            return Availability(True, f"MiniStack {metadata.version('ministack')}")
        except metadata.PackageNotFoundError:
            return Availability(False, "not installed", "run: pip install 'stepfunctions-harness[ministack]'")

    def launch(self) -> None:
        """Start the child. Raises EngineError when MiniStack is not installed."""
        if self._endpoint is not None:
            return
        found = self.availability()
        if not found.usable:
            raise EngineError(f"MiniStack is {found.detail}; {found.remedy}")
        self._folder = tempfile.mkdtemp(prefix="ministack-")
        port = free_port()
        env = {
            **scrubbed_environment(os.environ),
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "HOME": self._folder,
            "STATE_DIR": self._folder,
            # Servers on fixed ports.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "TMPDIR": self._folder,
        }
        self._endpoint = Endpoint(url=f"http://127.0.0.1:{port}", account_id=ACCOUNT)
        self._child.launch_module("harness.engine.ministack.server", self._folder, env=env)

    def start(self) -> Endpoint:
        """Start the child, if it is not, and wait until it serves."""
        self.launch()
        assert self._endpoint is not None
        self._control = self._child.ready()["control"]
        return self._endpoint

    def stop(self) -> None:
        """End the child."""
        self._endpoint = None
        self._child.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def reset(self) -> Endpoint:
        """Forget everything."""
        assert self._endpoint is not None, "the engine is not started"
        self._ask("POST", "forget")
        ask("POST", f"{self._endpoint.url}/_ministack/reset")
        return self._endpoint

    def declare(self, bucket: str, objects: Sequence[tuple[str, int]]) -> None:
        """Hand them to the child."""
        self._ask("POST", "objects", json.dumps({"bucket": bucket, "objects": objects}).encode())

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Hand the faults to the function runtime in the child."""
        self._ask("POST", "faults", json.dumps([asdict(fault) for fault in faults]).encode())

    def fired(self) -> Mapping[int, int]:
        """How often each has fired."""
        return fired_from(self._ask("GET", "fired"))

    def invocations(self) -> tuple[Invocation, ...]:
        """Every invocation since the last reset, in the order in which they began."""
        return invocations_from(self._ask("GET", "invocations"))

    def check(self) -> None:
        """Raise EngineError when the child has ended."""
        self._child.check()

    def _ask(self, method: str, name: str, body: bytes = b"") -> bytes:
        try:
            return ask(method, f"{self._control}/_harness/{name}?account={ACCOUNT}", body)
        except Unanswered as error:
            self.check()
            raise EngineError(f"MiniStack: {error}\n{self._child.last_log()}") from error
