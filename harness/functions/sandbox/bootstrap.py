"""The main module of a sandbox: it turns the process into a Lambda environment for a function.

The process is either forked from the supervisor, which has imported Lambda's runtime, or a plain process that
runs `main`. Both then run awslambdaric's own loop, which imports the function's code.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import signal
import site
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from ..faults.kind import Handler
from ..shared import lifeline
from ..shared.sandbox_protocol import GUARD_FD, LANG, LIFELINE_FD, LOG_FD, RUNTIME, SIDE_FD, TASK, SandboxSpec
from . import (
    folders,
    hosts,
    invocations,
    measuring,
    memory,
    network,
    patience,
    pure_client,
    undebugged,
    waiting,
)
from .initialisation import Initialisation
from .invocations import Begin
from .randomness import randomness
from .side_channel import SideChannel
from .virtual_time import VirtualClock

if TYPE_CHECKING:
    from .botocore_hooks import CallHooks
    from .debugger import Debugger
    from .editor import EditorDebugger


def main(root: str) -> NoReturn:
    """Become the sandbox described by the first line on the side channel; `root` holds our package."""
    for fd in (SIDE_FD, LOG_FD, LIFELINE_FD, GUARD_FD):
        os.set_inheritable(fd, False)
    side = socket.socket(fileno=SIDE_FD)
    with side.makefile("rb", buffering=0) as lines:
        spec: SandboxSpec = json.loads(lines.readline())
    clock = VirtualClock(spec["clock_library"])
    randomness.install()
    if spec["invocation"]["clock"]:
        clock.load()
        clock.install()
    folders.prepare(spec["folders"]["runtime"], code=spec["folders"]["task"], layers=spec["folders"]["opt"])
    # If the function includes its own botocore, hook into that one.
    own = [TASK, *spec["imports"]]
    sys.path[:0] = [*own, RUNTIME]
    from .botocore_hooks import CallHooks  # noqa: PLC0415

    for folder in (*own, root):
        sys.path.remove(folder)
    hooks = CallHooks()
    hooks.install()
    run(spec, side, hooks, clock)


def run(spec: SandboxSpec, connection: socket.socket, hooks: CallHooks, clock: VirtualClock) -> NoReturn:
    """Run the function of `spec` in this process until it ends."""
    status = 1
    try:
        lifeline.die_with_parent(spec["parent"], LIFELINE_FD)
        side = SideChannel(connection)
        first = spec["invocation"]
        # Load them from their real location, before the process has a function's folders.
        lines = measuring.lines_of(spec["measures"], side) if spec["measures"] else None
        debugger = _debugger(spec, side)
        hooks.connect(side)
        hooks.begin(first)
        _prepare(spec, side)
        if not spec["offers_forks"]:
            folders.stay()
        unheld = network.install(spec, GUARD_FD, side)
        hosts.install(spec["hosts"], first)
        begin: list[Begin] = [network.begin, memory.begin, hosts.begin, hooks.begin]
        init = None
        if first["clock"]:
            patience.install()
            randomness.start(spec["seed"])
            clock.install()
            waiting.reach([*spec["network"], *hosts.addresses(spec["hosts"])])
            clock.start(side, first["clock"])
            hooks.start(clock)
            begin += [clock.begin, randomness.begin_invocation]
            if spec["offers_forks"]:
                init = Initialisation(side, first["request_id"], clock)
        else:
            clock.hide()
        end = [clock.end] if first["clock"] else []
        answer = [lines.tell] if lines else []
        _let_debug(debugger, hooks, begin, end, answer)
        invocations.install(side, init, begin, end, answer)
        _wrap_handler(hooks, debugger)
        if lines:
            lines.start()
        memory.limit(spec, is_alone=bool(unheld))
        if init:
            init.begin()
        importlib.import_module("awslambdaric.__main__").main(["bootstrap", spec["handler"]])
    except SystemExit as exit_:
        status = _exit_status(exit_.code)
    except BaseException:
        traceback.print_exc()
    finally:
        # Like Lambda, skip the supervisor's clean-up, and do not wait for the function's threads.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def arrange_descriptors(output: int, side: int, lifeline_end: int, guard: int) -> None:
    """Move a forked process's descriptors to an environment's numbers, and close all others."""
    sources = [os.open(os.devnull, os.O_RDONLY), output, output, side, output, lifeline_end, guard]
    spare = max(sources) + 1  # first move them away from the target numbers
    for number, source in enumerate(sources):
        os.dup2(source, spare + number)
    for number in range(len(sources)):
        os.dup2(spare + number, number, inheritable=number <= 2)
    os.closerange(len(sources), os.sysconf("SC_OPEN_MAX"))


def reset_signals() -> None:
    """Undo the supervisor's signal handling in a forked process."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _prepare(spec: SandboxSpec, side: SideChannel) -> None:
    os.environ.clear()
    os.environ.update(spec["variables"])
    time.tzset()
    folders.enter(spec["folders"], lambda text: side.send("note", {"text": text}))
    sys.path[:0] = [TASK, *spec["imports"]]
    sys.argv = ["bootstrap"]
    site.setquit()  # exit(), help() and others, which are missing without site-packages
    site.setcopyright()
    site.sethelper()
    ours = __name__.partition(".")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] == ours]:
        del sys.modules[name]  # a function may have a package with that name
    if importlib.util.find_spec("runtime_client") is None:
        sys.modules["runtime_client"] = pure_client


