"""Sockets on which a function itself listens, through a server in its process or one that it started (Linux).

The data comes from /proc: the kernel's tables identify each socket by a number, and so do a process's
descriptors.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from .reach import Transport, plain_host

_TABLES = {"tcp": ("tcp", "tcp6"), "udp": ("udp", "udp6")}
_LISTENS = "0A"  # TCP_LISTEN in include/net/tcp_states.h


def listens(root: int, transport: Transport, host: str, port: int) -> bool:
    """Return whether the process `root`, or a descendant, has a socket at a local address."""
    return _holds(root, set(_numbers(root, transport, plain_host(host), port)))


def has_listener(root: int, transport: Transport, host: str, port: int) -> bool:
    """Return whether any process has such a socket."""
    return any(_numbers(root, transport, plain_host(host), port))


def listens_at(root: int, path: str, start: str) -> bool:
    """Return whether the process `root`, or a descendant, listens on a Unix socket.

    `path` is relative to `start`, or abstract with @.
    """
    return _holds(root, set(_unix_numbers(root, path, start)))


def is_socket_there(root: int, path: str, start: str) -> bool:
    """Return whether the file, or the abstract socket, is visible to the process `root`."""
    if path.startswith("@"):
        return any(name == path for _, name in _unix(root))
    return os.path.exists(_seen_by(root, os.path.join(start, path)))


def _numbers(root: int, transport: Transport, host: str, port: int) -> Iterator[str]:
    for table in _TABLES[transport]:
        for fields in _table(f"/proc/{root}/net/{table}"):
            address, _, number = fields[1].partition(":")
            if int(number, 16) != port or (transport == "tcp" and fields[3] != _LISTENS):
                continue
            if _at(address, host):
                yield fields[9]


def _at(address: str, host: str) -> bool:
    """Return whether a socket at `address`, in the kernel's hexadecimal form, receives data for `host`."""
    words = [bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, len(address), 8)]
    raw = b"".join(words)
    if not any(raw):  # any address of this machine
        return True
    there = plain_host(str(ip_address(raw)))
    return there == host or (host in {"0.0.0.0", "::"} and there in {"127.0.0.1", "::1"})  # noqa: S104


def _unix_numbers(root: int, path: str, start: str) -> Iterator[str]:
    wanted = path if path.startswith("@") else os.path.realpath(_seen_by(root, os.path.join(start, path)))
    for number, name in _unix(root):
        if name == wanted or (
            not name.startswith("@")
            and os.path.basename(name) == os.path.basename(wanted)
            and os.path.realpath(_seen_by(root, os.path.join(start, name))) == wanted
        ):
            yield number


def _unix(root: int) -> Iterator[tuple[str, str]]:
    for fields in _table(f"/proc/{root}/net/unix"):
        if len(fields) > 7:
            yield fields[6], fields[7]


def _seen_by(root: int, path: str) -> str:
    """Return this process's path for a path in the process `root`, if they differ."""
    with contextlib.suppress(OSError):
        if os.readlink(f"/proc/{root}/root") == "/" and os.readlink(f"/proc/{root}/ns/mnt") == os.readlink(
            "/proc/self/ns/mnt"
        ):
            return path
        return f"/proc/{root}/root{path}"
    return path


def _table(path: str) -> Iterator[list[str]]:
    with contextlib.suppress(OSError), open(path, errors="surrogateescape") as file:
        next(file, None)
        for line in file:
            yield line.split()


def _holds(root: int, numbers: set[str]) -> bool:
    if not numbers:
        return False
    wanted = {f"socket:[{number}]" for number in numbers}
    return any(not wanted.isdisjoint(_open(pid)) for pid in _family(root))


def _open(pid: int) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                yield os.readlink(f"/proc/{pid}/fd/{name}")


def _family(root: int) -> list[int]:
    """List the process `root`, its process group, and their descendants."""
    found = [root]
    known = {root}
    parents = dict(_parents(root))
    grown = True
    while grown:
        grown = False
        for pid, parent in parents.items():
            if parent in known and pid not in known:
                known.add(pid)
                found.append(pid)
                grown = True
    return found


def _parents(root: int) -> Iterable[tuple[int, int]]:
    """Yield each process with its parent; members of `root`'s group are treated as its children."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError):
            with open(f"/proc/{name}/stat", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
            yield int(name), root if int(fields[2]) == root else int(fields[1])
