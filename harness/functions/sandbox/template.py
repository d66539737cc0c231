"""A process that has run a function's initialisation, and forks each of its environments.

A fork is a child of the supervisor, like every environment. So a template can exit before its forks.
"""

from __future__ import annotations

import gc
import os
import sys

from ..shared import lifeline
from ..shared.sandbox_protocol import LOG_FD, SIDE_FD, ForkSpec, InvocationSetting
from . import folders
from .randomness import randomness
from .sibling import fork_sibling
from .side_channel import SideChannel


def serve_forks(side: SideChannel) -> InvocationSetting:
    """Fork until the supervisor has exited. Return in each fork, with its first invocation."""
    gc.freeze()  # otherwise each fork's first collection would copy all memory
    sys.stdout.flush()
    sys.stderr.flush()
    while True:
        try:
            spec, descriptors = side.fork_request()
        except (EOFError, OSError):
            os._exit(0)
        try:
            pid = fork_sibling()
        except OSError:  # for example, the process limit is reached
            os._exit(1)  # reports to the supervisor that the fork failed
        if pid == 0:
            os.setpgid(0, 0)
            become(spec, descriptors, side)
            return spec["invocation"]
        side.answer_fork(pid)
        for descriptor in descriptors:
            os.close(descriptor)


def become(spec: ForkSpec, descriptors: list[int], side: SideChannel) -> None:
    """Become the environment of `spec`, with its own output, folders and variables."""
    lifeline.die_with(spec["parent"])
    output, connection = descriptors
    for number, source in ((1, output), (2, output), (LOG_FD, output), (SIDE_FD, connection)):
        os.dup2(source, number, inheritable=number <= 2)
    os.close(output)
    os.close(connection)
    os.environ.update(spec["variables"])
    folders.enter(spec["folders"], lambda text: side.send("note", {"text": text}))
    randomness.start(spec["seed"])
