"""Starts a command in a `cell`, and forwards its output."""

from __future__ import annotations

import json
import os
import shutil
import signal
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Final, TextIO

from harness.bundle import cell
from harness.engine import isolation
from harness.engine.base import EngineError
from harness.functions.host.pythons import INSTALLABLE, OWN, PythonRuntime, cache_folder
from harness.printable import say

_SYSTEM: Final = ("/usr/", "/nix/", "/bin/", "/lib/")
_ENDS_S: Final = 20
"""Real seconds that a stopped command has to exit on its own."""
_LONGEST_LINE: Final = 1 << 16
_HARNESS: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Place:
    """A temporary folder, with `files` that the command can see and `tmp` that it can write to."""

    root: Path

    @property
    def files(self) -> Path:
        """The files that the command can see."""
        return self.root / "files"

    @property
    def tmp(self) -> Path:
        """The folder that the command sees as /tmp."""
        return self.root / "tmp"


def check() -> None:
    """Check that this machine can isolate processes.

    Raises:
        EngineError: it cannot. The message says what would allow it.
    """
    found = isolation.state()
    if not found.usable:
        raise EngineError(
            "a bundle contains untrusted code and runs only in isolation, but there are no "
            f"mount namespaces: {found.detail}; {found.remedy}"
        )


def run(module: str, arguments: Sequence[str], place: Place, folder: str, screen: TextIO) -> int:
    """Run a harness module in a cell, forward its output to the screen or stderr, and return the exit code.

    `folder` is the working directory, relative to `place.files`.

    Raises:
        EngineError: it cannot be isolated on this machine.
    """
    _lend_cache(place.tmp)
    reason = ""
    for pids in (True, False):
        with _started(module, arguments, place, folder, pids=pids) as (process, told):
            reason = told.read().decode(errors="replace")
            if not reason:
                return _ended(process, screen)
    raise EngineError(
        f"a bundle runs only in isolation, but a process cannot have its own namespaces on this machine: "
        f"{reason}; allow unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) and mount, "
        "which a container's seccomp or AppArmor profile may forbid"
    )


@contextmanager
def _started(
    module: str, arguments: Sequence[str], place: Place, folder: str, *, pids: bool
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    stage = place.root / "stage"
    stage.mkdir(exist_ok=True)
    reading, writing = os.pipe()
    spec: cell.Spec = {
        "command": [sys.executable, "-s", "-P", "-X", "utf8", "-m", module, *arguments],
        "variables": _variables(),
        "kept": _kept(),
        "files": str(place.files),
        "tmp": str(place.tmp),
        "stage": str(stage),
        "folder": f"{cell.SEEN_AT}/{folder}",
        "told": writing,
        "pids": pids,
    }
    with open(reading, "rb") as told:
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-m", cell.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(_HARNESS.parent)},
            pass_fds=(writing,),
            start_new_session=True,  # it has no terminal, so it cannot inject input into one
        )
        os.close(writing)
        try:
            assert process.stdin is not None, "it is a pipe"
            with suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(json.dumps(spec).encode())
            yield process, told
        finally:
            _stop(process)


def _ended(process: subprocess.Popen[bytes], screen: TextIO) -> int:
    assert process.stdout is not None, "it is a pipe"
    assert process.stderr is not None, "it is a pipe"
    beside = Thread(target=_hand_on, args=(process.stderr, sys.stderr))
    beside.start()
    _hand_on(process.stdout, screen)
    beside.join()
    return process.wait()


def _hand_on(source: IO[bytes], target: TextIO) -> None:
    """Print a process's output, line by line, in printable form."""
    for line in iter(lambda: source.readline(_LONGEST_LINE), b""):
        with suppress(BrokenPipeError):
            say(line.decode("utf-8", "backslashreplace").removesuffix("\n"), file=target, flush=True)


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDS_S)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _variables() -> dict[str, str]:
    """Return the command's environment variables, with only the screen width from the user's
    environment.
    """
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp/home",  # noqa: S108
        "XDG_CACHE_HOME": "/tmp/cache",  # noqa: S108
        "TMPDIR": "/tmp",  # noqa: S108
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_HARNESS.parent),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": str(shutil.get_terminal_size((110, 24)).columns),
    }


def _lend_cache(tmp: Path) -> None:
    """Make the packages that were installed for functions, and their Python versions, available to
    the command.
    """
    (tmp / "home").mkdir(exist_ok=True)
    cache = tmp / "cache" / cache_folder({}).name
    cache.mkdir(parents=True, exist_ok=True)
    builds = cache / "builds"
    if not builds.exists():
        builds.symlink_to(f"{cell.SEEN_AT}/builds")
    for runtime in _runtimes():
        link = cache / runtime.folder.name
        if not link.is_symlink():
            link.symlink_to(runtime.folder.resolve())


def _runtimes() -> list[PythonRuntime]:
    found = (PythonRuntime(version) for version in INSTALLABLE if version != OWN)
    return [runtime for runtime in found if runtime.installed]


def _kept() -> list[str]:
    """Return the folders of Python, its packages and the harness, without nested folders."""
    folders = {sys.prefix, sys.base_prefix, sys.base_exec_prefix, str(_HARNESS)}
    folders |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    if site.getusersitepackages() in sys.path:
        folders.add(site.getusersitepackages())
    for runtime in _runtimes():
        folders |= {str(runtime.folder), str(runtime.python.resolve().parents[1])}
    folders |= {os.path.realpath(folder) for folder in folders}
    there = sorted(
        f for f in folders if os.path.isdir(f) and not f.startswith(_SYSTEM) and f not in ("/", "/usr")
    )
    return [each for each in there if not any(each.startswith(f"{other}/") for other in there)]
