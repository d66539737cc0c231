"""Run scenarios for `harness run`: sequentially, or in parallel in several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from harness.cli import stopping
from harness.engine import engine_of
from harness.engine.base import Endpoint, Engine, EngineError
from harness.expect.project import load_scenarios
from harness.functions.shared.model import Measures
from harness.lint.check import refuse_all
from harness.lint.scenarios import begin_first, begin_for
from harness.progress import Progress
from harness.projects import Projects
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.twice.again import Again
from harness.workers import Player, Tell, WorkerDied, Workers

if TYPE_CHECKING:
    from harness.debugging.editors import AnyDebugging

NOWHERE = Scenario.model_construct()
"""A placeholder for a result's scenario. The scenario's model exists only in the other process."""


class Screen(Protocol):
    """Shows scenario progress."""

    def stage(self, name: str, scenario: Scenario | None = None) -> None:
        """Show that a stage of a scenario has begun."""

    def hold(self) -> None:
        """Hide the progress while there is a prompt at the terminal."""

    def go_on(self) -> None:
        """Show the running scenarios again."""


class Playing(Protocol):
    """Runs scenarios. A context manager that stops its engines on exit."""

    def __enter__(self) -> Self:
        """Begin to start the engines if they are slow to start."""
        ...

    def __exit__(self, *error: Any) -> None:
        """Stop the engines."""

    @property
    def label(self) -> str:
        """The engine's name. It includes the version once the engine has started."""
        ...

    def start(self, screen: Screen) -> None:
        """Wait until the engines are ready. From then on, stages are reported to the screen. Raises
        EngineError.
        """

    def results(self, scenarios: Sequence[Scenario], begun: Callable[[Scenario], object]) -> Iterator[Result]:
        """Yield the results in scenario order. `begun` is called for each scenario that starts.

        Raises:
            EngineError: an engine crashed and cannot be restarted.
            ScenarioError: AWS would reject a template.
        """
        ...


class OneByOne:
    """Run scenarios in this process on one engine. With `other`, run each scenario again on that engine.

    For `definitions` and `measures`, see Session. If a scenario runs twice, they apply to the first run. With
    `debugging`, all runs can be debugged.
    """

    def __init__(
        self,
        settings_of: Callable[[Path], Settings],
        engine: Engine,
        other: Engine | None = None,
        *,
        definitions: bool = False,
        measures: Measures = "",
        debugging: AnyDebugging | None = None,
    ) -> None:
        self._session = Session(engine, definitions=definitions, measures=measures)
        self._settings_of = settings_of
        self._other = Session(other) if other is not None else None
        self._debugging = debugging
        for session in (self._session, self._other):
            if session is not None:
                session.debugger = debugging
        self._again = Again(self._other) if self._other is not None else None

    def __enter__(self) -> Self:
        if self._debugging is not None:
            self._debugging.desk.open()
        return self

    def __exit__(self, *error: Any) -> None:
        try:
            if self._other is not None:
                self._other.engine.stop()
        finally:
            self._session.engine.stop()
            if self._debugging is not None:
                self._debugging.desk.close()

    @property
    def engine(self) -> Engine:
        """The engine for the first run of each scenario."""
        return self._session.engine

    @property
    def endpoint(self) -> Endpoint:
        """The address of this engine. The engine is started if necessary."""
        return self._session.start()

    @property
    def label(self) -> str:
        """The engine's name and version."""
        return self.engine.label

    def start(self, screen: Screen) -> None:
        """Start both engines."""
        if self._debugging is not None:
            self._debugging.desk.screen = screen
        screen.stage("start")
        self.begin(screen.stage)

    def begin(self, on_stage: Callable[[str], object]) -> None:
        """Start both engines. From then on, `on_stage` receives the name of each stage."""
        self._session.on_stage = on_stage
        self._session.start()
        if self._other is not None and self._again is not None:
            self._other.on_stage = on_stage
            self._again.start()

    def results(self, scenarios: Sequence[Scenario], begun: Callable[[Scenario], object]) -> Iterator[Result]:
        """Run the scenarios one after another."""
        for scenario in scenarios:
            stopping.check()
            begun(scenario)
            yield self.play(scenario, self._settings_of(scenario.path))

    def play(self, scenario: Scenario, settings: Settings) -> Result:
        """Run one scenario."""
        result = self._session.run(scenario, settings)
        return result if self._again is None else self._again.judged(result, settings)


@dataclass(frozen=True)
class Hello:
    """The engine used by a process, and the process's account on that engine."""

    label: str
    name: str
    account: str


