"""Linux's seccomp with user notification: another process decides which system calls to allow.

It works without privileges on Linux 5.5 and later, including in containers, unless seccomp(2) is forbidden.
Layouts and numbers: linux/seccomp.h, linux/filter.h, linux/bpf_common.h, and the architectures' unistd.h.
https://man7.org/linux/man-pages/man2/seccomp_unotify.2.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Numbers:
    """The numbers for an architecture and its system calls; `foreign` is x32's first number."""

    arch: int
    seccomp: int
    socket: int
    connect: int
    sendto: int
    sendmsg: int
    sendmmsg: int
    mmap: int
    mremap: int
    foreign: int = 0


_NUMBERS = {
    "x86_64": Numbers(0xC000003E, 317, 41, 42, 44, 46, 307, 9, 25, foreign=0x40000000),
    "aarch64": Numbers(0xC00000B7, 277, 198, 203, 206, 211, 269, 222, 216),
}
NUMBERS = _NUMBERS.get(platform.machine()) if _libc is not None else None
"""The numbers for this machine's architecture, or None if it is unknown."""

_IO_URING_SETUP, _PIDFD_GETFD = 425, 438  # the same on every architecture

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_NEW_LISTENER, _WAIT_KILLABLE = 1 << 3, 1 << 5
_ALLOW, _ERRNO, _NOTIFY = 0x7FFF0000, 0x00050000, 0x7FC00000
_LOAD, _EQUAL, _AT_LEAST, _ANY, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_AT_NUMBER, _AT_ARCH, _AT_ARGUMENTS = 0, 4, 16
LARGE_BYTES = 1 << 20
"""Memory requests smaller than this are not checked."""
_SOCKET_TYPES = 0xF  # the others are flags

RECEIVE, SEND = 0xC0502100, 0xC0182101  # ioctl: SECCOMP_IOCTL_NOTIF_RECV, _SEND
NOTIFICATION = struct.Struct("=QIIiIQ6Q")  # id, pid, flags, number, architecture, pointer, arguments
RESPONSE = struct.Struct("=QqiI")  # id, value, error, flags
CONTINUE = 1
"""The response flag that allows the system call."""


class Unavailable(OSError):
    """seccomp does not work. The message is a phrase that describes the reason."""


def listen() -> int:
    """Send system calls from this thread and its descendants to the reader of the returned descriptor.

    The calls are connections, packets with an address, and requests for 1 MiB or more of memory. When a
    memory limit is reached, the C library and Python make requests of at least that size. Only Unix, TCP, UDP
    and netlink sockets can be created.

    Raises:
        Unavailable: the system is not Linux on a supported architecture, or the kernel or the container
            forbids it.
    """
    if _libc is None or NUMBERS is None:
        raise Unavailable(errno.ENOSYS, f"seccomp is not supported on {sys.platform} {platform.machine()}")
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise _unavailable()
    for flags in (_NEW_LISTENER | _WAIT_KILLABLE, _NEW_LISTENER):  # the second flag from Linux 5.19 on
        listener: int = _libc.syscall(NUMBERS.seccomp, _SET_MODE_FILTER, flags, _HEAD)
        if listener >= 0:
            return listener
        if ctypes.get_errno() != errno.EINVAL:
            break
    raise _unavailable()


def _unavailable() -> Unavailable:
    number = ctypes.get_errno()
    return Unavailable(number, f"seccomp(2) is not allowed: {os.strerror(number)}")


def unavailable() -> str:
    """Return the reason why `listen` does not work, or "" if the kernel supports it."""
    if _libc is None or NUMBERS is None:
        return f"seccomp is not supported on {sys.platform} {platform.machine()}"
    if _libc.syscall(NUMBERS.seccomp, _GET_ACTION_AVAIL, 0, ctypes.byref(ctypes.c_uint32(_NOTIFY))):
        return str(_unavailable().strerror)
    return ""


Instruction = tuple[int, int, int, int]
"""Encode a linux/filter.h instruction: code, jump if true, jump if false, operand."""


