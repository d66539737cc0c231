"""An interrupted sweep in several processes leaves no processes and no engines behind."""

from __future__ import annotations

import signal

import pytest
from processes import alive, children, start, workers

from harness.polling import poll

pytestmark = pytest.mark.thorough  # starts many processes; one run on one Python is enough


@pytest.mark.parametrize(
    ("how", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGHUP, 130), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_a_sweep_that_is_ended_leaves_nothing(how: signal.Signals, status: int) -> None:
    with start("sweep", "scenarios/two-buckets.yaml", "-n", "2") as sweep:
        poll(lambda: workers(sweep.pid), lambda found: len(found) == 2, what="two workers", timeout_s=300)
        started = children(sweep.pid)
        sweep.send_signal(how)
        said, errors = sweep.communicate(timeout=60)
    assert sweep.returncode == status, said + errors
    assert "Traceback" not in said + errors
    assert ("stopped: " in said and " more faults were not tried" in said) is (how != signal.SIGKILL)
    poll(lambda: alive(started), lambda left: not left, what="end of all processes", timeout_s=20)
