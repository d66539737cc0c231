"""A session runs scenarios on one engine: the stages in the order in which data flows.

    seed -> deploy -> run -> observe -> compare

Each stage takes a value and gives a value; this module alone knows their order. A session keeps its engine
between scenarios (a start costs a second) and starts every scenario from an empty one.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.bind import durations, faults
from harness.engine.base import Capability, Endpoint, Engine, EngineError
from harness.engine.clients import Clients, loaded_session
from harness.execute import Start, run
from harness.expect.compare import compare, expectations, refused
from harness.judgement import Judgement, standing
from harness.notes import Note
from harness.observe.access import Access
from harness.observe.inbox import Inbox
from harness.observe.model import Observation
from harness.observe.policies import read_access
from harness.observe.read import observe
from harness.observe.sources import in_project
from harness.renaming import restored, used
from harness.report.model import Outcome, Result
from harness.scenario.model import RunSpec, Scenario
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
class _Progress:
    """The state of a scenario while it is under way."""

    timings_s: dict[str, float] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)  # buckets whose names others have
    notes: tuple[Note, ...] = ()
    template: Path | None = None
    told: Callable[[str], object] = lambda _: None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.told(name)
        begin = time.monotonic()
        try:
            yield
        finally:
            self.timings_s[name] = self.timings_s.get(name, 0.0) + time.monotonic() - begin


class Session:
    """Runs scenarios on one engine, one after another; a context manager that stops it at the end.

    `on_stage` is told the name of each stage when it begins. Methods raise EngineError when the engine cannot
    start or breaks down.
    """

    def __init__(self, engine: Engine, on_stage: Callable[[str], object] = lambda _: None):
        self.engine = engine
        self._on_stage = on_stage
        self._clients: Clients | None = None
        self._used = False
        self._looked_at: tuple[Stack, Access] | None = None
        self._stacks: list[Stack] = []  # deployed since the engine was empty

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.stop()

    def start(self) -> Endpoint:
        """Start the engine, unless it runs. Its endpoint, capabilities and label are known from then on."""
        if self._clients is None:
            self.engine.launch()
            session = loaded_session()  # while the engine comes up
            self._clients = Clients(self.engine.start(), session)
        return self._clients.endpoint

    @property
    def clients(self) -> Clients:
        """Clients of the started engine."""
        assert self._clients is not None, "the engine is not started"
        return self._clients

    def fresh(self) -> Clients:
        """Clients of an engine on which nothing has been made yet; it is started if need be."""
        self.start()
        if self._used:
            endpoint = self.engine.reset()
            if endpoint != self.clients.endpoint:  # another account
                self._clients = Clients(endpoint, self.clients.session)
        self._used = True
        self._stacks.clear()
        return self.clients

    def discard_engine(self) -> None:
        """Stop the engine, for example because something in it does not end; the next use starts another."""
        self.engine.stop()
        self._clients = None
        self._used = False

    def run(self, scenario: Scenario, settings: Settings) -> Result:
        """Run the scenario and compare what it left with what it expects."""
        begin = time.monotonic()
        progress = _Progress(told=self._on_stage)
        with progress.stage("start"):
            self.start()
        lacking = sorted(_needs(scenario) - self.engine.capabilities)
        if lacking:
            reason = f"{self.engine.name} cannot " + ", and cannot ".join(lacking)
            return self._result(scenario, "skipped", begin, progress, None, reason)
        try:
            with self._answering():
                machines_of(scenario, settings)  # before anything is made
                stack = self.prepare(scenario, settings, progress, ClockMode.STEPPED)
                inbox = Inbox.open(self.clients, stack)
            judged = self.judge(scenario, stack, inbox, progress)
        except (DeployError, TemplateError, ScenarioError) as error:
            self.engine.check()
            self.discard_engine()
            return self._result(scenario, "error", begin, progress, None, str(error))
        outcome: Outcome = "error" if judged.reason else "failed" if judged.mismatches else "passed"
        return self._result(scenario, outcome, begin, progress, judged, judged.reason)

    def prepare(
        self,
        scenario: Scenario,
        settings: Settings,
        progress: _Progress | None = None,
        mode: ClockMode = ClockMode.VIRTUAL,
    ) -> Stack:
        """Seed and deploy only.

        Raises:
            DeployError: the template cannot be deployed, or lacks a function that the scenario names.
        """
        progress = progress or _Progress()
        with progress.stage("start"):
            clients = self.fresh()
            if Capability.VIRTUAL_CLOCK in self.engine.capabilities:
                self.engine.set_clock_mode(ClockMode.REAL if scenario.clock == "real" else mode)
        with progress.stage("seed"):
            progress.renamed = seed(self.engine, clients, list(scenario.seed.expanded()))
        with progress.stage("deploy"):
            template, parameters = template_of(scenario, settings, self.more_parameters(settings))
            name, machine = settings.stack_name, settings.state_machine
            stack = self.deploy(template, parameters, name=name, machine=machine)
        progress.notes, progress.template = stack.notes, stack.template
        if scenario.faults:
            self.engine.set_faults(faults(scenario, stack, progress.renamed))
        if scenario.durations:
            self.engine.set_durations(durations(scenario, stack, progress.renamed))
        return stack

    def judge(
        self, scenario: Scenario, stack: Stack, inbox: Inbox, progress: _Progress | None = None
    ) -> Judgement:
        """Start the scenario's runs on a deployed stack, observe what they leave, and compare it.

        `inbox` is subscribed to the stack's topics. When a run does not end in time, the engine is discarded.
        """
        progress = progress or _Progress()
        with self._answering():
            with progress.stage("run"):
                starts = [_start(r, stack, progress) for r in scenario.runs]
                # Policies do not change during a run, most of which is waiting.
                with ThreadPoolExecutor(1) as meanwhile:
                    access = meanwhile.submit(self._access, stack)
                    started = run(self.engine, self.clients, starts)
            with progress.stage("observe"):
                seen = observe(self.engine, self.clients, stack, inbox, started, access.result())
                seen = restored(self._without_others(seen, stack), progress.renamed)
        reason = "\n".join(standing(s, r) for s, r in zip(started, seen.runs, strict=True) if not s.ended)
        if reason:
            self.engine.check()
            self.discard_engine()
            # Why something takes for ever may be a call that AWS would refuse.
            return Judgement(seen, refused(scenario, seen), reason)
        with progress.stage("compare"):
            return Judgement(seen, compare(scenario, seen))

    def deploy(
        self, template: Path, parameters: Mapping[str, str], *, name: str, machine: str | None = None
    ) -> Stack:
        """Deploy a template; `machine` is the logical id of the state machine that runs start.

        Raises:
            DeployError: the template cannot be deployed.
        """
        stack = replace(deploy(self.clients, template, name, parameters), default_machine=machine)
        self._stacks.append(stack)
        return stack

    def more_parameters(self, settings: Settings) -> Mapping[str, str]:
        """Parameters that are added on this engine: those for real time where it has no virtual clock."""
        virtual = Capability.VIRTUAL_CLOCK in self.engine.capabilities
        return {} if virtual else settings.real_time_parameters

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Raise EngineError where a connection to the engine fails, or the engine refuses its user."""
        from botocore.exceptions import (  # noqa: PLC0415  (start-up)
            ClientError,
            ConnectionError,
            HTTPClientError,
        )

        try:
            yield
        except (ConnectionError, HTTPClientError) as error:
            self.engine.check()
            raise EngineError(f"{self.engine.label} does not answer any more: {error}") from error
        except ClientError as error:
            if refusal := self.engine.refusal(error):
                raise EngineError(refusal) from error
            raise

    def _access(self, stack: Stack) -> Access:
        """Read the permissions in the stack; those of an unchanged stack are kept."""
        if self._looked_at is None or self._looked_at[0] != stack:
            self._looked_at = (stack, read_access(self.clients, stack))
        return self._looked_at[1]

    def _without_others(self, seen: Observation, stack: Stack) -> Observation:
        """An observation in which the state machines of other stacks are not left behind."""
        others = {
            arn.rpartition(":")[2]
            for other in self._stacks
            if other != stack
            for arn in other.of_type("AWS::StepFunctions::StateMachine").values()
        }
        return replace(seen, machines_left=tuple(n for n in seen.machines_left if n not in others))

    def _result(
        self,
        scenario: Scenario,
        outcome: Outcome,
        begin: float,
        progress: _Progress,
        judged: Judgement | None,
        reason: str,
    ) -> Result:
        return Result(
            scenario=scenario,
            engine=self.engine.name,
            outcome=outcome,
            duration_s=time.monotonic() - begin,
            mismatches=judged.mismatches if judged else (),
            observation=in_project(judged.observation, progress.template) if judged else None,
            reason=reason,
            reproduce=f"harness run {shlex.quote(str(scenario.path))} --engine {self.engine.name}",
            timings_s={} if outcome == "skipped" else progress.timings_s,
            notes=progress.notes,
        )


def _start(run: RunSpec, stack: Stack, progress: _Progress) -> Start:
    machine = stack.state_machine(run.state_machine)
    return Start(run.name, machine, used(run.input, progress.renamed), run.timeout_s, run.at_s)


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
