"""`harness watch`: run scenarios, and rerun them when a file that they use is saved."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
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
from harness.exit_codes import PASSED
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
from harness.watching.caches import forget, forget_code, project_files
from harness.watching.concerned import ALL_AGAIN, Chosen, Memory, concerned, in_order, words_of
from harness.watching.files import Files
from harness.watching.keys import Keys
from harness.watching.reading import files_of
from harness.watching.usage import plain


class Warm(OneByOne):
    """Run scenarios on a session's engine, which stays up, until a file is saved."""

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
        """Run scenarios one after another until a file is saved."""
        for scenario in scenarios:
            if self._is_over():
                return
            yield from super().results([scenario], begun)


def watch(arguments: argparse.Namespace) -> int:
    """Run scenarios repeatedly until Ctrl-C. Return the exit code of the last run."""
    reads, files, keys = Reads(), Files(), Keys.of_terminal()
    watching = Watching(arguments, files)
    ends = f"{ALL_AGAIN}, Ctrl-C ends it" if keys.are_heard else "Ctrl-C ends it"
    try:
        with reads.listening():
            while True:
                code = guarded(watching.play)
                files.add(files_of(reads))
                say(f"watching {len(files)} files; {ends}", flush=True)
                try:
                    saved = files.wait(keys.asked_within)
                except KeyboardInterrupt:
                    sys.stderr.write("\n")
                    return code
                say(*(f"saved: {shown_path(each)}" for each in saved), flush=True)
                watching.asked(saved)
    finally:
        watching.stop()


@dataclass(frozen=True)
class _Loaded:
    """The selected scenarios and their settings, as of the last time the files were read.

    `special` contains files that affect all scenarios, and `others` contains files of unselected scenarios.
    """

    projects: Projects
    scenarios: tuple[Scenario, ...]
    settings: Settings
    special: frozenset[Path]
    others: frozenset[Path]


class Watching:
    """The command, the engine that stays up, and the files used by the last runs."""

    def __init__(self, arguments: argparse.Namespace, files: Files) -> None:
        self._arguments = arguments
        self._files = files
        self._session: Session | None = None
        self._options: Options | None = None
        self._memory = Memory()
        self._loaded: _Loaded | None = None
        self._saved: set[Path] = set()  # files that no selected scenario uses yet
        self._everything = True
        self._code = PASSED

    def asked(self, saved: Collection[Path]) -> None:
        """Treat files as saved. If none are specified, all scenarios run again."""
        self._saved.update(map(plain, saved))
        self._everything = self._everything or not saved

    def play(self) -> int:
        """Run the scenarios affected by the saved files, or all of them. Scenarios that failed last time run
        first.
        """
        self._files.begin()
        loaded = self._loaded = self._load()
        record = record_of(loaded.projects)
        chosen = self._chosen(loaded, record)
        self._saved.clear()
        self._everything = False
        say(*words_of(chosen.reasons, len(loaded.scenarios) - len(chosen.scenarios)), flush=True)
        if chosen.scenarios:
            self._memory.settings_of = loaded.projects.of
            session = self._warm(loaded.settings)
            playing = Warm(loaded.projects.of, session, lambda: bool(self._files.changed()))
            more = (record, self._memory)
            self._code = run_scenarios(chosen.scenarios, playing, self._arguments, more=more)
        return self._code

    def _load(self) -> _Loaded:
        """Read scenarios and settings. If only function code was saved, reuse the previous ones."""
        if self._loaded is not None and all(self._is_code(each) for each in self._saved):
            forget_code()
            return self._loaded
        self._loaded = None
        forget()
        self._memory.forget()
        projects = Projects(dict(os.environ), options_in(self._arguments))
        paths = self._arguments.paths or [shown_path(each) for each in projects.here.scenarios]
        found = discover(map(Path, paths))
        self._files.add(found.files)
        scenarios = choose(self._arguments, load_scenarios(found.files, projects.of), record_of(projects))
        settings = projects.engine(each.path for each in scenarios)
        check_first(scenarios, projects.of)
        files = frozenset(map(plain, found.files))
        return _Loaded(projects, scenarios, settings, frozenset(project_files()), files)

    def _is_code(self, path: Path) -> bool:
        """Return whether a file is used only as function code, existed before, and still exists."""
        known = self._loaded is not None and path not in self._loaded.special
        return known and path.suffix == ".py" and path.is_file() and self._memory.is_code(path)

    def _chosen(self, loaded: _Loaded, record: LastFailed) -> Chosen:
        if self._everything:
            return Chosen(in_order(loaded.scenarios, self._memory, record.failed | self._memory.failed))
        return concerned(
            self._saved, loaded.scenarios, self._memory, special=loaded.special, others=loaded.others
        )

    def _warm(self, settings: Settings) -> Session:
        """Return the session. Its engine stays up as long as its settings do not change.

        Raises:
            SettingsError: the engine is not the embedded one.
        """
        if settings.engine != MotoEngine.name:
            raise SettingsError(
                f"{settings.engine} is not supported by watch; omit it, or use --engine {MotoEngine.name}"
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
