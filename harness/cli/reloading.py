"""`harness up --reload`: update the stacks of a running engine when their files are saved."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple, Self, TextIO

from harness.bundle.reads import Reads
from harness.engine.base import EngineError
from harness.lint.check import TemplateRefused, begin_all, refuse_all
from harness.planned import Planned
from harness.printable import one_line, say
from harness.report.layout import shown_path
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.stack.given_values import given_by
from harness.stack.giving import give_for
from harness.stack.model import DeployError, Stack
from harness.stack.plan import Plan
from harness.stack.recovering import end_way_back
from harness.stack.stack_choice import stacks_of
from harness.stack.template import TemplateError
from harness.watching.caches import forget
from harness.watching.files import Files
from harness.watching.reading import files_of

Load = Callable[[], tuple[Scenario, Settings]]
BUG: Final = "This is a bug in the harness; the engine keeps running."
_MOST_NAMED: Final = 8


class Line(NamedTuple):
    """A sentence about a reload. It may report a problem."""

    text: str
    wrong: bool = False


class Reloading:
    """Records the files that are read before `begin`, and watches them from then on.

    Args:
        load: reads the scenario and its project's settings.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._reads, self._files = Reads(), Files()
        self._hearing = ExitStack()
        self._hearing.enter_context(self._reads.listening())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hearing.close()

    def begin(self, session: Session, scenario: Scenario, settings: Settings, stack: Stack) -> Updater:
        """Return the object that keeps the deployed stack up to date from now on."""
        self._hearing.close()
        self._files.add(files_of(self._reads))
        planned = stacks_of(scenario, settings, session.more_parameters(settings))
        return Updater(session, self._load, self._reads, self._files, planned, stack.fingerprint)


class Updater:
    """Updates stacks. `len` returns the number of watched files."""

    def __init__(
        self,
        session: Session,
        load: Load,
        reads: Reads,
        files: Files,
        planned: Sequence[Planned],
        fingerprint: str,
    ) -> None:
        self._session = session
        self._load = load
        self._reads = reads
        self._files = files
        self._planned = planned
        self._fingerprint = fingerprint

    def __len__(self) -> int:
        return len(self._files)

    def run(self, screen: TextIO, notices: list[str]) -> None:
        """Update the stacks whenever a file is saved, in an endless loop. `notices` are the last update's
        notices.
        """
        say(
            f"# watching {len(self)} files; the stack is updated when a file is saved",
            file=screen,
            flush=True,
        )
        while True:
            saved = self._files.wait()
            self._files.begin()
            notices[:] = ()
            for line in self.update(saved):
                say(*(f"# {one_line(part)}" for part in line.text.split("\n")), file=screen, flush=True)
                if line.wrong:
                    notices.append(line.text)

    def start(self, screen: TextIO, notices: list[str]) -> None:
        """Call `run` in a thread."""
        threading.Thread(target=self.run, args=(screen, notices), daemon=True, name="reload").start()

    def update(self, saved: Sequence[Path]) -> Iterator[Line]:
        """Update the stacks, and yield lines about the outcome. The engine keeps running even if the update
        fails.
        """
        yield Line(
            "saved: " + ", ".join(map(shown_path, saved[:_MOST_NAMED])) + ", ..." * (len(saved) > _MOST_NAMED)
        )
        try:
            forget()
            with self._reads.listening():
                yield from self._updating(saved)
        except ScenarioError as error:
            yield from (Line(f"not reloaded: {each}", wrong=True) for each in error.problems)
        except (EngineError, SettingsError) as error:
            yield Line(f"not reloaded: {error}", wrong=True)
        except Exception:
            yield Line(f"not reloaded: {traceback.format_exc().rstrip()}\n{BUG}", wrong=True)
        finally:
            self._files.add(files_of(self._reads))

    def _updating(self, saved: Sequence[Path]) -> Iterator[Line]:
        session = self._session
        scenario, settings = self._load()
        planned = stacks_of(scenario, settings, session.more_parameters(settings))
        checks = begin_all(planned, settings)  # these checks are slower
        try:
            stack = self._deployed(scenario, settings, planned)
        except (DeployError, SettingsError, TemplateError) as error:
            yield Line(f"not reloaded: {error}", wrong=True)
            end_way_back(session.clients, (each.name for each in (*self._planned, *planned)))
        else:
            same = stack.fingerprint == self._fingerprint
            self._fingerprint = stack.fingerprint
            yield Line("reloaded; the stack is unchanged" if same else "reloaded")
            if scenario.path.absolute() in {each.absolute() for each in saved}:
                yield Line(
                    "The scenario's seeds and injected faults are unchanged; restart to apply them again."
                )
        try:
            refuse_all(checks, settings)
        except TemplateRefused as error:
            yield from (
                Line(f"AWS would reject this template: {each}", wrong=True) for each in error.problems
            )

    def _deployed(self, scenario: Scenario, settings: Settings, planned: tuple[Planned, ...]) -> Stack:
        session = self._session
        plan = Plan.of(planned, scenario, settings, session.engine.name)
        give_for(session.engine, session.clients, planned, given_by(scenario, settings), settings)
        stack = plan.update(session.clients, self._planned)
        self._planned = planned
        return stack
