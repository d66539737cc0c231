"""A process that has done a function's initialisation, and becomes each of its environments by forking.

A fork is a child of the supervisor, like every environment: its parent, a process between the two, ends at
once, and the supervisor adopts it. So a template may end before its forks.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from ..shared import lifeline
from ..shared.sandbox_protocol import LOG_FD, SIDE_FD, ForkSpec, InvocationSetting
from . import folders
from .randomness import randomness
from .side_channel import SideChannel


def serve_forks(side: SideChannel) -> InvocationSetting:
    """Fork until the supervisor has gone. Returns in each fork, with its first invocation."""
    gc.freeze()  # or each fork's first collection would copy all of it
    sys.stdout.flush()
    sys.stderr.flush()
    while True:
        try:
            spec, descriptors = side.fork_request()
        except (EOFError, OSError):
            os._exit(0)
        between = os.fork()
        if not between and _is_fork(side):
            become(spec, descriptors, side)
            return spec["invocation"]
        for descriptor in descriptors:
            os.close(descriptor)
        with contextlib.suppress(ChildProcessError):  # the function has children reaped by the kernel
            if os.waitpid(between, 0)[1]:
                os._exit(1)  # which tells the supervisor that there is no fork


def _is_fork(side: SideChannel) -> bool:
    """Fork again, and end the process between, with 1 if it cannot; true in the one that is to stay."""
    between = os.getpid()
    try:
        pid = os.fork()
    except OSError:  # such as no more processes
        os._exit(1)
    if pid:
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # before anybody kills its group
            side.answer_fork(pid)
        os._exit(0)
    while os.getppid() == between:
        os.sched_yield()
    return True


def become(spec: ForkSpec, descriptors: list[int], side: SideChannel) -> None:
    """Be the environment of `spec`, with its own output, folders and variables."""
    lifeline.die_with(spec["parent"])
    output, connection = descriptors
    for number, source in ((1, output), (2, output), (LOG_FD, output), (SIDE_FD, connection)):
        os.dup2(source, number, inheritable=number <= 2)
    os.close(output)
    os.close(connection)
    os.environ.update(spec["variables"])
    folders.enter(spec["folders"], lambda text: side.send("note", {"text": text}))
    randomness.start(spec["seed"])
