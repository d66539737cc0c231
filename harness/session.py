"""A session runs scenarios on one engine, in stages:

    seed -> deploy -> run -> observe -> compare

Each stage takes a value and returns a value. Only this module knows their order. A session keeps its engine
between scenarios, because starting one takes a second. Every scenario starts with an empty engine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from harness.bind import answers, durations, faults, starts
from harness.bug import Bug, EngineBug, report, report_of_engine
from harness.engine.base import Capability, Endpoint, Engine, EngineError
from harness.engine.clients import Clients, loaded_session
from harness.execute import Start, StartError, begin_one, run, settle
from harness.expect.compare import accepted, compare, refused, unused
from harness.expect.events import unmatched
from harness.functions.shared.model import Measures
from harness.given import Given
from harness.judgement import Judgement, standing, unsettled, without_others
from harness.lint.check import refuse_all
from harness.lint.scenarios import begin_for
from harness.needs import needs_of
from harness.notes import Note
from harness.observe.access import Access
from harness.observe.definitions import definitions, map_items
from harness.observe.event_watch import EventWatch
from harness.observe.inbox import Inbox
from harness.observe.left import is_expected, read_left
from harness.observe.policies import read_access
from harness.observe.read import observe
from harness.observe.runtimes import runtime_notes
from harness.planned import Planned
from harness.polling import Clock
from harness.progress import Progress, reproduce
from harness.regions import Place
from harness.renaming import restored
from harness.report.model import Outcome, Result
from harness.scenario.answers import placed_answers
from harness.scenario.hosts import host_entries
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.scenario.units import seconds
from harness.seeding import seed_account, seed_stack
from harness.settings import DEFAULT_HANG, Settings, SettingsError
from harness.stack.declared import declared, of_kind
from harness.stack.environment import place_of
from harness.stack.given_values import given_by
from harness.stack.giving import give_for
from harness.stack.joined import deploy_all
from harness.stack.model import DeployError, Stack
from harness.stack.naming import OWN_NAMES, Naming, naming_of
from harness.stack.packaging import Code
from harness.stack.stack_choice import stacks_of
from harness.stack.template import TemplateError
from harness.stack.template_choice import always_answered, default_machine, machines_of
from harness.stand_ins import bound, never_asked
from harness.stepfunctions.task_time import ClockMode
from harness.unserved import refuse_functions, refuse_tasks, refuse_unserved

USERS = (DeployError, EngineError, ScenarioError, StartError, TemplateError)
"""Exceptions that are not bugs: the user must fix something outside the harness."""


During: TypeAlias = Callable[[Stack], AbstractContextManager[Callable[[], Stack]]]
"""An action on a deployed stack during its runs, in its own thread.

