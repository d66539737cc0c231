"""`harness up --reload`: updates the stacks of an engine that is up when their files are saved."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self, TextIO

from harness.bundle.reads import Reads
from harness.engine.base import EngineError
from harness.lint.check import linted
from harness.planned import Planned
from harness.printable import one_line, say
from harness.report.layout import shown_path
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.stack.given_values import given_by
from harness.stack.giving import give_for
from harness.stack.joined import update_all
from harness.stack.model import DeployError, Stack
from harness.stack.naming import naming_of
from harness.stack.packaging import Code
from harness.stack.stack_choice import stacks_of
from harness.stack.template import TemplateError
from harness.stack.template_choice import always_answered, default_machine
from harness.watching.caches import forget
from harness.watching.files import Files
from harness.watching.reading import files_of

Load = Callable[[], tuple[Scenario, Settings]]
BUG: Final = "This is a bug of the harness; the engine goes on."
_MOST_NAMED: Final = 8


class Reloading:
    """Hears which files are read until `begin`, and watches them from then on.

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
        """Give what updates the deployed stack from now on."""
        self._hearing.close()
        self._files.add(files_of(self._reads))
        planned = stacks_of(scenario, settings, session.more_parameters(settings))
        return Updater(session, self._load, self._reads, self._files, planned, stack.fingerprint)


class Updater:
    """Updates stacks; `len` is the number of files that are watched."""

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
        """Update whenever a file is saved, for ever; `notices` has the reasons why the last did not work."""
        while True:
            saved = self._files.wait()
            self._files.begin()
            told = self.update(saved)
            notices[:] = told if told[0].startswith("not ") else ()
            say(
                *(f"# {one_line(line)}" for each in told for line in each.split("\n")),
                file=screen,
                flush=True,
            )

    def start(self, screen: TextIO, notices: list[str]) -> None:
        """Do so in a thread."""
        threading.Thread(target=self.run, args=(screen, notices), daemon=True, name="reload").start()

    def update(self, saved: Sequence[Path]) -> list[str]:
        """Update the stacks, and say what became of it; the engine stays whatever that is."""
        names = ", ".join(map(shown_path, saved[:_MOST_NAMED])) + ", ..." * (len(saved) > _MOST_NAMED)
        try:
            forget()
            with self._reads.listening():
                scenario, stack = self._updated()
        except ScenarioError as error:
            why = [str(problem) for problem in error.problems]
        except (DeployError, EngineError, SettingsError, TemplateError) as error:
            why = [str(error)]
        except Exception:
            why = [traceback.format_exc().rstrip(), BUG]
        else:
            same = stack.fingerprint == self._fingerprint
            self._fingerprint = stack.fingerprint
            told = [f"reloaded: {names}" + (": the stack is the same as before" if same else "")]
            if scenario.path.absolute() in {each.absolute() for each in saved}:
                told.append("What a scenario seeds and injects is as it was; start again to have it anew.")
            return told
        finally:
            self._files.add(files_of(self._reads))
        return [f"not reloaded: {names}: {why[0]}", *why[1:]]

    def _updated(self) -> tuple[Scenario, Stack]:
        session = self._session
        scenario, settings = self._load()
        planned = stacks_of(scenario, settings, session.more_parameters(settings))
        machine = default_machine(planned, settings)
        naming = naming_of(scenario, planned, machine)
        with linted(planned, settings):
            pass  # before anything is changed
        give_for(session.engine, session.clients, planned, given_by(scenario, settings), settings)
        code = Code.of(settings, session.engine.name, always_answered(scenario))
        stack = update_all(session.clients, self._planned, planned, naming, code)
        self._planned = planned
        return scenario, stack
