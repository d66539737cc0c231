"""The state of a scenario while it runs."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from harness.bug import EngineBug
from harness.engine.base import EngineError
from harness.judgement import Judgement
from harness.notes import Note
from harness.observe.lines import lines_in_project
from harness.observe.model import Observation
from harness.observe.sources import in_project
from harness.report.model import Broke, Outcome, Result
from harness.scenario.model import Scenario
from harness.stack.origin import Origin

_TOLD_EVERY_S = 2.0


@dataclass
class Progress:
    """A running scenario.

    `timings_s` contains the seconds that each stage takes. `renamed` maps each bucket name that is already
    taken to its replacement. `origins` are the declarations of the deployed resources. `told` receives the
    name of each stage when it begins. `begin` is the start time on the monotonic clock.
    """

    timings_s: dict[str, float] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    broke: Broke = ""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    told: Callable[[str], object] = lambda _: None
    begin: float = field(default_factory=time.monotonic)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent in the context to the time of a stage."""
        self.told(name)
        begin = time.monotonic()
        try:
            yield
        finally:
            self.timings_s[name] = self.timings_s.get(name, 0.0) + time.monotonic() - begin

    @contextmanager
    def telling(self, name: str, how_far: Callable[[], str]) -> Iterator[None]:
        """Report the progress of a stage every two seconds, until the stage ends."""
        ended = threading.Event()

        def tell() -> None:
            while not ended.wait(_TOLD_EVERY_S):
                # the code that waits for the stage reports it
                with suppress(AssertionError, EngineBug, EngineError):
                    if far := how_far():
                        self.told(f"{name}: {far}")

        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def result(
        self, scenario: Scenario, engine: str, outcome: Outcome, judged: Judgement | None, reason: str
    ) -> Result:
        """Return the result of the scenario on the engine with this name."""
        return Result(
            scenario=scenario,
            engine=engine,
            outcome=outcome,
            duration_s=time.monotonic() - self.begin,
            mismatches=judged.mismatches if judged else (),
            observation=self._in_project(judged.observation) if judged else None,
            reason=reason,
            reproduce=reproduce(scenario, engine),
            timings_s={} if outcome == "skipped" else self.timings_s,
            notes=self.notes + (judged.notes if judged else ()),
            broke=self.broke,
        )

    def _in_project(self, seen: Observation) -> Observation:
        return in_project(lines_in_project(seen, self.origins), self.origins)


def reproduce(scenario: Scenario, engine: str) -> str:
    """Return the command that runs the scenario again."""
    return f"harness run {shlex.quote(str(scenario.path))} --engine {engine}"
