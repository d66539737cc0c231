"""Forks a process as a child of this process's parent, so that this process can exit before its forks.

It uses Linux's CLONE_PARENT if that works with Python's own fork. Otherwise it forks twice: the intermediate
process exits immediately, and the nearest ancestor that adopts orphans adopts the fork.

Sources: clone(2), PR_GET_TID_ADDRESS(2const), and glibc's `fork`, which passes the address of the thread's ID
to the kernel in the same way.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os

_SYS_CLONE3 = 435  # on every architecture
_CLONE_PARENT, _CLONE_CHILD_CLEARTID, _CLONE_CHILD_SETTID = 0x0000_8000, 0x0020_0000, 0x0100_0000
_PR_GET_TID_ADDRESS = 40


class _CloneArguments(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_uint64)
        for name in ("flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls")
    ]


def fork_sibling() -> int:
    """Fork this single-threaded process. Return 0 in the child process, and the child's ID in the parent.

    Raises OSError.
    """
    own_id = _address_of_thread_id()
    pid = _clone(own_id) if own_id else -1
    return pid if pid >= 0 else _fork_twice()


def _address_of_thread_id() -> int:
    """Return the address of this thread's ID in the C library, or 0 if unknown."""
    address = ctypes.c_void_p()
    if ctypes.pythonapi.prctl(_PR_GET_TID_ADDRESS, ctypes.byref(address), 0, 0, 0) or not address.value:
        return 0
    holds_it = ctypes.c_int.from_address(address.value).value == os.getpid()  # not in musl
    return address.value if holds_it else 0


def _clone(own_id: int) -> int:
    """Fork like `os.fork`; return -1 if the kernel does not allow it."""
    flags = _CLONE_PARENT | _CLONE_CHILD_CLEARTID | _CLONE_CHILD_SETTID
    arguments = _CloneArguments(flags=flags, child_tid=own_id)
    size = ctypes.c_size_t(ctypes.sizeof(arguments))
    python = ctypes.pythonapi  # covers all loaded libraries, including the C library; keeps the GIL
    python.PyOS_BeforeFork()
    pid: int = python.syscall(ctypes.c_long(_SYS_CLONE3), ctypes.byref(arguments), size)
    if pid:
        python.PyOS_AfterFork_Parent()
    else:
        python.PyOS_AfterFork_Child()
    return pid


def _fork_twice() -> int:
    read, write = os.pipe()
    between = os.fork()
    if between:
        os.close(write)
        answer = os.read(read, 32)
        os.close(read)
        with contextlib.suppress(ChildProcessError):  # the function makes the kernel reap its children
            os.waitpid(between, 0)
        if not answer:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return int(answer)
    between = os.getpid()
    try:
        pid = os.fork()
    except OSError:  # for example, the process limit is reached
        os._exit(1)
    if pid:
        os.write(write, str(pid).encode())
        os._exit(0)
    while os.getppid() == between:
        os.sched_yield()
    os.close(read)
    os.close(write)
    return 0
