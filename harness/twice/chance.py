"""Places in a function's code that give something else in each process, for all that is seeded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CALLS: Final = {
    "id": "gives an address",
    "os.getpid": "gives the id of the process",
    "os.getppid": "gives the id of the process",
    "os.times": "tells processor time",
    "os.stat": "tells the times of a file",
    "os.path.getmtime": "tells the time of a file",
    "os.path.getctime": "tells the time of a file",
    "os.popen": "starts another program",
    "os.system": "starts another program",
    "platform.node": "names the computer",
    "psutil.Process": "looks at the process",
    "resource.getrusage": "tells processor time and memory",
    "socket.gethostname": "names the computer",
    "subprocess.Popen": "starts another program",
    "subprocess.check_call": "starts another program",
    "subprocess.check_output": "starts another program",
    "subprocess.run": "starts another program",
    "threading.get_ident": "gives the id of a thread",
    "threading.get_native_id": "gives the id of a thread",
    "time.process_time": "tells processor time",
    "time.process_time_ns": "tells processor time",
    "time.thread_time": "tells processor time",
    "time.thread_time_ns": "tells processor time",
    "time.clock_gettime": "may tell the real time",
    "time.clock_gettime_ns": "may tell the real time",
    "rsa.generate_private_key": "makes a key in OpenSSL",
    "ec.generate_private_key": "makes a key in OpenSSL",
}
_MODULES: Final = {"ctypes": "calls into C", "cffi": "calls into C"}
_FILES: Final = ("/proc/", "/sys/", "/dev/urandom", "/dev/random", "/etc/hostname")
LISTED: Final = 5


def places(folder: Path) -> list[str]:
    """Sentences such as `src/app.py:12: os.getpid() gives the id of the process`, at most LISTED."""
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
                yield node.lineno, f"{node.value} is of this process or computer"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            )
            for module in modules:
                if called := _MODULES.get(module.partition(".")[0]):
                    yield node.lineno, f"{module} {called}"


def _imported(tree: ast.AST) -> dict[str, str]:
    """The full names behind the names that imports make: `{"pid": "os.getpid"}`."""
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
    """The name, and its ends of two parts or more: `a.rsa.generate_private_key` is found by its last two."""
    parts = name.split(".")
    yield name
    yield from (".".join(parts[n:]) for n in range(1, len(parts) - 1))