def _debugger(spec: SandboxSpec, side: SideChannel) -> Debugger | EditorDebugger | None:
    """Load the debugger from its real location, if the process may be debugged."""
    if not spec["debugger"] or spec["measures"]:  # only one tracer is possible, and it already counts lines
        return None
    function = spec["variables"]["AWS_LAMBDA_FUNCTION_NAME"]
    if spec["debugger"].get("editor"):
        from .editor import EditorDebugger  # noqa: PLC0415  (most functions are not debugged)

        return EditorDebugger(spec["debugger"], side, function)
    from .debugger import Debugger  # noqa: PLC0415  (as above)

    return Debugger(spec["debugger"], side, function)


def _let_debug(
    debugger: Debugger | EditorDebugger | None,
    hooks: CallHooks,
    begin: list[Begin],
    end: list[Callable[[], None]],
    answer: list[Callable[[], None]],
) -> None:
    """Install the debugger, if there is one. Otherwise, report each attempt to use a debugger."""
    if debugger is None:
        undebugged.install()
        return
    debugger.install()
    hooks.on_call = debugger.on_call
    begin.append(debugger.begin)
    end.insert(0, debugger.end)
    answer.append(debugger.end)


def _wrap_handler(hooks: CallHooks, debugger: Debugger | EditorDebugger | None) -> None:
    """Make awslambdaric wrap the handler in an invocation's faults, and show tracebacks like Lambda's.

    They omit our frames, and show the standard library at Lambda's path.
    """
    bootstrap: Any = importlib.import_module("awslambdaric.bootstrap")
    handle, extract = bootstrap.handle_event_request, bootstrap.extract_traceback
    ours = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")
    library = os.path.join(os.path.dirname(os.__file__), "")
    lambdas = f"{LANG}/lib/python{sys.version_info.major}.{sys.version_info.minor}/"

    def handle_event_request(client: object, handler: Handler, *args: object, **kwargs: object) -> object:
        handler = debugger.around(handler) if debugger else handler
        return handle(client, memory.around(hooks.around(handler)), *args, **kwargs)

    def extract_traceback(trace: object) -> list[tuple[str, ...]]:
        frames = [frame for frame in extract(trace) if not frame[0].startswith(ours)]
        return [(file.replace(library, lambdas, 1), *rest) for file, *rest in frames]

    bootstrap._get_handler = memory.around(bootstrap._get_handler)
    bootstrap.handle_event_request = handle_event_request
    bootstrap.extract_traceback = extract_traceback


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1
