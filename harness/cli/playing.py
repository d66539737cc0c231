"""The ways in which `harness run` plays scenarios: one by one, or side by side in several processes."""

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
"""Stands in a result for its scenario, whose model another process does not have."""


class Screen(Protocol):
    """Shows how far scenarios are."""

    def stage(self, name: str, scenario: Scenario | None = None) -> None:
        """Show that a stage of a scenario has begun."""

    def hold(self) -> None:
        """Show nothing while somebody is asked at the terminal."""

    def go_on(self) -> None:
        """Show again what is under way."""


class Playing(Protocol):
    """Plays scenarios; a context manager, after which its engines have ended."""

    def __enter__(self) -> Self:
        """Begin to start, where that takes a while."""
        ...

    def __exit__(self, *error: Any) -> None:
        """End the engines."""

    @property
    def label(self) -> str:
        """The name of the engine, and what it turned out to be when it was started."""
        ...

    def start(self, screen: Screen) -> None:
        """Wait until the engines serve; the screen is told of stages from then on. Raises EngineError."""

    def results(self, scenarios: Sequence[Scenario], begun: Callable[[Scenario], object]) -> Iterator[Result]:
        """The results in the order of the scenarios; `begun` is told of each that is under way.

        Raises:
            EngineError: an engine broke down, and another does not start.
            ScenarioError: AWS refuses a template.
        """
        ...


class OneByOne:
    """Plays in this process on one engine; with `other`, each scenario again on that one.

    `definitions`, `measures`: see Session; of two runs of a scenario the first counts. With `debugging` all
    that it plays may be debugged.
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
        """The engine of the first run of each scenario."""
        return self._session.engine

    @property
    def endpoint(self) -> Endpoint:
        """The address of that engine, which is started if need be."""
        return self._session.start()

    @property
    def label(self) -> str:
        """The name of the engine, and what it is."""
        return self.engine.label

    def start(self, screen: Screen) -> None:
        """Start both engines."""
        if self._debugging is not None:
            self._debugging.desk.screen = screen
        screen.stage("start")
        self.begin(screen.stage)

    def begin(self, on_stage: Callable[[str], object]) -> None:
        """Start both engines; `on_stage` gets the name of each stage from now on."""
        self._session.on_stage = on_stage
        self._session.start()
        if self._other is not None and self._again is not None:
            self._other.on_stage = on_stage
            self._again.start()

    def results(self, scenarios: Sequence[Scenario], begun: Callable[[Scenario], object]) -> Iterator[Result]:
        """Play one after another."""
        for scenario in scenarios:
            stopping.check()
            begun(scenario)
            yield self.play(scenario, self._settings_of(scenario.path))

    def play(self, scenario: Scenario, settings: Settings) -> Result:
        """Play one scenario."""
        result = self._session.run(scenario, settings)
        return result if self._again is None else self._again.judged(result, settings)


@dataclass(frozen=True)
class Hello:
    """The engine that a process has, and its account there."""

    label: str
    name: str
    account: str


class _Part(Player[Hello, int, Result]):
    """Plays scenarios, by their number, in a process of its own, which checks no templates."""

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
        """Have another process read the files again: their models depend on the project's expectations."""
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
        assert self._playing is not None, "it is started"
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
    """Plays in `number` processes, each with an engine of its own; results and their order are the same."""

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
            raise EngineError(f"a process cannot be started ({error.strerror}); give a smaller -n") from error
        return self

    def __exit__(self, *error: Any) -> None:
        self._workers.__exit__(*error)

    @property
    def label(self) -> str:
        """The name of the engines, and what they are."""
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
                f"{self.label} has one account, {said[0].account}, in which scenarios side by side "
                "would meet; leave -n out"
            )

    def results(self, scenarios: Sequence[Scenario], begun: Callable[[Scenario], object]) -> Iterator[Result]:
        """Play side by side; templates are checked here, once for all processes."""

        def began(number: int) -> None:
            self._under_way[number] = Progress()
            begun(scenarios[number])
            with suppress(ScenarioError, SettingsError):  # they are raised when it is its turn
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
        assert self._hello is not None, "it is started"
        progress = self._under_way[number]
        progress.broke = "engine"
        reason = f"the engine broke down: the process that played the scenario {how}"
        return progress.result(self._scenarios[number], self._hello.name, "error", None, reason)
