"""A function runtime's supervisors: our own from the start, and those for other Pythons on demand."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..shared.channel import Message
from ..shared.interpreter import StartMethod
from .packages import link_clock, link_runtime
from .pythons import OWN, PythonRuntime, runs_on
from .supervisor_client import FunctionRuntimeError, SupervisorClient


@dataclass(frozen=True)
class Python:
    """A Python that functions run on: its supervisor, and whether it has virtual time.

    `site_packages` contains its packages; None for our own Python.
    """

    version: str
    supervisor: SupervisorClient
    has_virtual_time: bool
    site_packages: Path | None


class Pythons:
    """The Pythons in a function runtime, whose files are in `folder`. Thread-safe.

    `own` is our own Python. Its supervisor removes the folder if this process exits without doing so.
    `answer` is called with the supervisors' requests. `world` determines the order of sets.
    """

    def __init__(
        self, folder: Path, method: StartMethod | None, answer: Callable[[Message], Message], world: int
    ) -> None:
        self._folder = folder
        self._method = method
        self._answer = answer
        self._world = world
        self._lock = threading.Lock()
        self.own = self._start(folder, OWN, sys.executable, None)
        self._started = {OWN: self.own}
        self._of: dict[str, Python] = {"": self.own, f"python{OWN}": self.own}
        self._closed = False

    def of(self, runtime: str) -> Python:
        """Return the Python for functions with this declared runtime. Start its supervisor if necessary.

        Raises:
            FunctionRuntimeError: everything is closed.
        """
        found = self._of.get(runtime)
        if found is not None:
            return found
        with self._lock:
            if self._closed:
                raise FunctionRuntimeError("The function runtime has been closed")
            version = runs_on(runtime)
            if version not in self._started:
                ready = PythonRuntime(version)
                folder = self._folder / f"python{version}"
                self._started[version] = self._start(folder, version, str(ready.python), ready.site_packages)
            return self._of.setdefault(runtime, self._started[version])

    def stop(self, account_id: str) -> None:
        """Stop all environments, or those in one account, and wait until they have exited."""
        for python in tuple(self._started.values()):
            python.supervisor.ask(Message("stop", {"account_id": account_id}))

    def stop_some(self, keys: list[int]) -> None:
        """Stop these environments without waiting. Raises FunctionRuntimeError if a supervisor has exited."""
        for python in tuple(self._started.values()):
            python.supervisor.tell(Message("retire", {"environments": keys}))

    def processes(self) -> dict[int, str]:
        """Return the supervisors' process IDs, each with its Python version."""
        return {each.supervisor.process.pid: each.version for each in tuple(self._started.values())}

    def close(self) -> bool:
        """Terminate all supervisors; return whether they were still open."""
        with self._lock:
            self._closed = True
        closed = [python.supervisor.close() for python in self._started.values()]
        return all(closed)

    def _start(self, folder: Path, version: str, interpreter: str, site_packages: Path | None) -> Python:
        link_runtime(folder / "runtime", site_packages)
        has_virtual_time = link_clock(folder / "clock", site_packages)
        supervisor = SupervisorClient(folder, self._method, self._answer, interpreter, self._world)
        return Python(version, supervisor, has_virtual_time, site_packages)
