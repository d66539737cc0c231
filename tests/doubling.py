"""Players whose processes identify themselves, in a module that those processes can import."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from harness.hidden import hide
from harness.scenario.position import Position, Problem, ScenarioError
from harness.workers import Player, Tell

SECRET = "d0nt-te11"


class Doubling(Player[int, int, tuple[int, int]]):
    """Doubles a number. 13 raises an error; 0 ends the process. An even number waits for the odd one before
    it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self, tell: Tell) -> int:
        self._tell = tell
        hide(SECRET)
        return os.getpid()

    def play(self, task: int) -> tuple[int, int]:
        self._tell(f"doubling {task}")
        if task == 13:
            raise ScenarioError([Problem(Position(Path("a.yaml")), "13 is odd")])
        if task == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        pipe = self._folder / str(task + task % 2)
        if pipe.exists():  # opens when both have arrived
            os.close(os.open(pipe, os.O_WRONLY if task % 2 else os.O_RDONLY))
        return 2 * task, os.getpid()

    def stop(self) -> None:
        (self._folder / f"stopped-{os.getpid()}").touch()


class Refusing(Doubling):
    """Fails to start."""

    def start(self, tell: Tell) -> int:
        raise LookupError("nothing to start with")


class Dying(Doubling):
    """Is killed during its start."""

    def start(self, tell: Tell) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0


class Large(Doubling):
    """Returns results that are too large for a pipe buffer."""

    def play(self, task: int) -> tuple[int, int]:
        doubled, _ = super().play(task)
        return doubled, 1 << (8 * 5_000_000)
