"""The pytest plugin: scenario files are items, and Python tests get fixtures.

Hooks only; what they need is imported when the first scenario is collected or the first fixture is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.engine.clients import Clients
    from harness.observe.model import Observation
    from harness.report.model import Result
    from harness.scenario.model import Scenario
    from harness.session import Session
    from harness.stack.model import Stack
    from harness.sweep.model import Swept

SUFFIXES = (".yaml", ".yml")
SESSION = pytest.StashKey["Session"]()
NO_ENGINE = 3  # as on the harness's own command line


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--engine`, as on the harness's own command line."""
    group = parser.getgroup("harness", "scenarios of AWS workflows")
    group.addoption("--engine", default=None, help="where scenarios run (default: moto)")
    group.addoption("--endpoint-url", default=None, help="where the engine `endpoint` is")


def pytest_configure(config: pytest.Config) -> None:
    """The mark of tests that sweep a scenario."""
    config.addinivalue_line(
        "markers",
        "sweep(scenario, point='', kinds=(), pairs=0, seed=0): the fixture `swept` is its sweep",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Scenario files are those in the folders that the settings name, and those named on the command line."""
    if file_path.suffix not in SUFFIXES:
        return None
    from harness.settings import load_settings  # noqa: PLC0415

    folders = load_settings(parent.config.rootpath, os.environ).scenarios
    named = parent.session.isinitpath(file_path)
    if named or any(file_path.is_relative_to(folder) for folder in folders):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the engine while there is time: xdist kills workers 10 s after they said that they finished."""
    from harness.engine.base import EngineError  # noqa: PLC0415

    try:
        pytest_unconfigure(session.config)
    except EngineError as error:
        pytest.exit(f"the engine could not be stopped: {error}", returncode=NO_ENGINE)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the engine, whatever ended the session."""
    session = config.stash.get(SESSION, None)
    if session is not None:
        session.engine.stop()


class ScenarioFile(pytest.File):
    """A scenario file."""

    def collect(self) -> Iterator[pytest.Item]:
        """The one scenario in it; its tags are marks."""
        from harness.scenario.load import ScenarioError, load  # noqa: PLC0415

        try:
            (scenario,) = load([_shown(self.path, self.config)])
        except ScenarioError as error:
            raise self.CollectError("\n".join(str(p) for p in error.problems)) from None
        item = ScenarioItem.from_parent(self, name=scenario.title, scenario=scenario)
        for tag in scenario.tags:
            self.config.addinivalue_line("markers", f"{tag}: scenarios with this tag")
            item.add_marker(tag)
        yield item


class ScenarioFailed(Exception):
    """The scenario did not end as expected."""

    def __init__(self, result: Result):
        super().__init__(result.scenario.title)
        self.result = result


class ScenarioItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, scenario: Scenario, **kwargs: Any):
        super().__init__(**kwargs)
        self.scenario = scenario

    def runtest(self) -> None:
        """Run it on the engine of this session."""
        result = harness_session(self.config).run(self.scenario)
        if result.outcome == "skipped":
            pytest.skip(result.reason)
        if result.outcome != "passed":
            raise ScenarioFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The explanation that `harness run` prints; a traceback only for a bug."""
        if isinstance(excinfo.value, ScenarioFailed):
            from harness.report.failure import failure_text  # noqa: PLC0415

            return failure_text(excinfo.value.result)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands, for the summary."""
        return self.path, 0, self.scenario.title


def harness_session(config: pytest.Config) -> Session:
    """The one session of this process, made at its first use."""
    session = config.stash.get(SESSION, None)
    if session is None:
        from harness.engine import engine_named  # noqa: PLC0415
        from harness.engine.base import Options  # noqa: PLC0415
        from harness.session import Session  # noqa: PLC0415
        from harness.settings import load_settings  # noqa: PLC0415

        settings = load_settings(
            config.rootpath, os.environ, config.getoption("--engine"), config.getoption("--endpoint-url")
        )
        options = Options(settings.endpoint_url, settings.localstack_version)
        try:
            engine = engine_named(settings.engine).configured(options)
        except LookupError as error:
            raise pytest.UsageError(str(error.args[0])) from None
        session = config.stash[SESSION] = Session(engine, settings)
    return session


@pytest.fixture
def aws(request: pytest.FixtureRequest) -> Clients:
    """boto3 clients (`aws.s3`, `aws.dynamodb`, ...) of an engine on which nothing has been made yet."""
    return harness_session(request.config).fresh()


@pytest.fixture
def stack(aws: Clients, request: pytest.FixtureRequest) -> Stack:
    """The template of the settings, deployed to `aws`."""
    from harness.settings import SettingsError  # noqa: PLC0415

    session = harness_session(request.config)
    if session.settings.template is None:
        raise SettingsError("[tool.harness] in pyproject.toml names no template")
    return session.deploy(
        session.settings.template, {**session.settings.parameters, **session.real_time_parameters}
    )


@pytest.fixture
def run_report(aws: Clients, stack: Stack, request: pytest.FixtureRequest) -> Callable[..., Observation]:
    """A function that starts the deployed state machine, waits for its end and gives what it left behind.

    `run_report(input={}, name="run-1", timeout_s=60)`; buckets are made before with `aws.s3`.
    """
    from harness.observe.inbox import Inbox  # noqa: PLC0415
    from harness.observe.policies import read_access  # noqa: PLC0415
    from harness.observe.read import observe  # noqa: PLC0415
    from harness.run.execute import Start, run  # noqa: PLC0415

    session = harness_session(request.config)
    inbox = Inbox.open(aws, stack)

    def start(input: Any = None, name: str = "run-1", timeout_s: float = 60) -> Observation:
        machine = stack.state_machine(session.settings.state_machine)
        started = run(session.engine, aws, machine, [Start(name, input or {}, timeout_s)])
        seen = observe(session.engine, aws, stack, inbox, started, read_access(aws, stack))
        assert all(s.ended for s in started), f"{name} did not end within {timeout_s:g} s"
        return seen

    return start


@pytest.fixture
def swept(request: pytest.FixtureRequest) -> Swept:
    """The sweep that the test's mark asks for: `@pytest.mark.sweep("scenarios/x.yaml", kinds=["cut"])`."""
    from harness.scenario.load import load  # noqa: PLC0415
    from harness.sweep.sweep import Selection, sweep  # noqa: PLC0415

    mark = request.node.get_closest_marker("sweep")
    if mark is None or len(mark.args) != 1:
        raise pytest.UsageError(f"{request.node.nodeid}: the fixture swept needs the mark sweep(scenario)")
    (scenario,) = load([_shown(request.config.rootpath / mark.args[0], request.config)])
    selection = Selection(**{**mark.kwargs, "kinds": tuple(mark.kwargs.get("kinds", ()))})
    session = harness_session(request.config)
    return sweep(session, scenario, session.settings, selection)


def _shown(path: Path, config: pytest.Config) -> Path:
    return path.relative_to(config.rootpath) if path.is_relative_to(config.rootpath) else path
