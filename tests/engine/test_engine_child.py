"""An engine process that one thread stops while a different thread checks why it does not respond."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.engine.base import EngineError
from harness.engine.child import Child


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
