"""`harness watch`: plays scenarios, and plays them again when a file that they read is saved."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from harness.bundle.reads import Reads
from harness.choosing.last_failed import LastFailed
from harness.cli.choosing import choose, record_of
from harness.cli.play import guarded
from harness.cli.playing import OneByOne
from harness.cli.run import run_scenarios
from harness.engine import engine_of
from harness.engine.base import Options
from harness.engine.moto.engine import MotoEngine
from harness.expect.project import load_scenarios
from harness.lint.scenarios import check_first
from harness.printable import say
from harness.projects import Projects
from harness.report.layout import shown_path
from harness.report.model import Result
from harness.scenario.discover import discover
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.settings_reading import options_in
from harness.watching.caches import forget
from harness.watching.files import Files
from harness.watching.reading import files_of


class Warm(OneByOne):
    """Plays on the engine of a session, which stays, until a file is saved."""

    def __init__(
        self, settings_of: Callable[[Path], Settings], session: Session, is_over: Callable[[], bool]
    ) -> None:
        self._settings_of = settings_of
        self._session = session
        self._other = self._again = self._debugging = None
        self._is_over = is_over

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        return

    def results(self, scenarios: Sequence[Scenario], begun: Callable[[Scenario], object]) -> Iterator[Result]:
        """Play one after another, until a file is saved."""
        for scenario in scenarios:
            if self._is_over():
                return
            yield from super().results([scenario], begun)


def watch(arguments: argparse.Namespace) -> int:
    """Play scenarios again and again, until Ctrl-C; gives the exit code of what was played last."""
    reads, files = Reads(), Files()
    watching = _Watching(arguments, reads, files)
    try:
        with reads.listening():
            while True:
                code = guarded(watching.play)
                files.add(files_of(reads))
                say(f"watching {len(files)} files; Ctrl-C ends it", flush=True)
                try:
                    watching.changed = files.wait()
                except KeyboardInterrupt:
                    sys.stderr.write("\n")
                    return code
                say(*(f"saved: {shown_path(each)}" for each in watching.changed), flush=True)
    finally:
        watching.stop()


class _Watching:
    """The command, and the engine that stays."""

    def __init__(self, arguments: argparse.Namespace, reads: Reads, files: Files) -> None:
        self.changed: Collection[Path] = ()
        self._arguments = arguments
        self._reads = reads
        self._files = files
        self._session: Session | None = None
        self._options: Options | None = None

    def play(self) -> int:
        """Play what the saved files concern: scenarios by themselves, or all, those that failed first."""
        forget()
        self._files.begin()
        projects = Projects(dict(os.environ), options_in(self._arguments))
        record = record_of(projects)
        paths = self._arguments.paths or [shown_path(each) for each in projects.here.scenarios]
        found = discover(map(Path, paths))
        self._files.add(found.files)
        scenarios = self._concerned(
            choose(self._arguments, load_scenarios(found.files, projects.of), record), record
        )
        settings = projects.engine(each.path for each in scenarios)
        check_first(scenarios, projects.of)
        session = self._warm(settings)
        playing = Warm(projects.of, session, lambda: bool(self._files.changed()))
        return run_scenarios(scenarios, playing, self._arguments, more=[record])

    def _concerned(self, scenarios: Sequence[Scenario], record: LastFailed) -> tuple[Scenario, ...]:
        saved = {each.absolute() for each in self.changed}
        own = tuple(each for each in scenarios if each.path.absolute() in saved)
        if own and len(own) == len(saved):
            return own
        failed = record.failed
        return tuple(sorted(scenarios, key=lambda each: each.path.absolute() not in failed))

    def _warm(self, settings: Settings) -> Session:
        """The session, whose engine stays while the settings say the same of it.

        Raises:
            SettingsError: it is not the embedded one.
        """
        if settings.engine != MotoEngine.name:
            raise SettingsError(
                f"{settings.engine} cannot be watched with; leave it out, or use --engine {MotoEngine.name}"
            )
        if self._session is None or self._options != Options.of(settings):
            self.stop()
            self._options = Options.of(settings)
            self._session = Session(engine_of(settings))
        return self._session

    def stop(self) -> None:
        """Stop the engine."""
        if self._session is not None:
            self._session.engine.stop()
