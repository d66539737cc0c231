"""LocalStack as a local process, without Docker."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from harness.engine.base import (
    Availability,
    Capability,
    Endpoint,
    EngineError,
    Options,
    scrubbed_environment,
)
from harness.engine.child import Child, reserve_port
from harness.engine.localstack.install import NO_PYTHON, PYTHON, VERSIONS, Environment
from harness.engine.localstack.mocks import TEST_CASE, mock_file
from harness.engine.pythons import pythons
from harness.engine.remote import RemoteEngine
from harness.functions.shared.control_protocol import SECRET_VARIABLE
from harness.printable import say
from harness.stepfunctions.stand_ins import StandIn

START_TIMEOUT_S = 60.0
INSTALL = "harness engines install localstack"
# https://docs.localstack.cloud/references/configuration/: the last two settings refer to parts of the plugin.
CONFIGURATION = {
    "DISABLE_EVENTS": "1",
    "DNS_ADDRESS": "0",
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    "LAMBDA_RUNTIME_EXECUTOR": "process",
    "PROVIDER_OVERRIDE_DYNAMODB": "moto",
}


class LocalStackHost(RemoteEngine):
    """LocalStack in a child process on a free port on 127.0.0.1, with its files in a separate folder."""

    name = "localstack-host"
    summary = f"LocalStack {' or '.join(VERSIONS)} as a local process, no Docker; installed by `{INSTALL}`"

    def __init__(self, version: str | None = None):
        super().__init__()
        self._environment = Environment(version or _preferred())
        self._child = Child(f"LocalStack {self._environment.version}", START_TIMEOUT_S)
        self._folder: str | None = None
        self._mocks = 0

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Select the requested version. Default: the first installed version."""
        return cls(options.localstack_version)

    @property
    def label(self) -> str:
        """The engine's name with the version."""
        return f"{self.name} ({self._child.name})"

    def availability(self) -> Availability:
        """Return whether LocalStack is installed, according to the files in the cache."""
        if self._environment.installed:
            return Availability(True, f"{self._child.name} in {self._environment.folder}")
        can_install = any(pythons(PYTHON, os.environ))
        return Availability(False, "not installed", f"run: {INSTALL}" if can_install else NO_PYTHON)

    def launch(self) -> None:
        """Start the child. Raises EngineError if LocalStack is not installed."""
        if self._url:
            return
        found = self.availability()
        if not found.usable:
            raise EngineError(f"{self._child.name} is {found.detail}; {found.remedy}")
        self._environment.refresh_plugin(lambda text: say(text, file=sys.stderr))
        self._folder = tempfile.mkdtemp(prefix="localstack-")
        self._secret = secrets.token_hex(16)
        port = reserve_port()
        self._url = f"http://127.0.0.1:{port}"
        env = {
            **scrubbed_environment(os.environ),
            **CONFIGURATION,
            "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            "FILESYSTEM_ROOT": self._folder,
            "TMPDIR": self._folder,
            "SFN_MOCK_CONFIG": self._mock_file,
            SECRET_VARIABLE: self._secret,
        }
        command = (str(self._environment.python), "-P", "-m", "harness_localstack", self._folder)
        self._child.launch(command, env)

    def _reach(self) -> str:
        self.launch()
        self._child.ready()
        return self._url

    def _attach(self, url: str) -> Endpoint:
        endpoint = super()._attach(url)
        self.capabilities |= {Capability.MOCKS}
        return endpoint

    def reset(self) -> Endpoint:
        """Remove the scenario's resources and stand-ins."""
        Path(self._mock_file).unlink(missing_ok=True)
        return super().reset()

    def set_stand_ins(self, stand_ins: Sequence[StandIn]) -> None:
        """Write LocalStack's mocked response file."""
        assert self._clients is not None, "the engine is not running"
        pages = self._clients.stepfunctions.get_paginator("list_state_machines").paginate()
        names = [machine["name"] for page in pages for machine in page["stateMachines"]]
        path = Path(self._mock_file)
        path.write_text(mock_file(names, stand_ins), encoding="utf-8")
        self._mocks += 1
        # LocalStack reads the file again only if its modification time differs by whole seconds
        os.utime(path, (self._mocks, self._mocks))

    def start_arn(self, machine_arn: str) -> str:
        """Return the ARN with the test case for the stand-ins, if there are any."""
        return f"{machine_arn}#{TEST_CASE}" if Path(self._mock_file).exists() else machine_arn

    @property
    def _mock_file(self) -> str:
        return os.path.join(self._folder or "", "mocks.json")

    def stop(self) -> None:
        """Stop the child and remove its files."""
        self._clients = None
        self._url = ""
        self._child.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def wait_for_end(self) -> None:
        """Return when the child has exited."""
        self._child.wait_for_end()

    def check(self) -> None:
        """Raise EngineError if the child has exited."""
        self._child.check()


def _preferred() -> str:
    return next((version for version in VERSIONS if Environment(version).installed), VERSIONS[0])
