"""Fixtures for tests in Python: an empty engine, deployed templates, runs that are judged, and sweeps."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.hidden import without_secrets
from harness.pytest_plugin.code_covering import record_lines
from harness.pytest_plugin.covering import record, recorder
from harness.pytest_plugin.options import covers
from harness.pytest_plugin.state import explained, harness_session, harness_settings, own_path, shown
from harness.pytest_plugin.told import tell
from harness.setting_checks import stack_name_problem
from harness.settings import SettingsError

if TYPE_CHECKING:
    from harness.engine.clients import Clients
    from harness.expect.model import Mismatch
    from harness.observe.inbox import Inbox
    from harness.observe.model import Execution, Observation
    from harness.report.model import Result
    from harness.scenario.model import Scenario
    from harness.stack.model import Stack
    from harness.sweep.model import Swept


class RunResult:
    """A run that has ended: what it left, and what AWS would have refused of it.

    A test fails at its end when a run has mismatches and the test has not read `mismatches` of a run that
    has them: to read the attribute is to judge them in the test.
    """

    def __init__(self, result: Result, observation: Observation):
        self.observation = observation
        self.result = result
        self.was_read = False

    @property
    def execution(self) -> Execution:
        """The execution that was started."""
        return self.observation.runs[-1].execution

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Calls that lack a permission, and sizes beyond a limit of AWS. Reading it counts as judging."""
        self.was_read = True
        return self.result.mismatches


RUNS = pytest.StashKey[list[RunResult]]()


class Runner:
    """Starts the state machine of a deployed stack and waits for its end.

        result = harness_run({"exclude": []})
        result = harness_run({"order": 1}, name="first", timeout_s=10, stack=payments)

    Without `stack` it is that of the fixture `harness_stack`. `timeout_s` is real time. Without `name` the
    runs of a test are called run-1, run-2, ...
    """

    def __init__(self, request: pytest.FixtureRequest):
        self._request = request
        self._session = harness_session(request.config)
        self._inboxes: dict[str, Inbox] = {}
        self._names: set[str] = set()

    def __call__(
        self,
        input: object = None,
        *,
        name: str | None = None,
        timeout_s: float = 60,
        stack: Stack | None = None,
    ) -> RunResult:
        """Run it; the test fails when the run cannot be started, or does not end in time."""
        if stack is None:
            stack = self._request.getfixturevalue("harness_stack")
        with explained():
            from harness.observe.inbox import Inbox  # noqa: PLC0415
            from harness.observe.lines import lines_in_project  # noqa: PLC0415
            from harness.observe.sources import in_project  # noqa: PLC0415
            from harness.report.failure import failure_text  # noqa: PLC0415
            from harness.report.model import Result  # noqa: PLC0415

            name = self._name(name)
            scenario = _scenario(self._request.node, {} if input is None else input, name, timeout_s)
            # Subscribed once: the messages of a second run come after those of the first.
            if stack.name not in self._inboxes:
                self._inboxes[stack.name] = Inbox.open(self._session.clients, stack)
            begin = time.monotonic()
            judged = self._session.judge(scenario, stack, self._inboxes[stack.name])
            observation = lines_in_project(in_project(judged.observation, stack.origins), stack.origins)
            result = Result(
                scenario=scenario,
                engine=self._session.engine.name,
                outcome="error" if judged.reason else "failed" if judged.mismatches else "passed",
                duration_s=time.monotonic() - begin,
                mismatches=judged.mismatches,
                observation=observation,
                reason=judged.reason,
                reproduce=f"pytest {shlex.quote(_reproduce_id(self._request.node))}",
                notes=stack.notes + judged.notes,
                broke=judged.broke,
            )
            record(self._request.config, judged.observation, self._request.path)
            record_lines(self._request.config, observation)
            tell(self._request.node, result)
            text = failure_text(result) if judged.reason else ""
        if text:
            pytest.fail(without_secrets(text), pytrace=False)
        run = RunResult(result, judged.observation)
        self._request.node.stash.setdefault(RUNS, []).append(run)
        return run

    def _name(self, name: str | None) -> str:
        """The name of a run, which no run of this test has had."""
        if name is None:
            name = next(free for n in count(1) if (free := f"run-{n}") not in self._names)
        elif name in self._names:
            raise SettingsError(
                f"harness_run: a run of this test is already called {name!r}; choose another name, or leave "
                "it out"
            )
        self._names.add(name)
        return name


def unread_mismatches(item: pytest.Item) -> str:
    """The explanation of the mismatches of a test's runs that it has not read; "" for none."""
    runs = item.stash.get(RUNS, [])
    known = {mismatch for run in runs if run.was_read for mismatch in run.result.mismatches}
    unread = [run.result for run in runs if not run.was_read and set(run.result.mismatches) - known]
    if not unread:
        return ""
    with own_path():
        from harness.report.failure import failure_text  # noqa: PLC0415

        text = without_secrets(failure_text(unread[-1]))
        return f"{text}\n\n(read `mismatches` of the result to judge them in the test)"