class _Part(Player[Hello, int, Result]):
    """Runs scenarios, specified by number, in a separate process without checking templates."""

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        projects: Projects,
        twice: bool,
        definitions: bool,
        measures: Measures,
    ) -> None:
        self._scenarios = tuple(scenarios)
        self._projects = projects
        self._twice = twice
        self._definitions = definitions
        self._measures = measures
        self._playing: OneByOne | None = None

    def __reduce__(self) -> tuple[Callable[..., _Part], tuple[object, ...]]:
        """Make another process read the files again. Their models depend on the project's expectations."""
        paths = tuple(scenario.path for scenario in self._scenarios)
        return _read, (paths, self._projects, self._twice, self._definitions, self._measures)

    def start(self, tell: Tell) -> Hello:
        settings = self._projects.engine(scenario.path for scenario in self._scenarios)
        engine = engine_of(settings)
        other = engine_of(settings) if self._twice else None
        self._playing = OneByOne(
            self._projects.of, engine, other, definitions=self._definitions, measures=self._measures
        )
        self._playing.begin(tell)
        endpoint = self._playing.endpoint
        return Hello(engine.label, engine.name, f"{endpoint.account_id} at {endpoint.url}")

    def play(self, task: int) -> Result:
        assert self._playing is not None, "the engine has been started"
        scenario = self._scenarios[task]
        settings = replace(self._projects.of(scenario.path), lint=False)
        return replace(self._playing.play(scenario, settings), scenario=NOWHERE)

    def stop(self) -> None:
        if self._playing is not None:
            self._playing.__exit__()


def _read(
    files: Sequence[Path], projects: Projects, twice: bool, definitions: bool, measures: Measures
) -> _Part:
    return _Part(load_scenarios(files, projects.of), projects, twice, definitions, measures)


class SideBySide:
    """Run scenarios in `number` processes, each with its own engine. Results keep their order."""

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        projects: Projects,
        number: int,
        *,
        twice: bool,
        definitions: bool = False,
        measures: Measures = "",
    ) -> None:
        self._scenarios = scenarios
        self._settings_of = projects.of
        self._engine = projects.engine(scenario.path for scenario in scenarios).engine
        self._hello: Hello | None = None
        self._under_way: dict[int, Progress] = {}
        self._workers = Workers(
            _Part(scenarios, projects, twice, definitions, measures), number, self._lost, forked=True
        )

    def __enter__(self) -> Self:
        try:
            self._workers.__enter__()
        except OSError as error:
            raise EngineError(f"a process cannot be started ({error.strerror}); use a smaller -n") from error
        return self

    def __exit__(self, *error: Any) -> None:
        self._workers.__exit__(*error)

    @property
    def label(self) -> str:
        """The name and version of the engines."""
        return self._hello.label if self._hello else self._engine

    def start(self, screen: Screen) -> None:
        """Wait for all engines."""
        self._screen = screen
        screen.stage("start")
        begin_first(self._scenarios, self._settings_of, start=True)
        try:
            said = self._workers.ready()
        except WorkerDied as error:
            raise EngineError(str(error)) from None
        self._hello = said[0]
        if len({hello.account for hello in said}) < len(said):
            raise EngineError(
                f"{self.label} has a single account, {said[0].account}, so parallel scenarios would "
                "interfere with each other; omit -n"
            )

    def results(self, scenarios: Sequence[Scenario], begun: Callable[[Scenario], object]) -> Iterator[Result]:
        """Run scenarios in parallel. This process checks the templates once for all processes."""

        def began(number: int) -> None:
            self._under_way[number] = Progress()
            begun(scenarios[number])
            # an error is raised when its scenario would run
            with suppress(ScenarioError, SettingsError):
                begin_for(scenarios[number], self._settings_of(scenarios[number].path))

        def heard(number: int, stage: str) -> None:
            self._screen.stage(stage, scenarios[number])

        results = self._workers.results(range(len(scenarios)), began, heard)
        for scenario, result in zip(scenarios, results, strict=True):
            stopping.check()
            if result.outcome != "skipped":
                settings = self._settings_of(scenario.path)
                refuse_all(begin_for(scenario, settings), settings)
            yield replace(result, scenario=scenario)

    def _lost(self, number: int, how: str) -> Result:
        assert self._hello is not None, "the engines have been started"
        progress = self._under_way[number]
        progress.broke = "engine"
        reason = f"the engine crashed: the process that ran the scenario {how}"
        return progress.result(self._scenarios[number], self._hello.name, "error", None, reason)
