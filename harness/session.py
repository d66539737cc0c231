"""A scenario from file to result: the stages in the order in which data flows, on one engine.

    seed -> deploy -> run -> observe -> compare

Each stage takes a value and gives a value; this module alone knows their order. A session keeps its engine
between scenarios (a start costs a second) and starts every scenario from an empty one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.bind import durations, faults
from harness.engine.base import Capability, Endpoint, Engine, EngineError
from harness.engine.clients import Clients, loaded_session
from harness.execute import Start, Started, run
from harness.expect.compare import compare, expectations, refused
from harness.expect.model import Mismatch
from harness.observe.access import Access
from harness.observe.inbox import Inbox
from harness.observe.model import Observation, Run
from harness.observe.policies import read_access
from harness.observe.read import observe
from harness.renaming import restored, used
from harness.report.model import Outcome, Result
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.seed import seed
from harness.settings import Settings
from harness.stack.deploy import deploy
from harness.stack.model import DeployError, Stack
from harness.stack.template import TemplateError
from harness.stack.template_choice import machines_of, template_of
from harness.stepfunctions.task_time import ClockMode

UPLOADED_BYTES = 64 * 1024 * 1024
"""Objects of a declared size are uploaded as zeros where an engine has no others, up to this many bytes."""


@dataclass
class _Play:
    """What is known of a scenario while it is under way."""

    timings_s: dict[str, float] = field(default_factory=dict)
    observation: Observation | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)  # buckets whose names others have

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        finally:
            self.timings_s[name] = self.timings_s.get(name, 0.0) + time.monotonic() - begin


class Session:
    """Runs scenarios on one engine, one after another; a context manager that starts and stops it.

    Methods raise EngineError when the engine cannot start or breaks down.
    """

    def __init__(self, engine: Engine, settings: Settings):
        self.engine = engine
        self.settings = settings
        self._clients: Clients | None = None
        self._used = False
        self._looked_at: tuple[Stack, Access] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.stop()

    @property
    def endpoint(self) -> Endpoint:
        """Where the engine serves; it is started for that."""
        return self.clients.endpoint

    @property
    def clients(self) -> Clients:
        """Clients of the engine; it is started for that."""
        if self._clients is None:
            self.engine.launch()
            session = loaded_session()  # while the engine comes up
            self._clients = Clients(self.engine.start(), session)
        return self._clients

    def fresh(self) -> Clients:
        """Clients of an engine on which nothing has been made yet."""
        if self._used:
            endpoint = self.engine.reset()
            if endpoint != self.clients.endpoint:  # another account
                self._clients = Clients(endpoint, self.clients.session)
        self._used = True
        return self.clients

    def restart(self) -> None:
        """Give up the engine as it is, for example because something in it does not come to an end."""
        self.engine.stop()
        self._clients = None
        self._used = False

    def run(self, scenario: Scenario) -> Result:
        """Play the scenario and compare what it left with what it expects."""
        from botocore.exceptions import (  # noqa: PLC0415  (start-up)
            ClientError,
            ConnectionError,
            HTTPClientError,
        )

        begin = time.monotonic()
        play = _Play()
        with play.stage("start"):
            _ = self.clients  # what the engine can do is known when it is started
        lacking = sorted(_needs(scenario) - self.engine.capabilities)
        if lacking:
            reason = f"{self.engine.name} cannot " + ", and cannot ".join(lacking)
            return self._result(scenario, "skipped", begin, reason=reason)
        try:
            reason = self._play(scenario, play)
        except (DeployError, TemplateError, ScenarioError) as error:
            reason = str(error)
        except (ConnectionError, HTTPClientError) as error:
            self.engine.check()
            raise EngineError(f"{self.engine.label} does not answer any more: {error}") from error
        except ClientError as error:
            if refusal := self.engine.refusal(error):
                raise EngineError(refusal) from error
            raise
        if reason:
            self.engine.check()
            self.restart()
            # Why something takes for ever may be a call that AWS would refuse.
            denied = refused(scenario, play.observation) if play.observation else ()
            return self._result(scenario, "error", begin, play, denied, reason)
        assert play.observation is not None
        with play.stage("compare"):
            mismatches = compare(scenario, play.observation)
        return self._result(scenario, "failed" if mismatches else "passed", begin, play, mismatches)

    def prepare(
        self, scenario: Scenario, play: _Play | None = None, mode: ClockMode = ClockMode.VIRTUAL
    ) -> Stack:
        """Seed and deploy only."""
        play = play or _Play()
        with play.stage("start"):
            clients = self.fresh()
            if Capability.VIRTUAL_CLOCK in self.engine.capabilities:
                self.engine.set_clock_mode(ClockMode.REAL if scenario.clock == "real" else mode)
        with play.stage("seed"):
            play.renamed = seed(self.engine, clients, list(scenario.seed.expanded()))
        with play.stage("deploy"):
            stack = self.deploy(*template_of(scenario, self.settings, self.real_time_parameters))
        if scenario.faults:
            self.engine.set_faults(faults(scenario, stack, play.renamed))
        if scenario.durations:
            self.engine.set_durations(durations(scenario, stack, play.renamed))
        return stack

    @property
    def real_time_parameters(self) -> Mapping[str, str]:
        """What is deployed besides where waiting takes as long as it says."""
        virtual = Capability.VIRTUAL_CLOCK in self.engine.capabilities
        return {} if virtual else self.settings.real_time_parameters

    def deploy(self, template: Path, parameters: dict[str, str]) -> Stack:
        """Deploy a template to the engine."""
        return deploy(self.clients, template, self.settings.stack_name, parameters)

    def _play(self, scenario: Scenario, play: _Play) -> str:
        machines = machines_of(scenario, self.settings)
        stack = self.prepare(scenario, play, ClockMode.STEPPED)
        inbox = Inbox.open(self.clients, stack)
        with play.stage("run"):
            starts = [
                Start(r.name, stack.state_machine(m), used(r.input, play.renamed), r.timeout_s, r.at_s)
                for r, m in zip(scenario.runs, machines, strict=True)
            ]
            # Policies do not change during a run, most of which is waiting.
            with ThreadPoolExecutor(1) as meanwhile:
                access = meanwhile.submit(self._access, stack)
                started = run(self.engine, self.clients, starts)
        with play.stage("observe"):
            seen = observe(self.engine, self.clients, stack, inbox, started, access.result())
            play.observation = restored(seen, play.renamed)
        return "\n".join(
            _standing(s, r) for s, r in zip(started, play.observation.runs, strict=True) if not s.ended
        )

    def _access(self, stack: Stack) -> Access:
        """Who may do what in the stack; the same stack as before has been looked at before."""
        if self._looked_at is None or self._looked_at[0] != stack:
            self._looked_at = (stack, read_access(self.clients, stack))
        return self._looked_at[1]

    def _result(
        self,
        scenario: Scenario,
        outcome: Outcome,
        begin: float,
        play: _Play | None = None,
        mismatches: tuple[Mismatch, ...] = (),
        reason: str = "",
    ) -> Result:
        return Result(
            scenario=scenario,
            engine=self.engine.name,
            outcome=outcome,
            duration_s=time.monotonic() - begin,
            mismatches=mismatches,
            observation=play.observation if play else None,
            reason=reason,
            reproduce=_reproduce(scenario, self.engine.name),
            timings_s=play.timings_s if play else {},
        )


def _needs(scenario: Scenario) -> frozenset[Capability]:
    needs = set()
    for fault in scenario.faults:
        if fault.target != "task":
            needs.add(Capability.FAULTS)
        if fault.target == "task" or fault.state:
            needs.add(Capability.TASK_FAULTS)
    for expectation in expectations(scenario):
        if expectation.is_asked(scenario):
            needs |= expectation.needs
    if scenario.durations or scenario.clock == "virtual":
        needs.add(Capability.VIRTUAL_CLOCK)
    if scenario.seed.declared_bytes > UPLOADED_BYTES:
        needs.add(Capability.DECLARED_SIZES)
    return frozenset(needs)


def _standing(started: Started, seen: Run) -> str:
    lines = [f"run {started.name} did not end within {started.timeout_s:g} s; it stands like this:"]
    for execution in seen.executions:
        entered = [e for e in execution.events if e.type.endswith("StateEntered")]
        state = (
            f"in state {entered[-1].details['name']} since {entered[-1].timestamp:%H:%M:%S}"
            if entered
            else ""
        )
        lines.append(f"  {execution.status} {execution.machine_name}/{execution.name} {state}".rstrip())
    return "\n".join(lines)


def _reproduce(scenario: Scenario, engine: str) -> str:
    return f"harness run {scenario.path} --engine {engine}"
