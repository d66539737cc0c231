"""Add scenarios that an interrupted session did not reach to pytest's JUnit report, as errors.

After Ctrl-C, pytest reports only the tests that ran, so the others would be missing. SIGTERM and SIGHUP
terminate pytest immediately, without a report.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from _pytest.junitxml import xml_key

SUFFIXES = (".yaml", ".yml")
WHY = "not run: the session was interrupted"


class NotRun:
    """Hooks that record which tests have finished, in this process or in an xdist worker."""

    def __init__(self) -> None:
        self._ended: set[str] = set()
        self._workers: dict[str, object] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Store the xdist worker that started a test. The JUnit report identifies a test by its ID and its
        worker.
        """
        if worker := getattr(report, "node", None):
            self._workers[report.nodeid] = worker

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Record that a test has finished."""
        self._ended.add(nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Add the scenarios that did not finish to the report before it is written."""
        report = session.config.stash.get(xml_key, None)
        if report is None or exitstatus != pytest.ExitCode.INTERRUPTED:
            return
        for node_id in dict.fromkeys(_collected(session)):
            path, _, title = node_id.partition("::")
            if path.endswith(SUFFIXES) and node_id not in self._ended:
                failed = pytest.TestReport(node_id, (path, 0, title), {}, "failed", WHY, when="setup")
                if node_id in self._workers:
                    setattr(failed, "node", self._workers[node_id])  # noqa: B010  (an xdist attribute)
                report.pytest_runtest_logreport(failed)


def _collected(session: pytest.Session) -> Iterable[str]:
    """Yield the IDs of all tests. With xdist, they come from its scheduler."""
    yield from (item.nodeid for item in session.items)
    scheduler = getattr(session.config.pluginmanager.get_plugin("dsession"), "sched", None)
    yield from getattr(scheduler, "collection", None) or ()