@pytest.fixture
def harness_clients(request: pytest.FixtureRequest) -> Clients:
    """boto3 clients (`harness_clients.s3`, ...) of an engine on which nothing has been made yet."""
    with explained():
        from harness.stack.stack_choice import place_for  # noqa: PLC0415

        session, settings = harness_session(request.config), harness_settings(request.config, request.path)
        session.go_to(place_for(settings))
        return session.fresh()


def stack_fixture(
    template: str | Path | None = None,
    *,
    state_machine: str | None = None,
    parameters: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Callable[..., Stack]:
    """A fixture that deploys a template, for projects with several.

        payments = stack_fixture(template="payments.yaml", state_machine="Payments")

        def test_a_payment(payments, harness_run):
            assert harness_run({"order": 1}, stack=payments).execution.status == "SUCCEEDED"

    `template` is relative to the pyproject.toml of the test's project. `state_machine` is the logical id of
    the one that runs start, where the template has several. `name` is the stack's; by default the template's
    file name without its suffix. Of the `cdk.out` of a CDK app it is the stack that is meant, by default all.
    Without `template` the settings say all of this.
    """

    @pytest.fixture
    def stack(harness_clients: Clients, request: pytest.FixtureRequest) -> Stack:
        """A deployed template."""
        with explained():
            from harness.lint.check import linted  # noqa: PLC0415
            from harness.stack.stack_choice import stacks_for  # noqa: PLC0415
            from harness.stack.template_choice import default_machine  # noqa: PLC0415

            session = harness_session(request.config)
            settings = harness_settings(request.config, request.path)
            given = dict(parameters or {})
            where = settings.root / template if template is not None else None
            app = (where or settings.template or Path()).is_dir()
            if name is not None and not app and (problem := stack_name_problem(name)):
                raise SettingsError(f"stack_fixture: {problem}")
            if template is None and settings.template is None and not settings.stacks:
                raise SettingsError(
                    f"{request.path}: no template; name one as `template` in [tool.harness] of "
                    "pyproject.toml, or in stack_fixture(template=...)"
                )
            with linted(stacks_for(settings, where, name or "", given), settings):
                planned = stacks_for(settings, where, name or "", given, session.more_parameters(settings))
                default = default_machine(planned, settings) if template is None else None
                return session.deploy(planned, settings, machine=state_machine or default)

    return stack


harness_stack = stack_fixture()


@pytest.fixture
def harness_run(harness_clients: Clients, request: pytest.FixtureRequest) -> Runner:
    """A function that runs the state machine of a stack, see `Runner`."""
    with explained():
        return Runner(request)


@pytest.fixture
def harness_swept(request: pytest.FixtureRequest) -> Swept:
    """The sweep of the test's mark: `@pytest.mark.harness_sweep("scenarios/x.yaml", kinds=["cut"])`.

    The scenario is relative to the pyproject.toml of the test's project.
    """
    mark = request.node.get_closest_marker("harness_sweep")
    if mark is None or len(mark.args) != 1:
        raise pytest.UsageError(
            f"{request.node.nodeid}: the fixture harness_swept needs the mark harness_sweep(scenario)"
        )
    with explained():
        from harness.expect.project import load_scenarios  # noqa: PLC0415
        from harness.sweep.sweep import Selection, sweep  # noqa: PLC0415

        settings = harness_settings(request.config, request.path)
        (scenario,) = load_scenarios([shown(settings.root / mark.args[0])], lambda _: settings)
        selection = Selection(**{**mark.kwargs, "kinds": tuple(mark.kwargs.get("kinds", ()))})
        told = recorder(request.config) if covers(request.config) else None
        return sweep(harness_session(request.config), scenario, settings, selection, recorder=told)


def _reproduce_id(item: pytest.Item) -> str:
    """The id of a test for the working directory; pytest's own is relative to its root."""
    return f"{shown(item.path)}::{item.nodeid.partition('::')[2]}"


def _scenario(item: pytest.Item, input: object, name: str, timeout_s: float) -> Scenario:
    """A run of a test as a scenario, which expects nothing and stands where the test does.

    Raises SettingsError for an argument of `harness_run` that is wrong.
    """
    from pydantic import ValidationError  # noqa: PLC0415

    from harness.scenario.expect import Expect  # noqa: PLC0415
    from harness.scenario.model import RunSpec, Scenario  # noqa: PLC0415
    from harness.scenario.source import Marks, Source  # noqa: PLC0415

    try:
        json.dumps(input)
        run = RunSpec.model_validate({"name": name, "input": input, "timeout": f"{float(timeout_s):f} s"})
    except ValidationError as error:
        first = error.errors()[0]
        problem = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"harness_run: {first['loc'][0]}: {problem}") from None
    except (RecursionError, TypeError, ValueError) as error:
        raise SettingsError(f"harness_run: input or timeout_s cannot be used: {error}; correct it") from None
    place = ((item.location[1] or 0) + 1, 1)
    source = Source(shown(item.path), item.path.read_text(encoding="utf-8"), {(): Marks(place, place)})
    scenario = Scenario.model_construct(title=item.name, expect=Expect.model_construct())
    return scenario.model_copy(update={"runs": (run,)}).at(source)
