"""Scenarios that an interrupted session did not come to: pytest's own JUnit report names them as errors.

pytest writes that report after Ctrl-C with the tests that ran, and no other: to whoever reads it, the others
would not be there. SIGTERM and SIGHUP end pytest at once, without any report.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from _pytest.junitxml import xml_key

SUFFIXES = (".yaml", ".yml")
WHY = "not run: the session was interrupted"


class NotRun:
    """Hooks that know which tests have ended, in this process or in a worker of xdist."""

    def __init__(self) -> None:
        self._ended: set[str] = set()
        self._workers: dict[str, object] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember the worker of xdist that has begun a test: the report keeps a place for both together."""
        if worker := getattr(report, "node", None):
            self._workers[report.nodeid] = worker

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Remember that a test has ended."""
        self._ended.add(nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Tell the report of the scenarios that did not end, before it is written."""
        report = session.config.stash.get(xml_key, None)
        if report is None or exitstatus != pytest.ExitCode.INTERRUPTED:
            return
        for node_id in dict.fromkeys(_collected(session)):
            path, _, title = node_id.partition("::")
            if path.endswith(SUFFIXES) and node_id not in self._ended:
                failed = pytest.TestReport(node_id, (path, 0, title), {}, "failed", WHY, when="setup")
                if node_id in self._workers:
                    setattr(failed, "node", self._workers[node_id])  # noqa: B010  (an attribute of xdist's)
                report.pytest_runtest_logreport(failed)


def _collected(session: pytest.Session) -> Iterable[str]:
    """Give the ids of all tests; of xdist's, those that its scheduler knows."""
    yield from (item.nodeid for item in session.items)
    scheduler = getattr(session.config.pluginmanager.get_plugin("dsession"), "sched", None)
    yield from getattr(scheduler, "collection", None) or ()
