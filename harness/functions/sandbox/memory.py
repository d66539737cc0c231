"""A function's memory limit: an allocation beyond MemorySize ends the process, as on Lambda.

The limit is RLIMIT_DATA, which the kernel checks at each allocation, without privileges. It counts reserved
memory, whereas Lambda counts used memory. So the limit is recalculated from the current use at certain
moments: when a thread starts (its whole stack is reserved), when a compiled module is loaded (some reserve
memory for each processor), and when an invocation begins. Memory used by Lambda's own runtime counts towards
the limit; memory used by the harness's modules does not. A MemoryError means that the limit was reached. The
process is killed even if the code would catch the error.

`supervisor.guard` watches the memory of other programs that a function starts, where this is supported.
"""

from __future__ import annotations

import _thread
import dis
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, ModuleType, TracebackType
from typing import Any

from ..shared.memory import allowance, memory_of
from ..shared.sandbox_protocol import Bounds, InvocationSetting
from . import audit

_RAISES = dis.opmap["RAISE_VARARGS"]
_STACK = 9 << 20  # for a thread: 8 MiB as on Lambda, plus the C library's overhead
_SPARE = 2 << 20  # more than Python requests from the system at a time
_PER_PROCESSOR = 64 << 20  # linear algebra libraries reserve 32 MiB and a stack for each one


class _Limit:
    """The limit of this process, in bytes."""

    def __init__(self) -> None:
        self.root = 0
        self.allowed = 0
        self.used_before = 0
        self.is_loose = False

    def set(self, reserved: int = 0) -> None:
        """Limit the process to its remaining memory plus the memory that is about to be `reserved`."""
        data, used = memory_of()
        left = self.allowed - (used - self.used_before)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = data + max(left, 0) + reserved
        self.is_loose = bool(reserved)
        resource.setrlimit(
            resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


_limit = _Limit()


def limit(spec: Bounds, *, is_alone: bool) -> None:
    """Limit this process to its function's MemorySize; call it again in a fork to continue the count (Linux).

    Args:
        is_alone: true if no guard ends processes that exceed the limit.
    """
    if sys.platform != "linux":
        return
    _limit.root = os.getpid()
    _limit.allowed = allowance(spec["memory_mib"])
    _, _limit.used_before = memory_of()
    _watch_threads()
    audit.on("import", _loads)
    audit.on("ctypes.dlopen", _loads)
    if is_alone:
        _watch_exceptions()
    _limit.set()


def begin(_: InvocationSetting) -> None:
    """Measure memory usage again when an invocation begins, possibly in a fork of the limited process."""
    if _limit.root:
        _limit.root = os.getpid()
        _limit.set()


@contextmanager
def aside() -> Iterator[None]:
    """Exclude memory used during the `with` block, for example by a debugger."""
    if not _limit.root:
        yield
        return
    _, before = memory_of()
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    try:
        yield
    finally:
        _, after = memory_of()
        _limit.used_before += max(after - before, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
        _limit.set()


def around(code: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the function's code, so that a MemoryError that it does not catch ends the process."""

    def limited(*args: object, **kwargs: object) -> Any:
        try:
            return code(*args, **kwargs)
        except MemoryError as error:
            if _limit.root and not _raised_by_code(error.__traceback__):
                _kill()
            raise

    return limited


def _thread_starts(_: str, __: tuple[Any, ...]) -> None:
    _limit.set(max(threading.stack_size(), _STACK))


def _watch_threads() -> None:
    for event in ("_thread.start_new_thread", "_thread.start_joinable_thread"):
        audit.on(event, _thread_starts)
    if sys.version_info < (3, 12):  # the event does not exist
        _wrap_start(threading, "_start_new_thread")
        _wrap_start(_thread, "start_new_thread")


def _wrap_start(module: ModuleType, name: str) -> None:
    start = getattr(module, name)

    def start_new_thread(*args: Any, **kwargs: Any) -> Any:
        _limit.set(max(threading.stack_size(), _STACK))
        return start(*args, **kwargs)

    setattr(module, name, start_new_thread)


def _loads(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "ctypes.dlopen" or arguments[1] is not None:  # a compiled module's file
        _limit.set(_PER_PROCESSOR * (os.cpu_count() or 1))
    elif _limit.is_loose:
        _limit.set()


def _kill() -> None:
    for pid in dict.fromkeys((_limit.root, os.getpid())):  # a fork ends its function, too
        os.kill(pid, signal.SIGKILL)


def _raised_by_code(trace: TracebackType | None) -> bool:
    """Return whether an exception comes from a `raise` in Python code."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and _is_raise(trace.tb_frame.f_code, trace.tb_lasti)


def _is_raise(code: CodeType, offset: int) -> bool:
    return offset >= 0 and code.co_code[offset] == _RAISES


def _watch_exceptions() -> None:
    """End the process at each MemoryError, whether or not it is caught (requires Python 3.12)."""
    if sys.version_info < (3, 12):
        return
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
    # tool IDs without a known use
    tool = next((n for n in (4, 3, 5) if monitoring.get_tool(n) is None), None)
    if tool is None:
        return

    spare = [bytes(_SPARE)]

    def raised(code: CodeType, offset: int, error: BaseException) -> None:
        if isinstance(error, MemoryError):
            spare.clear()  # spare memory for inspecting the code
            if not _is_raise(code, offset):
                _kill()

    monitoring.use_tool_id(tool, "harness")
    monitoring.register_callback(tool, monitoring.events.RAISE, raised)
    monitoring.set_events(tool, monitoring.events.RAISE)
