"""Places in a function's code whose results differ in each process, even with seeded randomness."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CALLS: Final = {
    "id": "returns an address",
    "os.getpid": "returns the process ID",
    "os.getppid": "returns the process ID",
    "os.times": "returns processor time",
    "os.stat": "returns a file's timestamps",
    "os.path.getmtime": "returns the time of a file",
    "os.path.getctime": "returns the time of a file",
    "os.popen": "starts another program",
    "os.system": "starts another program",
    "platform.node": "returns the name of the computer",
    "psutil.Process": "inspects the process",
    "resource.getrusage": "returns processor time and memory",
    "socket.gethostname": "returns the name of the computer",
    "subprocess.Popen": "starts another program",
    "subprocess.check_call": "starts another program",
    "subprocess.check_output": "starts another program",
    "subprocess.run": "starts another program",
    "threading.get_ident": "returns the thread ID",
    "threading.get_native_id": "returns the thread ID",
    "time.process_time": "returns processor time",
    "time.process_time_ns": "returns processor time",
    "time.thread_time": "returns processor time",
    "time.thread_time_ns": "returns processor time",
    "time.clock_gettime": "may return the real time",
    "time.clock_gettime_ns": "may return the real time",
    "rsa.generate_private_key": "generates a key in OpenSSL",
    "ec.generate_private_key": "generates a key in OpenSSL",
}
_MODULES: Final = {"ctypes": "calls into C", "cffi": "calls into C"}
_FILES: Final = ("/proc/", "/sys/", "/dev/urandom", "/dev/random", "/etc/hostname")
LISTED: Final = 5


def places(folder: Path) -> list[str]:
    """Return at most LISTED sentences such as `src/app.py:12: os.getpid() returns the process ID`."""
    found: list[str] = []
    for file in sorted(folder.rglob("*.py")):
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        relative = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
        found += [f"{relative}:{line}: {what}" for line, what in sorted(set(_in(tree)))]
        if len(found) >= LISTED:
            break
    return found[:LISTED]


def _in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    names = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _dotted(node.func, names)
            what = next((_CALLS[end] for end in _ends(name) if end in _CALLS), "")
            if what and (name == "id" or "." in name):
                yield node.lineno, f"{name}() {what}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.startswith(_FILES):
                yield node.lineno, f"{node.value} depends on this process or computer"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            )
            for module in modules:
                if called := _MODULES.get(module.partition(".")[0]):
                    yield node.lineno, f"{module} {called}"


def _imported(tree: ast.AST) -> dict[str, str]:
    """Map imported names to full names: `{"pid": "os.getpid"}`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, names)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _ends(name: str) -> Iterator[str]:
    """Return the name and all its suffixes of two or more parts, to match `a.rsa.generate_private_key`."""
    parts = name.split(".")
    yield name
    yield from (".".join(parts[n:]) for n in range(1, len(parts) - 1))
