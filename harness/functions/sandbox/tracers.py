"""Tracers for executed lines: coverage.py's compiled tracer, or one in Python if that is not available.

Both record lines in coverage.py's format and follow its rules for reports: see `shared.model.Ran`. A tracer
belongs to one thread; all tracers in a process share the same sets, one per file.
"""

from __future__ import annotations

import dis
import importlib.util
import sys
from collections.abc import Callable, Iterable
from importlib.machinery import ExtensionFileLoader
from types import FrameType, ModuleType
from typing import Any, Protocol

from ..shared.model import Ran

Wanted = Callable[[str], bool]
"""A function that returns whether the lines of a file are counted."""
_RESUME = dis.opmap.get("RESUME")  # from Python 3.11 on
_YIELD_FROM = dis.opmap.get("YIELD_FROM")  # up to Python 3.10
_LASTI_IS_YIELD = sys.version_info[:2] != (3, 13)  # https://github.com/python/cpython/issues/113728
_PROBE = "<probe>"
_PROBED = ((-1, 2), (2, 4), (4, -1))


class Tracers(Protocol):
    """Starts tracers. `data` contains the recorded lines, in a form that `ran` reads."""

    data: dict[str, set[Any]]

    def start(self) -> Any:
        """Start tracing this thread. Return the value of Python's trace function."""

    def ran(self, seen: Iterable[Any]) -> Ran:
        """Decode a file's recorded lines."""


def tracers_of(extension: str, wanted: Wanted, *, arcs: bool) -> Tracers:
    """Return the compiled tracers in a coverage.py file, or ours if it does not work."""
    if extension:
        try:
            return _Compiled(_loaded(extension), wanted, arcs=arcs)
        # for a different Python, or from a different version
        except (AttributeError, ImportError, TypeError, ValueError):
            pass
    return _Plain(wanted, arcs=arcs)


def _loaded(extension: str) -> ModuleType:
    """Load a compiled module without leaving it in `sys.modules`. Raises ImportError."""
    name = "coverage.tracer"
    before = sys.modules.get(name)
    if before is not None and before.__file__ == extension:  # a compiled module is loaded only once
        return before
    spec = importlib.util.spec_from_file_location(
        name, extension, loader=ExtensionFileLoader(name, extension)
    )
    assert spec is not None, "it has a loader"
    assert spec.loader is not None, "it has a loader"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules.pop(name, None)
    return module


class _Compiled:
    """coverage.py's CTracer. Only members that exist in every version from 7.10 on are used.

    Arcs are packed into one number. The number of bits differs between versions, so it is detected.
    Raises AttributeError, TypeError or ValueError if the module differs from the expected one.
    """

    def __init__(self, module: Any, wanted: Wanted, *, arcs: bool) -> None:
        self.data: dict[str, set[Any]] = {}
        self._module = module
        self._wanted = wanted
        self._arcs = arcs
        self._cache: dict[str, Any] = {}
        self._kept: list[Any] = []  # a tracer that is freed while it traces would change the trace function
        self._bits = 0
        if arcs:
            self._bits = self._found_bits()

    def start(self) -> Any:
        """Trace this thread."""
        tracer = self._tracer()
        self._kept.append(tracer)
        return tracer.start()

    def ran(self, seen: Iterable[int]) -> Ran:
        """Decode line numbers, or packed arcs."""
        if not self._arcs:
            return sorted(seen)
        bits, most = self._bits, (1 << self._bits) - 1
        return sorted(
            (
                (each & most) * (-1 if each >> 2 * bits & 1 else 1),
                (each >> bits & most) * (-1 if each >> 2 * bits + 1 & 1 else 1),
            )
            for each in seen
        )

    def _tracer(self) -> Any:
        tracer = self._module.CTracer()
        tracer.data = self.data
        tracer.trace_arcs = self._arcs
        tracer.should_trace = self._decide
        tracer.should_trace_cache = self._cache
        tracer.file_tracers = {}
        tracer.check_include = lambda _file, _frame: True
        for name in ("concur_id_func", "should_start_context"):
            setattr(tracer, name, None)
        for name in ("disable_plugin", "lock_data", "switch_context", "unlock_data", "warn"):
            if hasattr(tracer, name):
                setattr(tracer, name, _nothing)
        return tracer

    def _decide(self, file: str, _frame: object) -> Any:
        decided = self._module.CFileDisposition()
        decided.original_filename = decided.canonical_filename = decided.source_filename = file
        decided.trace = file == _PROBE or self._wanted(file)
        decided.reason, decided.file_tracer, decided.has_dynamic_filename = "", None, False
        return decided

    def _found_bits(self) -> int:
        """Detect the packing of arcs with a function whose arcs are known. Raises ValueError."""
        scope: dict[str, Any] = {}
        exec(compile("def probe():\n a = 1\n\n b = a\n", _PROBE, "exec"), scope)  # noqa: S102 - our own code
        tracer = self._tracer()
        tracer.start()
        try:
            scope["probe"]()
        finally:
            tracer.stop()
        seen = self.data.pop(_PROBE, set())
        for bits in range(16, 32):
            packed = {
                abs(one) | abs(other) << bits | (one < 0) << 2 * bits | (other < 0) << 2 * bits + 1
                for one, other in _PROBED
            }
            if seen == packed:
                return bits
        raise ValueError(f"{seen} are not valid arcs")


