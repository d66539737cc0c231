"""Run a command like in an unprivileged container: no seccomp(2), no user namespaces."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

from harness.functions.shared.seccomp import NUMBERS

_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000 | errno.EPERM
_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2  # linux/prctl.h, linux/seccomp.h
_UNSHARE = {"x86_64": 272, "aarch64": 97}


def main() -> None:
    assert NUMBERS is not None
    lines = [(_LOAD, 0, 0, 0)]
    for number in (NUMBERS.seccomp, _UNSHARE[os.uname().machine]):
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _FAIL)]
    lines.append((_RETURN, 0, 0, _ALLOW))
    program = b"".join(struct.pack("=HBBI", *line) for line in lines)
    raw = ctypes.create_string_buffer(program, len(program))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(lines), ctypes.addressof(raw)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(_SET_SECCOMP, _FILTER, head, 0, 0) == 0, os.strerror(ctypes.get_errno())
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
