"""The addresses in the arguments of connect, sendto, sendmsg and sendmmsg calls in another process."""

from __future__ import annotations

import os
import socket
import struct
import sys
from dataclasses import dataclass

from ..shared import seccomp
from ..shared.reach import plain_host

_HEADER = struct.Struct("@PIxxxxPNPNixxxx")  # struct msghdr: name, its length, then the data
_MULTIPLE = struct.Struct("@PIxxxxPNPNixxxxIxxxx")  # struct mmsghdr
_MOST_MESSAGES = 1024  # UIO_MAXIOV: the kernel's limit
_ADDRESS_BYTES = 128  # struct sockaddr_storage


class Unreadable(OSError):
    """The memory of the process cannot be read at that address."""


@dataclass(frozen=True)
class Destination:
    """The address for a connection or a packet: `unix` is the path of a Unix socket, or None.

    `is_sent` is true if the address belongs to a packet, not to a connection.
    """

    host: str = ""
    port: int = 0
    unix: str | None = None
    is_sent: bool = False


def destinations(pid: int, number: int, arguments: tuple[int, ...]) -> list[Destination]:
    """Read the addresses in a system call. Return an empty list if it has none, or if they are local.

    Raises:
        Unreadable: an argument is an invalid pointer.
    """
    numbers = seccomp.NUMBERS
    assert numbers is not None
    found: list[Destination | None] = []
    if number == numbers.connect:
        found = [_address(pid, arguments[1], arguments[2] & 0xFFFFFFFF, False)]
    elif number == numbers.sendto:
        found = [_address(pid, arguments[4], arguments[5] & 0xFFFFFFFF, True)]
    elif number == numbers.sendmsg:
        found = [_of_header(pid, _read(pid, arguments[1], _HEADER.size))]
    elif number == numbers.sendmmsg:
        count = min(arguments[2] & 0xFFFFFFFF, _MOST_MESSAGES)
        raw = _read(pid, arguments[1], _MULTIPLE.size * count)
        parts = (raw[n : n + _HEADER.size] for n in range(0, len(raw), _MULTIPLE.size))
        found = [_of_header(pid, part) for part in parts]
    return [each for each in found if each is not None]


def _of_header(pid: int, raw: bytes) -> Destination | None:
    name, length, *_ = _HEADER.unpack(raw)
    return _address(pid, name, length, True) if name and length else None


def _address(pid: int, pointer: int, length: int, is_sent: bool) -> Destination | None:
    raw = _read(pid, pointer, min(length, _ADDRESS_BYTES))
    if len(raw) < 2:
        return None
    family = int.from_bytes(raw[:2], sys.byteorder)
    if family == socket.AF_UNIX:
        path = raw[2:]
        if not path:
            return None
        text = "@" + os.fsdecode(path[1:]) if path[0] == 0 else os.fsdecode(path.partition(b"\0")[0])
        return Destination(unix=text, is_sent=is_sent)
    if family == socket.AF_INET and len(raw) >= 8:
        host, port = socket.inet_ntop(socket.AF_INET, raw[4:8]), raw[2:4]
    elif family == socket.AF_INET6 and len(raw) >= 24:
        host, port = socket.inet_ntop(socket.AF_INET6, raw[8:24]), raw[2:4]
    else:  # netlink, or a closed connection
        return None
    return Destination(plain_host(host), int.from_bytes(port, "big"), is_sent=is_sent)


def _read(pid: int, pointer: int, length: int) -> bytes:
    """Read the memory of a process that belongs to the same user. Raises Unreadable."""
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
            file.seek(pointer)
            return file.read(length)
    except (OSError, OverflowError, ValueError) as error:
        raise Unreadable(str(error)) from error