class _Plain:
    """A tracer in Python. Each call to a function in a file that is not counted costs one extra call."""

    def __init__(self, wanted: Wanted, *, arcs: bool) -> None:
        self.data: dict[str, set[Any]] = {}
        self._wanted = wanted
        self._arcs = arcs
        self._known: dict[str, set[Any] | None] = {}

    def start(self) -> Any:
        """Trace this thread."""
        sys.settrace(self._call)
        return self._call

    def ran(self, seen: Iterable[Any]) -> Ran:
        """Return line numbers, or arcs."""
        return sorted(seen)

    def _call(self, frame: FrameType, _event: str, _arg: object) -> Any:
        """Follow a frame that begins, or continues after a yield, if its file counts."""
        file = frame.f_code.co_filename
        if file not in self._known:
            self._known[file] = self.data.setdefault(file, set()) if self._wanted(file) else None
        seen = self._known[file]
        if seen is None:
            return None
        return self._following_arcs(frame, seen) if self._arcs else _following_lines(seen)

    @staticmethod
    def _following_arcs(frame: FrameType, seen: set[Any]) -> Any:
        first = frame.f_code.co_firstlineno
        last = -first if _begins(frame) else frame.f_lineno

        def follow(frame: FrameType, event: str, _arg: object) -> Any:
            nonlocal last
            if event == "line":
                seen.add((last, frame.f_lineno))
                last = frame.f_lineno
            elif event == "return" and _ends(frame):
                if sys.version_info >= (3, 14) and frame.f_lineno not in (None, last):
                    seen.add((last, frame.f_lineno))  # the line may be reported only with the return
                    last = frame.f_lineno
                seen.add((last, -first))
            return follow

        return follow


def _following_lines(seen: set[Any]) -> Any:
    def follow(frame: FrameType, event: str, _arg: object) -> Any:
        if event == "line":
            seen.add(frame.f_lineno)
        return follow

    return follow


def _begins(frame: FrameType) -> bool:
    """Return whether a frame begins, as opposed to continuing after a yield."""
    if _RESUME is None:
        return frame.f_lasti < 0
    return frame.f_code.co_code[frame.f_lasti + 1] == 0  # the argument of RESUME


def _ends(frame: FrameType) -> bool:
    """Return whether a frame ends, as opposed to yielding."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if _RESUME is None:
        yields = code[at] == dis.opmap["YIELD_VALUE"]
        return not yields and not (at + 2 < len(code) and code[at + 2] == _YIELD_FROM)
    if len(code) == at + 2:
        return True
    return code[at + 2 if _LASTI_IS_YIELD else at] != _RESUME


def _nothing(*_: object) -> None:
    """A callback that does nothing."""
