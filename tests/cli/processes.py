"""The command line as a process, and the processes that it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]


class Started(subprocess.Popen[str]):
    """A process that is terminated when its `with` block exits, so that a failure in the block does not wait
    for it.
    """

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Interrupt the process after a failure, and wait for it to exit."""
        if kind is not None and self.poll() is None:
            self.send_signal(signal.SIGINT)
        super().__exit__(kind, value, trace)


def start(*arguments: str, cwd: Path = ROOT, module: str = "harness", **variables: str) -> Started:
    """A running `harness` process, or a different module, that can be ended with signals.

    Also works when these tests run under nohup or in a shell's background: ignored signals are inherited.
    """
    before = {each: signal.signal(each, signal.SIG_DFL) for each in (signal.SIGHUP, signal.SIGINT)}
    try:
        return Started(
            [sys.executable, "-m", module, *arguments],
            cwd=cwd,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def children(pid: int) -> set[int]:
    """All descendants of a process, at any depth."""
    parents = {
        p: parent for entry in Path("/proc").iterdir() if (p := _pid(entry)) and (parent := _parent(p))
    }
    found: set[int] = set()
    while new := {p for p, parent in parents.items() if parent in found | {pid}} - found:
        found |= new
    return found


def child(pid: int, module: str) -> int:
    """The only child process that runs a Python module whose name starts with this prefix."""
    (found,) = (p for p in children(pid) if _parent(p) == pid and f" -m {module}" in _command(p))
    return found


def supervisor_of(engine: int) -> int:
    """The engine's child process that runs functions for the current Python."""
    ours = {p for p in children(engine) if _parent(p) == engine and _command(p).startswith(sys.executable)}
    (found,) = (p for p in ours if "supervisor.supervisor" in _command(p))
    return found


def workers(pid: int) -> list[int]:
    """The processes that a command has started to run scenarios in parallel, each with its own engine."""
    engines = {p for p in children(pid) if " -m harness.engine.moto" in _command(p)}
    return sorted({parent for engine in engines if (parent := _parent(engine)) not in (0, pid)})


def name_of(pid: int) -> str:
    """The name of a process, which the process can set; "" if it has exited."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pids: set[int]) -> set[int]:
    """The processes that are still running."""
    return {pid for pid in pids if _parent(pid)}


def _pid(entry: Path) -> int:
    return int(entry.name) if entry.name.isdigit() else 0


def _parent(pid: int) -> int:
    """The parent of a process; 0 if the process has exited."""
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if state == "Z" else int(parent)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""
