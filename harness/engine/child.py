"""A child process that emulates AWS. It is guaranteed to exit on `stop` or when its parent dies.

The child follows three rules. It prints one line of JSON on standard output once it accepts requests. It
exits when its standard input is closed. It writes its log to standard error. If it exits because an essential
process has failed, it first prints a second line: `{"lost": "a sentence about the failure"}`.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from harness.engine.base import EngineError
from harness.functions.shared.lifeline import ended_with

STOP_TIMEOUT_S = 5.0
END_SEEN_S = 1.0
NO_SPACE = os.strerror(errno.ENOSPC)
NO_MEMORY = "the system ran out of memory; seed fewer buckets, or run fewer functions at the same time"


def reserve_port() -> int:
    """Return a port on 127.0.0.1 for an emulator that cannot find one itself.

    A connection that the server has closed stays in TIME_WAIT (60 s on Linux). Until then, the system does
    not assign the port to other sockets, so the emulator does not need to bind it immediately. To bind it,
    the emulator must set SO_REUSEADDR, as servers do.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address):
            server.accept()[0].close()
        port: int = address[1]
        return port


class Child:
    """One child process. `name` is its name in error messages."""

    def __init__(self, name: str, start_timeout_s: float):
        self.name = name
        self._start_timeout_s = start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._asked = threading.Lock()
        self._words: str | None = None
        self._oom_kills = 0

    @property
    def pid(self) -> int | None:
        """The process ID, while the process exists."""
        return self._process.pid if self._process else None

    def launch_module(self, module: str, *arguments: str, env: Mapping[str, str]) -> None:
        """Start a module of the harness without waiting. Does nothing if the process has already started.

        The working directory is not on the import path (`-P`), so a `queue.py` in that folder is not
        imported.
        """
        root = Path(__file__).parents[2]
        if root == Path.cwd():  # the root of a checkout, because the package may not be installed
            env = {**env, "PYTHONPATH": os.pathsep.join(filter(None, [env.get("PYTHONPATH"), str(root)]))}
        self.launch((sys.executable, "-P", "-m", module, *arguments), env)

    def launch(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start the process without waiting. Does nothing if it has already started."""
        if self._process is not None:
            return
        try:
            self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in stop)
        except OSError as error:
            raise EngineError(no_space(error.strerror or str(error))) from error
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=env,
            start_new_session=True,  # Ctrl-C is sent to the parent, which then stops the child cleanly
        )
        self._words = None
        self._oom_kills = oom_kills()
        atexit.register(self.stop)

    def ready(self) -> Any:
        """Wait until the process accepts requests, and return the JSON value that it printed.

        Raises EngineError with the end of the log if the process exits first or takes too long.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        hung, kill = threading.Event(), self._process.kill

        def give_up() -> None:
            hung.set()
            kill()

        killer = threading.Timer(self._start_timeout_s, give_up)
        killer.daemon = True  # even if Ctrl-C arrives before the caller can cancel the wait
        try:
            killer.start()
            line = self._process.stdout.readline()
        finally:
            killer.cancel()
        if not line:
            process, log = self._process, self.last_log()
            self.stop()
            if hung.is_set():
                raise EngineError(f"{self.name} did not start within {self._start_timeout_s:g} s\n{log}")
            if NO_SPACE in log:
                raise EngineError(no_space(NO_SPACE))
            raise EngineError(
                f"{self.name} ended with {ended_with(process.returncode)} while starting\n{log}"
            )
        return json.loads(line)

    def stop(self) -> None:
        """Stop the process. Its input is closed first, and it is killed if it does not exit in time.

        Further calls have no effect.
        """
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self.stop)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        if self._log is not None:
            self._log.close()

    def check(self) -> None:
        """Raise EngineError if the process has exited unexpectedly.

        Callers use this method after a failure. The connections of a killed process close shortly before its
        exit can be detected, so this method waits briefly. Another thread may stop the process during the
        wait.
        """
        process = self._process
        if process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SEEN_S)
        if process.returncode is None:
            return
        with self._asked:  # any thread may call this, and the pipe can be read only once
            if self._words is None:
                self._words = _last_words(process)
        if lost := self._words:
            raise EngineError(f"{self.name}: {lost}")
        ended = f"{self.name} ended with {ended_with(process.returncode)}"
        if process.returncode == -signal.SIGKILL and oom_kills() > self._oom_kills:
            ended += f": {NO_MEMORY}"
        raise EngineError(f"{ended}\n{self.last_log()}".rstrip())

    def wait_for_end(self) -> None:
        """Block until the process is stopped or exits unexpectedly. `check` explains an unexpected exit."""
        if self._process is not None:
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)

    def last_log(self, size: int = 4000) -> str:
        """Return the end of the log. Empty if it is closed, for example by another thread."""
        log = self._log
        if log is None:
            return ""
        try:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - size))
            return log.read().decode(errors="replace")
        except ValueError:
            return ""


def oom_kills() -> int:
    """Return how many processes Linux has killed because memory ran out, or 0 if unknown."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """Return the failure that the process reported before it exited, or "" if it reported none."""
    assert process.stdout is not None
    try:
        os.set_blocking(process.stdout.fileno(), False)  # a child of that process may hold the pipe open
        said = json.loads(process.stdout.read() or b"{}")
        return str(said.get("lost", ""))
    except (AttributeError, OSError, ValueError):
        return ""


def no_space(why: str) -> str:
    """Return an error for temporary files that cannot be written."""
    return f"temporary files: {why}; free some space, or set TMPDIR to another folder (now {_folder()})"


def _folder() -> str:
    return os.environ.get("TMPDIR") or "/tmp"  # noqa: S108  (tempfile's default, missing from its errors)
