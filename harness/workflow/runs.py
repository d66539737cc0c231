"""The runs that a caller starts in a session."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import count

from harness.observe.inbox import Inbox
from harness.scenario import units
from harness.scenario.position import RefusedError
from harness.session import Session
from harness.settings import SettingsError
from harness.stack.model import Stack
from harness.workflow.as_scenario import Begun, Caller, scenario_of
from harness.workflow.started import StartedRun


class Runs:
    """Starts runs on deployed stacks. Once a `Runs` exists, the virtual clock moves only while a caller
    waits.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._inboxes: dict[str, Inbox] = {}
        self._names: set[str] = set()
        session.engine.step()

    def start(
        self, caller: Caller, stack: Stack, input: object, name: str | None, timeout_s: float
    ) -> StartedRun:
        """Start a run. Default names are run-1, run-2, ...

        Raises:
            HarnessError: the run cannot be started.
        """
        scenario = scenario_of(caller, {} if input is None else input, self._name(name), timeout_s)
        # Subscribed once: the messages from a second run follow those from the first.
        if stack.name not in self._inboxes:
            self._inboxes[stack.name] = Inbox.open(self._session.clients, stack)
        begin_s = time.monotonic()
        arn = self._session.begin(scenario, stack)
        return StartedRun(
            caller, self._session, Begun(scenario, stack, self._inboxes[stack.name], arn, begin_s)
        )

    def sleep(self, for_: str | float | timedelta) -> None:
        """Let time pass on the clock: `"10 min"` as in scenarios, or seconds.

        Raises:
            SettingsError: the time is invalid.
        """
        self._session.engine.clock.sleep(_seconds(for_))

    def _name(self, name: str | None) -> str:
        """Return the name for a run, which must be unique."""
        if name is None:
            name = next(free for n in count(1) if (free := f"run-{n}") not in self._names)
        elif name in self._names:
            raise SettingsError(f"a run named {name!r} already exists; choose a different name, or omit it")
        self._names.add(name)
        return name


def _seconds(value: str | float | timedelta) -> float:
    """Return a time in seconds. Raises SettingsError if it is invalid."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    try:
        return units.seconds(value if isinstance(value, str) else f"{float(value):f} s")
    except (RefusedError, TypeError, ValueError) as error:
        raise SettingsError(f"sleep: {error}") from None