def _program(numbers: Numbers) -> bytes:
    """Build the filter."""
    refused = (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
    lines: list[Instruction] = [
        (_LOAD, 0, 0, _AT_ARCH),
        (_EQUAL, 1, 0, numbers.arch),
        refused,
        (_LOAD, 0, 0, _AT_NUMBER),
    ]
    if numbers.foreign:
        lines += [(_AT_LEAST, 0, 1, numbers.foreign), refused]
    for number in (numbers.connect, numbers.sendmsg, numbers.sendmmsg):
        lines += _when(number, (_RETURN, 0, 0, _NOTIFY))
    lines += _when(_IO_URING_SETUP, refused)
    lines += _when(_PIDFD_GETFD, (_RETURN, 0, 0, _ERRNO | errno.EPERM))
    lines += _when(numbers.sendto, *_WITH_ADDRESS)
    lines += _when(numbers.socket, *_OF_SOCKETS)
    lines += _when(numbers.mmap, *_OF_MAPPING)
    lines += _when(numbers.mremap, *_large(2), (_RETURN, 0, 0, _ALLOW))
    lines.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _when(number: int, *then: Instruction) -> tuple[Instruction, ...]:
    """Run the instructions for the system call with this number. For other calls, skip them."""
    return ((_EQUAL, 0, len(then), number), *then)


def _large(argument: int) -> tuple[Instruction, ...]:
    """Notify for lengths of LARGE_BYTES or more. For smaller lengths, continue with the next instruction."""
    place = _AT_ARGUMENTS + argument * 8
    return (
        (_LOAD, 0, 0, place + 4),
        (_EQUAL, 0, 2, 0),
        (_LOAD, 0, 0, place),
        (_AT_LEAST, 0, 1, LARGE_BYTES),
        (_RETURN, 0, 0, _NOTIFY),
    )


_WITH_ADDRESS = (
    (_LOAD, 0, 0, _AT_ARGUMENTS + 4 * 8),
    (_EQUAL, 0, 3, 0),
    (_LOAD, 0, 0, _AT_ARGUMENTS + 4 * 8 + 4),
    (_EQUAL, 0, 1, 0),
    (_RETURN, 0, 0, _ALLOW),
    (_RETURN, 0, 0, _NOTIFY),
)
_OF_SOCKETS = (
    (_LOAD, 0, 0, _AT_ARGUMENTS),
    (_EQUAL, 8, 0, 1),  # AF_UNIX
    (_EQUAL, 7, 0, 16),  # AF_NETLINK
    (_EQUAL, 2, 0, 2),  # AF_INET
    (_EQUAL, 1, 0, 10),  # AF_INET6
    (_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT),
    (_LOAD, 0, 0, _AT_ARGUMENTS + 8),
    (_AND, 0, 0, _SOCKET_TYPES),
    (_AT_LEAST, 0, 1, 3),  # SOCK_RAW
    (_RETURN, 0, 0, _ERRNO | errno.EPERM),
    (_RETURN, 0, 0, _ALLOW),
)
_OF_MAPPING = (
    (_LOAD, 0, 0, _AT_ARGUMENTS + 2 * 8),  # its protection
    (_ANY, 0, 7, 2),  # PROT_WRITE
    (_LOAD, 0, 0, _AT_ARGUMENTS + 3 * 8),  # its flags
    (_ANY, 0, 5, 0x22),  # MAP_PRIVATE, MAP_ANONYMOUS
    *_large(1),
    (_RETURN, 0, 0, _ALLOW),
)
_PROGRAM = _program(NUMBERS) if NUMBERS else b""
_RAW = ctypes.create_string_buffer(_PROGRAM, len(_PROGRAM))
_HEAD = ctypes.create_string_buffer(struct.pack("@HP", len(_PROGRAM) // 8, ctypes.addressof(_RAW)))
"""The filter as a struct sock_fprog, built once for all environments."""
