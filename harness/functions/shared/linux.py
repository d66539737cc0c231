"""Linux calls for namespaces, mounts and capabilities that older Python versions, or all of them, lack.

Sources: unshare(2), mount(2), mount_setattr(2), capset(2), prctl(2), landlock(7).
"""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS, CLONE_NEWUSER = 0x0002_0000, 0x1000_0000
MS_NOSUID, MS_NODEV, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 2, 4, 4096, 8192, 16384, 1 << 18

_SYS_MOUNT_SETATTR = 442  # on every architecture
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 1, 2
_CAPABILITY_VERSION_3 = 0x2008_0522
_PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS = 28, 38
_SECBIT_NOROOT, _SECBIT_NOROOT_LOCKED = 1, 2

_SYS_LANDLOCK = (444, 445, 446)  # create_ruleset, add_rule, restrict_self: on every architecture
_LANDLOCK_VERSION = 1 << 0
_WRITE_FILE = 1 << 1
# for removing files, and for creating each kind
_WRITES = _WRITE_FILE | sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE = 1 << 13, 1 << 14  # in its second and third versions

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user_namespace")]


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Capabilities(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def unshare(flags: int) -> None:
    """Replace the namespaces in `flags` with new ones. Raises OSError."""
    _check(_libc.unshare(flags), "unshare")


def unshare_as(user: int, group: int, flags: int) -> None:
    """Replace the user namespace and those in `flags` with new ones that have a different user and group.

    Raises OSError.
    """
    uid, gid = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER | flags)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {uid} 1"),
        ("gid_map", f"{group} {gid} 1"),
    ):
        fd = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(fd, text.encode())
        finally:
            os.close(fd)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system; if `source` or `kind` is empty, it is omitted. Raises OSError."""
    result = _libc.mount(
        os.fsencode(source) or None,
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _check(result, f"mount {source or kind} at {target}")


def make_read_only(path: str) -> None:
    """Make the mount at `path` and everything below it read-only. Raises OSError; requires Linux 5.12."""
    attributes = _MountAttributes(_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID, 0, 0, 0)
    result = _libc.syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR),
        _AT_FDCWD,
        os.fsencode(path),
        _AT_RECURSIVE,
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    _check(result, "mount_setattr")


def use_capabilities(wanted: bool) -> None:
    """Activate all of this process's permitted capabilities, or none of them. Raises OSError."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    sets = (_Capabilities * 2)()
    _check(_libc.capget(ctypes.byref(header), sets), "capget")
    for each in sets:
        each.effective = each.permitted if wanted else 0
        each.inheritable = 0
    _check(_libc.capset(ctypes.byref(header), sets), "capset")


def give_up_capabilities() -> None:
    """Drop all capabilities in this thread and everything that it starts. Raises OSError.

    A process and its fork may inspect each other only when neither has more capabilities than the other.
    """
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(ctypes.byref(header), (_Capabilities * 2)()), "capset")


def give_programs_no_privileges() -> None:
    """Start programs from this process without capabilities, regardless of the user."""
    _libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NOROOT | _SECBIT_NOROOT_LOCKED, 0, 0, 0)  # only root needs it
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int)]


def write_only_below(folder: str) -> None:
    """Allow this process and its children to write only below `folder` and to devices (Landlock).

    It has no effect without Landlock, or on Linux before 5.19, where Landlock forbids moves between folders.
    """
    create, add, restrict = (ctypes.c_long(number) for number in _SYS_LANDLOCK)
    version = _libc.syscall(create, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    if version < 2:
        return
    handled = _WRITES | _REFER | (_TRUNCATE if version > 2 else 0)
    ruleset = _libc.syscall(create, ctypes.byref(ctypes.c_uint64(handled)), ctypes.c_size_t(8), 0)
    if ruleset < 0:
        return
    for path, allowed in (
        (folder, handled),
        ("/dev", _WRITE_FILE | handled & _TRUNCATE),
        ("/proc", _WRITE_FILE),
    ):
        parent = os.open(path, os.O_PATH)
        _libc.syscall(add, ruleset, 1, ctypes.byref(_Beneath(allowed, parent)), 0)
        os.close(parent)
    _libc.syscall(restrict, ruleset, 0)
    os.close(ruleset)


def _check(result: int, doing: str) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), doing)
