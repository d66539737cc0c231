"""A function's folders: its own /tmp, and read-only /var/task, /opt and /var/runtime as on Lambda.

If possible, a mount namespace provides them (`namespace`), so that child processes and libraries see the same
folders. Otherwise, Python's own functions are redirected (`redirect`), with the same results for Python code.

Call order: first `prepare`, in the process that environments are forked from or in a new process; then
`enter`. After that, call `enter` again in each fork of that process, or `stay` if its forks do not enter.
"""

from __future__ import annotations

import builtins
import io
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

from ...shared import linux
from ...shared.sandbox_protocol import LANG, OPT, RUNTIME, TASK, TMP, FolderSetting
from . import (
    bytecode,
    counting,
    files,
    libraries,
    namespace,
    programs,
    redirect,
    replacing,
    semaphores,
    user,
)
from .quota import QUOTA
from .roots import BYTECODE, Root, import_paths, read_only_roots
from .table import TABLE

__all__ = ["enter", "import_paths", "prepare", "stay", "tmp_is_empty"]

Function = Callable[..., Any]

_entered = False


def prepare(runtime: str, *, code: str = "", layers: str = "") -> None:
    """Make a function's paths importable before an environment exists."""
    _replace()
    roots = [Root(RUNTIME, runtime)]
    roots += [Root(at, here) for at, here in ((TASK, code), (OPT, layers)) if here]
    TABLE.set(roots)


def enter(setting: FolderSetting, tell: Callable[[str], None]) -> None:
    """Set up an environment's folders for this process, which has one thread. Raises OSError.

    Without a namespace, `tell` is called with a message when the function starts a different program.
    """
    global _entered  # noqa: PLW0603
    if not setting["isolation"]:
        _lead(setting, tell)
    elif _entered:
        namespace.renew_tmp(setting)
    else:
        TABLE.set(())
        namespace.enter(setting, setting["isolation"])
        if setting["isolation"] == "mount":
            user.become()
    if not _entered:
        bytecode.keep()
    _entered = True


def stay() -> None:
    """Keep this process's folders after `enter`; its forks do not call `enter` again. Raises OSError."""
    if sys.platform == "linux":
        linux.give_up_capabilities()


def tmp_is_empty() -> bool:
    """Return whether /tmp is still unused."""
    return not os.listdir(TMP)


def _lead(setting: FolderSetting, tell: Callable[[str], None]) -> None:
    own = os.path.dirname(setting["tmp"])  # contains every environment's /tmp
    if not _entered:
        if sys.platform == "linux":
            linux.give_programs_no_privileges()
            linux.write_only_below(own)
            linux.give_up_capabilities()
        user.become()
    resource.setrlimit(resource.RLIMIT_FSIZE, (setting["tmp_mib"] << 20,) * 2)  # for uncounted writes
    roots = [
        *read_only_roots(setting),
        Root(TMP, setting["tmp"]),
        Root(BYTECODE, setting["bytecode"]),
        *(Root(path, setting["nothing"] + path) for path in ("/home", "/root", "/var/tmp")),  # noqa: S108
        Root("/dev/shm", f"{setting['nothing']}/no"),  # noqa: S108
    ]
    TABLE.set(roots, read_only=True)
    QUOTA.set(setting["tmp"], setting["tmp_mib"] << 20)
    programs.tell_of_programs(tell)
    if not _entered:
        os.chdir(TASK)
        sys.executable = f"{LANG}/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def _replace() -> None:
    """Replace the functions that access files, once. While the table is empty, they behave like the
    originals.
    """
    import _io  # noqa: PLC0415
    import _posixsubprocess  # noqa: PLC0415

    opened, open_code = files.led_open(io.open), files.led_open_code(io.open_code, io.open)
    fork_exec = programs.led_fork_exec(_posixsubprocess.fork_exec)
    replaced: dict[Function, Function] = {
        io.open: opened,
        io.open_code: open_code,
        io.FileIO: files.CountedFile,
        _posixsubprocess.fork_exec: fork_exec,
    }
    led = redirect.replacements() | counting.replacements() | programs.replacements()
    replaced |= replacing.replace_in_os(led)
    builtins.open = opened
    for module in (io, _io):
        vars(module).update(open=opened, open_code=open_code, FileIO=files.CountedFile)
    _posixsubprocess.fork_exec = fork_exec
    replacing.replace_where_held(replaced)
    libraries.install()
    semaphores.remove()
