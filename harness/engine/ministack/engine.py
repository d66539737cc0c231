"""The part of the MiniStack engine that runs in the parent process."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from importlib import metadata
from typing import Any

from harness.engine.base import (
    Availability,
    Capability,
    Endpoint,
    EngineError,
    scrubbed_environment,
)
from harness.engine.child import reserve_port
from harness.engine.control_client import ask
from harness.engine.controlled import ChildEngine
from harness.functions.shared.control_protocol import SECRET_VARIABLE

START_TIMEOUT_S = 30.0
ACCOUNT = "000000000000"


class MiniStack(ChildEngine):
    """MiniStack in a child process on a free port on 127.0.0.1, with its files in a separate folder."""

    name = "ministack"
    summary = "MiniStack in a child process, no Docker (extra ministack)"
    capabilities = frozenset({Capability.DECLARED_SIZES, Capability.FAULTS, Capability.INVOCATIONS})

    def __init__(self) -> None:
        super().__init__("MiniStack", START_TIMEOUT_S, ACCOUNT)
        self._url = ""
        self._folder: str | None = None

    @property
    def label(self) -> str:
        """The engine's name with the version."""
        return f"{self.name} {metadata.version('ministack')}"

    def availability(self) -> Availability:
        """Return the version if MiniStack is installed."""
        try:
            return Availability(True, f"MiniStack {metadata.version('ministack')}")
        except metadata.PackageNotFoundError:
            return Availability(False, "not installed", "run: pip install 'stepfunctions-harness[ministack]'")

    def launch(self) -> None:
        """Start the child. Raises EngineError if MiniStack is not installed."""
        if self._folder is not None:
            return
        found = self.availability()
        if not found.usable:
            raise EngineError(f"MiniStack is {found.detail}; {found.remedy}")
        self._folder = tempfile.mkdtemp(prefix="ministack-")
        self._secret = secrets.token_hex(16)
        port = reserve_port()
        env = {
            **scrubbed_environment(os.environ),
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "HOME": self._folder,
            "STATE_DIR": self._folder,
            # These servers would listen on fixed ports.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "TMPDIR": self._folder,
            SECRET_VARIABLE: self._secret,
        }
        self._url = f"http://127.0.0.1:{port}"
        self._child.launch_module("harness.engine.ministack.server", self._folder, env=env)

    def _serving(self, ready: Any) -> tuple[Endpoint, str]:
        control_url: str = ready["control"]
        return Endpoint(url=self._url, account_id=ACCOUNT), control_url

    def stop(self) -> None:
        """Stop the child and remove its files."""
        super().stop()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def reset(self) -> Endpoint:
        """Reset MiniStack and the function runtime."""
        self._control.forget()
        assert self._endpoint is not None
        ask("POST", f"{self._endpoint.url}/_ministack/reset")
        return self._endpoint

    def declare(self, bucket: str, objects: Sequence[tuple[str, int]]) -> None:
        """Pass the objects to the child."""
        self._control.declare(bucket, objects)
