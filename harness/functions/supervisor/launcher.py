"""Starts environment processes: forks of the supervisor, or plain processes where forking is not possible."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import hashlib
import importlib
import itertools
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..sandbox import bootstrap, folders
from ..sandbox.folders.bytecode import compile_package
from ..sandbox.randomness import randomness
from ..sandbox.virtual_time import VirtualClock
from ..shared.guard_protocol import Registration
from ..shared.interpreter import StartMethod, python_command
from ..shared.model import FunctionConfig
from ..shared.reach import address_of_url, text_of
from ..shared.removal import remove_tree
from ..shared.sandbox_protocol import (
    OPT,
    RUNTIME,
    SIDE_FD,
    Bounds,
    FolderSetting,
    InvocationSetting,
    Measuring,
    SandboxSpec,
)
from .guard import Guard
from .isolation import available, new_setting

if TYPE_CHECKING:
    from ..sandbox.botocore_hooks import CallHooks


# The first imports in an environment. They exclude awslambdaric's bootstrap and lambda_runtime_client (with
# its C extension), because those read environment variables on import.
_SHARED_MODULES = (
    "awslambdaric.lambda_config",
    "awslambdaric.lambda_context",
    "awslambdaric.lambda_runtime_hooks_runner",
    "awslambdaric.lambda_runtime_log_utils",
    "awslambdaric.lambda_runtime_marshaller",
    "concurrent.futures.thread",
    "encodings.idna",
    "http.client",
)


@dataclass(frozen=True)
class Process:
    """A started environment: its process (and group) ID, and our ends of its log pipe and side channel.

    `tmp` is a folder to remove with it, or "".
    """

    pid: int
    log: int
    side: int
    tmp: str


def remove_tmp(folder: str) -> None:
    """Remove the files of an environment that has exited. The path is "" if they were in a namespace."""
    if folder:
        remove_tree(folder)


@dataclass(frozen=True)
class Ends:
    """A process's log pipe and side channel: our ends, and the process's ends (`output` and `theirs`)."""

    log: int
    output: int
    side: socket.socket
    theirs: socket.socket

    def process(self, pid: int, tmp: str) -> Process:
        """Keep our ends for a process that has started."""
        return Process(pid, os.dup(self.log), os.dup(self.side.fileno()), tmp)


@contextlib.contextmanager
def channels() -> Iterator[Ends]:
    """Open a log pipe and a side channel; all four ends are closed afterwards."""
    log, output = os.pipe()
    ours, theirs = socket.socketpair()
    try:
        with ours, theirs:
            yield Ends(log, output, ours, theirs)
    finally:
        os.close(log)
        os.close(output)


class Launcher:
    """Starts environments by one method. For `fork`, first loads the modules that the environments share."""

    def __init__(self, method: StartMethod, folder: Path) -> None:
        self._method = method
        # on other systems, loaded libraries may not survive forking
        self.forks_templates = sys.platform == "linux"
        runtime = str(folder / "runtime")
        self._clock_library = str(folder / "clock")
        self._folders = new_setting(str(folder), runtime, available(str(folder)).isolation)
        self._tmp = folder / "tmp"
        self._count = itertools.count()
        compile_package(f"{runtime}/awslambdaric")
        self._lifeline, self._held = os.pipe()  # never written to: when this process exits, it closes
        if method == "fork":
            folders.prepare(runtime)
            sys.path.insert(0, RUNTIME)
            self._clock = VirtualClock(self._clock_library)
            self._hooks = _load_runtime(self._clock)
        self._guard = Guard.start()

    def start(
        self,
        config: FunctionConfig,
        variables: Mapping[str, str],
        first: InvocationSetting,
        seed: str,
        *,
        offers_forks: bool = False,
        measures: Measuring | None = None,
    ) -> Process:
        """Start an environment of a function, beginning with this invocation.

        `seed`, `offers_forks` and `measures`: see SandboxSpec.
        """
        code, layers = str(config.code), str(config.layers or "")
        imports = folders.import_paths(layers, config.runtime.removeprefix("python"))
        bounds = self.bounds_of(config, variables, first)
        spec: SandboxSpec = {
            "invocation": first,
            "parent": os.getpid(),
            "folders": self.folders_of(config),
            "imports": imports,
            "handler": config.handler,
            "clock_library": self._clock_library,
            "seed": seed,
            "variables": variables,
            "offers_forks": offers_forks,
            "measures": measures,
            "hosts": config.hosts,
            "debugger": config.debugger,
            **bounds,
        }
        own = [path.replace(OPT, layers, 1) for path in imports]
        with channels() as ends:
            if self._method == "fork" and not _bring_their_own(code, *filter(os.path.isdir, own)):
                pid = self._fork(spec, ends.output, ends.theirs)
            else:
                pid = self._spawn(ends.output, ends.theirs)
                ends.side.sendall(json.dumps(spec).encode() + b"\n")
            self.guard(pid, bounds, ends)
            return ends.process(pid, spec["folders"]["tmp"])

    def bounds_of(
        self, config: FunctionConfig, variables: Mapping[str, str], first: InvocationSetting
    ) -> Bounds:
        """Return the bounds for a new environment that begins with this invocation."""
        return {
            "reach": _reach(config, variables, first),
            "network": list(config.network),
            "memory_mib": config.memory_mib,
        }

    def guard(self, pid: int, bounds: Bounds, ends: Ends) -> None:
        """Place a newly started process under the guard."""
        if self._guard:
            reach, network, memory_mib = bounds["reach"], bounds["network"], bounds["memory_mib"]
            self._guard.add(Registration(pid, reach, network, memory_mib), ends.output)

    def folders_of(self, config: FunctionConfig) -> FolderSetting:
        """Return the folders for a new environment; create its /tmp if no namespace provides one."""
        setting = self._folders.copy()
        setting["task"] = str(config.code)
        setting["opt"] = str(config.layers or setting["opt"])
        setting["tmp_mib"] = config.tmp_mib
        key = hashlib.sha256(f"{config.code} {config.layers}".encode()).hexdigest()
        setting["bytecode"] = f"{self._tmp}/bytecode-{key[:16]}"
        os.makedirs(setting["bytecode"], exist_ok=True)
        if not setting["isolation"]:
            setting["tmp"] = f"{self._tmp}/{next(self._count)}"
            os.mkdir(setting["tmp"])
        return setting

    def _fork(self, spec: SandboxSpec, output: int, side: socket.socket) -> int:
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                os.setpgid(0, 0)
                bootstrap.reset_signals()
                guard = self._guard.descriptor if self._guard else output
                bootstrap.arrange_descriptors(output, side.detach(), self._lifeline, guard)
                bootstrap.run(spec, socket.socket(fileno=SIDE_FD), self._hooks, self._clock)
            os._exit(1)
        with contextlib.suppress(OSError):  # parent and child both call it; the child may also have exited
            os.setpgid(pid, pid)
        return pid

    def _spawn(self, output: int, side: socket.socket) -> int:
        command = python_command(bootstrap.__name__)
        guard = self._guard.descriptor if self._guard else output
        sources = (output, output, side.fileno(), output, self._lifeline, guard)
        spare = max(sources) + 1  # first move them away from the target numbers
        actions: list[tuple[object, ...]] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
        actions += [(os.POSIX_SPAWN_DUP2, fd, spare + i) for i, fd in enumerate(sources)]
        actions += [(os.POSIX_SPAWN_DUP2, spare + i, 1 + i) for i in range(len(sources))]
        actions += [(os.POSIX_SPAWN_CLOSE, spare + i) for i in range(len(sources))]
        return os.posix_spawn(
            command[0],
            command,
            dict(os.environ),
            file_actions=actions,
            setpgroup=0,
            setsigdef=[signal.SIGCHLD],
        )


def _reach(config: FunctionConfig, variables: Mapping[str, str], first: InvocationSetting) -> list[str]:
    """List the addresses that a function needs: the engine, its Runtime API, and its clock."""
    urls = [config.endpoint_url, f"http://{variables['AWS_LAMBDA_RUNTIME_API']}"]
    if first["clock"]:
        urls.append(first["clock"]["sleep_url"])
    for served in filter(None, (config.hosts, config.debugger)):
        urls.append(f"http://127.0.0.1:{served['port']}")
    addresses = (address_of_url(url) for url in urls)
    return list(dict.fromkeys(text_of(*address) for address in addresses if address))


def _load_runtime(clock: VirtualClock) -> CallHooks:
    """Import the modules of Lambda's runtime; return the botocore hooks."""
    with contextlib.suppress(ImportError):  # then no caller can request a virtual clock
        clock.load()
    clock.install()  # some of the modules keep a reference to `time.sleep`
    randomness.install()
    with randomness.loading():
        hooks = _load_modules()
    clock.uninstall()
    gc.collect()
    gc.freeze()  # otherwise each environment's first collection would copy all memory
    return hooks


def _load_modules() -> CallHooks:
    for name in _SHARED_MODULES:
        importlib.import_module(name)

    from ..sandbox.botocore_hooks import CallHooks  # noqa: PLC0415
    from ..sandbox.botocore_warmup import warm_botocore  # noqa: PLC0415

    with contextlib.suppress(OSError):
        ctypes.CDLL("libstdc++.so.6")
    warm_botocore()
    hooks = CallHooks()
    hooks.install()
    return hooks


def _bring_their_own(*folders: str) -> bool:
    """Return whether the code contains a module or package with the name of one that a fork has already
    imported.
    """
    loaded = {name.partition(".")[0] for name in sys.modules}
    loaded -= {"__main__", __name__.partition(".")[0]}
    there = (entry for folder in folders for entry in os.scandir(folder))
    return any(entry.name.partition(".")[0] in loaded for entry in there)