Its context begins before the first run starts, and yields a function. When the context has ended, this
function returns the current stack.
"""


class Debugs(Protocol):
    """Debugs functions and state machines."""

    @property
    def clock(self) -> Clock:
        """Real time, without the time that the user spends in the debugger."""
        ...

    def begin(self, engine: Engine) -> None:
        """Attach to an engine before a stack is deployed on it."""
        ...

    def deployed(self, engine: Engine, stack: Stack) -> None:
        """Receive the deployed stack. Raises DeployError for a resource that does not exist."""
        ...


@contextmanager
def _nothing(stack: Stack) -> Iterator[Callable[[], Stack]]:
    yield lambda: stack


def _make_machines(planned: Sequence[Planned]) -> bool:
    """Return whether the planned stacks can create state machines."""
    return any(declared(each.template).makes_machines for each in planned)


class Session:
    """Runs scenarios on one engine, one after another. As a context manager, stops the engine at the end.

    `on_stage` receives the name of each stage (`start`, `seed`, `deploy`, `run`, ...) when it begins. It can
    be replaced between scenarios. With `definitions`, observations include state machine definitions. With
    `measures`, they include the executed lines of function code, or the arcs between lines.

    `debugger`, if set, debugs the runs. Its clock measures real-time limits.

    Methods raise EngineError when the engine cannot start or breaks down; `run` only when it cannot start.
    After an unexpected exception, the engine is discarded, and the next use starts a new one.
    """

    def __init__(
        self,
        engine: Engine,
        on_stage: Callable[[str], object] = lambda _: None,
        *,
        definitions: bool = False,
        measures: Measures = "",
    ):
        self.engine = engine
        self.on_stage = on_stage
        self.definitions = definitions
        self.measures = measures
        self.debugger: Debugs | None = None
        self._clients: Clients | None = None
        self._used = False
        self._looked_at: tuple[Stack, Access] | None = None
        self._network: tuple[str, ...] = ()  # set on the engine
        self._stacks: list[Stack] = []  # deployed since the engine was last reset

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.stop()

    def start(self) -> Endpoint:
        """Start the engine, unless it is running. Its endpoint, capabilities and label are known
        afterwards.
        """
        if self._clients is None:
            self.engine.launch()
            session = loaded_session()  # while the engine starts
            self._clients = Clients(self.engine.start(), session)
            if self.measures:
                self.engine.measure(arcs=self.measures == "arcs")
        return self._clients.endpoint

    @property
    def clients(self) -> Clients:
        """Return clients for the started engine."""
        assert self._clients is not None, "the engine is not running"
        return self._clients

    def fresh(self) -> Clients:
        """Return clients for an empty engine. Starts the engine if necessary."""
        self.start()
        if self._used:
            endpoint = self.engine.reset()
            if endpoint != self.clients.endpoint:  # another account
                self._clients = Clients(endpoint, self.clients.session)
        self._used = True
        self._stacks.clear()
        return self.clients

    def go_to(self, place: Place) -> None:
        """Use a different Region and account from the next start on, if the engine supports this."""
        if self.engine.goes_to(place):
            self.discard_engine()

    def allow_network(self, settings: Settings) -> None:
        """Allow functions to connect only to the addresses in the settings and to the engine."""
        if settings.network != self._network:
            self.engine.set_network(settings.network)
            self._network = settings.network

    def discard_engine(self) -> None:
        """Stop the engine, for example because something in it does not finish. The next use starts a new
        one.
        """
        self.engine.stop()
        self._clients = None
        self._used = False
        self._network = ()

    def run(self, scenario: Scenario, settings: Settings, during: During = _nothing) -> Result:
        """Run the scenario and compare the result with its expectations.

        Permissions are read before the first run. Changes `during` the runs do not affect them.

        Raises:
            TemplateRefused: AWS rejects its template.
        """
        progress = Progress(told=self.on_stage)
        with progress.stage("start"):
            with suppress(SettingsError):  # reported later, if the stacks are created at all
                self.go_to(place_of(stacks_of(scenario, settings), settings))
            self.start()
        lacking = sorted(needs_of(scenario) - self.engine.capabilities)
        if lacking:
            reason = f"{self.engine.name} cannot " + ", and cannot ".join(lacking)
            return progress.result(scenario, self.engine.name, "skipped", None, reason)
        checks = begin_for(scenario, settings)  # in parallel with the run, if the result is not cached
        result = self._played(scenario, settings, progress, during)
        refuse_all(checks, settings)
        return result

    def _played(self, scenario: Scenario, settings: Settings, progress: Progress, during: During) -> Result:
        """Return the result of a scenario that the engine can run."""
        judged = None
        outcome: Outcome = "error"
        try:
            with self._discarding():
                judged = self._judged(scenario, settings, progress, during)
        except (DeployError, ScenarioError, StartError, TemplateError) as error:
            reason = str(error)
            self.discard_engine()
        except EngineError as error:
            reason, progress.broke = f"the engine broke down: {error}", "engine"
            self.discard_engine()
        except Exception as error:  # errors that a user can cause are handled above
            progress.broke = "harness"
            reason = report(error, self.engine.label, reproduce(scenario, self.engine.name))
        else:
            outcome = "error" if judged.reason else "failed" if judged.mismatches else "passed"
            reason = judged.reason
            progress.broke = judged.broke
        return progress.result(scenario, self.engine.name, outcome, judged, reason)

    def _judged(
        self, scenario: Scenario, settings: Settings, progress: Progress, during: During
    ) -> Judgement:
        """Run all stages of a scenario on the started engine."""
        try:
            with self._answering():
                machines_of(scenario, settings)  # before anything is created
                stack = self.prepare(scenario, settings, progress, ClockMode.STEPPED)
                refuse_unserved(self.engine, self.clients, stack, scenario)
                refuse_functions(self.clients, stack, scenario)
                inbox = Inbox.open(self.clients, stack)
            judged = self.judge(scenario, stack, inbox, progress, during)
            progress.notes += runtime_notes(stack, judged.observation.invocations)
            if inbox.late:
                progress.notes += (Note("runtime", "", "messages", inbox.late),)
        except (DeployError, ScenarioError, StartError, TemplateError):
            self.engine.check()  # the cause may be that the engine has exited
            raise
        return judged

    def _bugs(self) -> tuple[Bug, ...]:
        """Return the exceptions in the engine, if it can still report them."""
        try:
            return self.engine.bugs()
        except (AssertionError, EngineBug, EngineError):
            return ()

    def prepare(
        self,
        scenario: Scenario,
        settings: Settings,
        progress: Progress | None = None,
        mode: ClockMode = ClockMode.VIRTUAL,
        *,
        people: bool = False,
    ) -> Stack:
        """Seed and deploy only. With `people`, users work with the stack, and its clock runs in `mode`, not
        in the scenario's clock mode.

        Raises:
            DeployError: the template cannot be deployed, or lacks a function that the scenario refers to.
        """
        progress = progress or Progress()
        with progress.stage("start"):
            self.go_to(place_of(stacks_of(scenario, settings), settings))
            clients = self.fresh()
            self.allow_network(settings)
            if Capability.VIRTUAL_CLOCK in self.engine.capabilities:
                real = scenario.clock == "real" and not people
                self.engine.set_clock_mode(ClockMode.REAL if real else mode, people=people)
                if scenario.hosts:
                    self.engine.set_hosts(host_entries(scenario.hosts))
                if settings.hang != DEFAULT_HANG:
                    self.engine.set_hang(seconds(settings.hang))
        with progress.stage("seed"):
            progress.renamed = seed_account(
                self.engine, clients, scenario, lambda far: progress.told(f"seed: {far}")
            )
        with progress.stage("deploy"):
            planned = stacks_of(scenario, settings, self.more_parameters(settings))
            machine = default_machine(planned, settings)
            naming = naming_of(scenario, planned, machine)
            given = given_by(scenario, settings)
            answered = always_answered(scenario)
            stack = self.deploy(planned, settings, naming, machine=machine, given=given, answered=answered)
        progress.notes, progress.origins = stack.notes, stack.origins
        if scenario.seed.is_for_stack:
            with progress.stage("seed"):
                seed_stack(self.engine, clients, scenario, stack)
        buckets = {**of_kind(stack, "bucket"), **progress.renamed}
        if scenario.faults or scenario.calls:
            self.engine.set_faults(faults(scenario, stack, buckets))
        if scenario.tasks:
            bound_to = bound(clients, scenario, stack, buckets, lambda: _make_machines(planned))
            self.engine.set_stand_ins(bound_to)
        if scenario.durations:
            self.engine.set_durations(durations(scenario, stack, buckets))
        if any(placed_answers(scenario)):
            self.engine.set_answers(*answers(scenario, stack))
        return stack

    def begin(self, scenario: Scenario, stack: Stack) -> str:
        """Start the scenario's only run on a deployed stack and return its ARN. `judge` waits until it ends.

        Raises:
            StartError: it cannot be started.
        """
        with self._discarding(), self._answering():
            refuse_tasks(self.clients, stack, scenario)
            self._access(stack)
            (start,) = self._starts(scenario, stack, {})
            return begin_one(self.clients, start)

    def judge(
        self,
        scenario: Scenario,
        stack: Stack,
        inbox: Inbox,
        progress: Progress | None = None,
        during: During = _nothing,
        begun: str = "",
    ) -> Judgement:
        """Start the scenario's runs on a deployed stack, observe their results, and compare them.

        `inbox` is subscribed to the stack's topics. If a run does not finish in time, the engine is
        discarded. `begun` is the execution of the only run if `begin` has started it.
        """
        progress = progress or Progress()
        with self._discarding(), self._answering():
            refuse_tasks(self.clients, stack, scenario)
            unasked = never_asked(self.clients, scenario, stack) if scenario.tasks else frozenset()
            with progress.stage("run"), progress.telling("run", self.engine.under_way):
                runs = self._starts(scenario, stack, progress.renamed)
                if begun:
                    runs = [replace(each, execution_arn=begun) for each in runs]
                watch = EventWatch.open(self.clients, stack) if is_expected(scenario, "events") else None
                # Policies do not change during a run, which mostly waits. The exception is a change by
                # `during`.
                with ThreadPoolExecutor(1) as meanwhile:
                    access = meanwhile.submit(self._access, stack)
                    if during is not _nothing:
                        access.result()
                    with during(stack) as then:
                        clock = time if self.debugger is None else self.debugger.clock
                        started = run(self.engine, self.clients, runs, clock)
                        limit_s = max((each.timeout_s for each in started), default=0.0)
                        settled = not all(each.ended for each in started) or settle(
                            self.engine, limit_s, clock
                        )
            stack = then()
            with progress.stage("observe"):
                seen = observe(self.engine, self.clients, stack, inbox, started, access.result(), scenario)
                waits = Capability.VIRTUAL_CLOCK not in self.engine.capabilities
                left = read_left(self.clients, stack, scenario, progress.renamed, watch, waits=waits)
                used = {n: times for n, times in seen.stand_ins_used.items() if n not in unasked}
                seen = replace(seen, left=left, stand_ins_used=used)
                if self.definitions:
                    found = definitions(self.clients, stack, seen.runs)
                    seen = replace(seen, definitions=found, map_items=map_items(self.clients, seen.runs))
                if self.measures:
                    seen = replace(seen, ran=self.engine.measured())
                seen = restored(without_others(seen, stack, self._stacks), progress.renamed)
        ends = zip(started, seen.runs, strict=True)
        reason = "\n".join(standing(s, r, scenario, stack) for s, r in ends if not s.ended)
        if not settled:
            reason = unsettled(started, scenario)
        if reason:
            self.engine.check()
            self.discard_engine()
            # A run may never end because of a call that AWS would reject, or an answer that does not match.
            why = (*unused(scenario, seen), *refused(scenario, seen))
            return Judgement(seen, why, reason, notes=accepted(seen))
        if bugs := self.engine.bugs():
            label, command = self.engine.label, reproduce(scenario, self.engine.name)
            self.discard_engine()
            return Judgement(seen, (), report_of_engine(bugs, label, command), bugs)
        with progress.stage("compare"), self._discarding():
            return Judgement(seen, compare(scenario, seen), notes=(*accepted(seen), *unmatched(seen)))

    def _starts(self, scenario: Scenario, stack: Stack, renamed: Mapping[str, str]) -> Sequence[Start]:
        """Return a scenario's runs, as the engine starts them."""
        made = starts(scenario, stack, renamed)
        return [replace(each, machine_arn=self.engine.start_arn(each.machine_arn)) for each in made]

    def deploy(
        self,
        planned: Sequence[Planned],
        settings: Settings | None = None,
        naming: Naming = OWN_NAMES,
        *,
        machine: str | None = None,
        given: Given | None = None,
        answered: frozenset[str] = frozenset(),
    ) -> Stack:
        """Deploy stacks in order, and return all of them as a single stack, see `joined`.

        `machine` is the name of the state machine that the scenario's runs start. `settings` contain the
        organization's policies and the accepted findings. `given` are external values; default: the values in
        the settings. Functions `answered` by stand-ins need no code.

        Raises:
            DeployError: one of them cannot be deployed.
            TemplateError: one requires an external value that is missing.
        """
        if self.debugger is not None:
            self.debugger.begin(self.engine)  # also for functions that run during the deployment
        if settings is not None:
            give_for(self.engine, self.clients, planned, given or settings.given, settings)
        code = Code.of(settings, self.engine.name, answered) if settings else None
        stack = replace(deploy_all(self.clients, planned, naming, code), default_machine=machine)
        if settings is not None:
            stack = replace(stack, scp=settings.scp or (), accept=settings.accept)
        self._stacks.append(stack)
        if self.debugger is not None:
            self.debugger.deployed(self.engine, stack)
        return stack

    def more_parameters(self, settings: Settings) -> Mapping[str, str]:
        """Return the parameters that are added on this engine: those for real time if it has no virtual
        clock.
        """
        virtual = Capability.VIRTUAL_CLOCK in self.engine.capabilities
        return {} if virtual else settings.real_time_parameters

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Raise EngineError if a connection to the engine fails, or the engine rejects its credentials."""
        from botocore.exceptions import (  # noqa: PLC0415  (start-up)
            ClientError,
            ConnectionError,
            HTTPClientError,
        )

        try:
            yield
        except (ConnectionError, HTTPClientError) as error:
            self.engine.check()
            raise EngineError(f"{self.engine.label} no longer responds: {error}") from error
        except ClientError as error:
            if refusal := self.engine.refusal(error):
                raise EngineError(refusal) from error
            raise

    @contextmanager
    def _discarding(self) -> Iterator[None]:
        """Discard the engine after an unexpected exception, because its state is unknown."""
        try:
            yield
        except USERS:
            raise
        except Exception as error:
            for bug in self._bugs():
                error.add_note(f"Before that, in the engine: {bug.call}\n{bug.trace}")
            self.discard_engine()
            raise

    def _access(self, stack: Stack) -> Access:
        """Read the permissions in the stack. The permissions of an unchanged stack are reused."""
        if self._looked_at is None or self._looked_at[0] != stack:
            self._looked_at = (stack, read_access(self.clients, stack))
        return self._looked_at[1]
