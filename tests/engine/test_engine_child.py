"""The process of an engine: its port, and one thread that stops it while another checks on it."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys

import pytest

from harness.engine.base import EngineError
from harness.engine.child import Child, reserve_port


class StoppedMeanwhile(subprocess.Popen[bytes]):
    """A process whose child is stopped concurrently while its exit is awaited."""

    child: Child

    def wait(self, timeout: float | None = None) -> int:
        ended = super().wait(timeout)
        self.child.stop()
        return ended


def test_a_process_that_another_thread_stops_meanwhile_has_ended() -> None:
    child = Child("moto", 1.0)
    process = StoppedMeanwhile(
        [sys.executable, "-c", "raise SystemExit(3)"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.child = child
    child._process = process
    with pytest.raises(EngineError, match="moto ended with"):
        child.check()
    assert child.last_log() == ""


def test_a_log_that_another_thread_closes_meanwhile_is_empty() -> None:
    child = Child("moto", 1.0)
    child._log = open("/dev/null", "rb")  # noqa: SIM115  (closed below)
    child._log.close()
    assert child.last_log() == ""


def test_only_a_server_that_asks_for_the_reserved_port_gets_it() -> None:
    port = reserve_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use") as refused:
        other.bind(("127.0.0.1", port))
    assert refused.value.errno == errno.EADDRINUSE
    with socket.create_server(("127.0.0.1", port)) as server:  # sets SO_REUSEADDR, as emulators do
        assert server.getsockname()[1] == port
