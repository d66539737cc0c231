"""Runs a command in full isolation: it sees only the system, Python, the harness and its input.

The code in a bundle is untrusted. Its functions are always isolated. However, the bundle also contains
modules with expectations, which run in the process that judges scenarios. That process therefore gets its own
user, mount, network (isolated), PID and IPC namespaces. It cannot see the user's folders, the network or
other processes. It can write only below /tmp.

`main` is the process that enters the cell: it creates the namespaces and becomes the command.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import socket
import struct
import sys
from typing import TypedDict

from harness.functions.shared import linux
from harness.functions.shared.lifeline import die_with

SEEN_AT = "/bundle"
"""The folder where the command finds its input."""
_SYSTEM = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/sbin", "/usr")
_ETC = (
    "alternatives",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "protocols",
    "services",
    "ssl",
)
_DEVICES = ("full", "null", "random", "urandom", "zero")
_PROCESSORS = "/sys/devices/system"
_TMP = "/tmp"  # noqa: S108
_USERS = "root:x:0:0:root:/root:/bin/sh\nplayer:x:1000:1000::/tmp/home:/bin/sh\n"
_USER = 1000
_CLONE_NEWUTS, _CLONE_NEWIPC, _CLONE_NEWPID, _CLONE_NEWNET = 1 << 26, 1 << 27, 1 << 29, 1 << 30
_MS_NOEXEC = 8
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1  # netdevice(7)


class Spec(TypedDict):
    """The input of a command: folders that keep their paths, its own folders, and its working directory.

    The command sees `files` at SEEN_AT, read-only, and `tmp` at /tmp. `stage` is an empty folder. `told` is
    the file descriptor that receives the reason if the command cannot be isolated. With `pids`, the command
    has its own PID namespace.
    """

    command: list[str]
    variables: dict[str, str]
    kept: list[str]
    files: str
    tmp: str
    stage: str
    folder: str
    told: int
    pids: bool


def main() -> None:
    """Read the command from stdin and execute it in isolation, or report why that is not possible."""
    parent = os.getppid()
    spec: Spec = json.loads(sys.stdin.buffer.read())
    die_with(parent)
    os.set_inheritable(spec["told"], False)
    try:
        _unshare(pids=spec["pids"])
        if spec["pids"]:
            _fork(spec["told"])
        _enter(spec)
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.execve(spec["command"][0], spec["command"], spec["variables"])  # noqa: S606
    except OSError as error:
        doing = f"{error.filename}: " if error.filename else ""
        os.write(spec["told"], f"{doing}{os.strerror(error.errno or errno.EIO)}".encode())
    os._exit(1)


def _unshare(*, pids: bool) -> None:
    flags = linux.CLONE_NEWNS | _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS
    linux.unshare_as(_USER, _USER, flags | (_CLONE_NEWPID if pids else 0))
    socket.sethostname("bundle")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack_from("H", fcntl.ioctl(any_, _GET_FLAGS, request), 16)[0]
        fcntl.ioctl(any_, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


def _fork(told: int) -> None:
    """Continue as the first process in the new namespace. The old process waits for it and exits with the
    same status.

    The old process closes its descriptor, because the reader waits until all writers have closed it.
    """
    pid = os.fork()
    if pid == 0:
        die_with(0)  # the parent's PID is not visible in this namespace
        return
    os.close(told)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _enter(spec: Spec) -> None:
    stage = spec["stage"]
    linux.mount("", "/", "", linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", stage, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=4m,mode=755")
    for name in ("home", "proc", "root", "var/tmp", "etc", "dev/shm", _TMP[1:]):
        os.makedirs(f"{stage}/{name}")
    for path in (*_SYSTEM, *(f"/etc/{name}" for name in _ETC), _PROCESSORS):
        _show(path, stage)
    for name in _DEVICES:
        _show(f"/dev/{name}", stage)
    os.symlink("/proc/self/fd", f"{stage}/dev/fd")
    for name, text in (("passwd", _USERS), ("group", "player:x:1000:\n")):
        with open(f"{stage}/etc/{name}", "w", encoding="ascii") as file:
            file.write(text)
    inner = [path for path in spec["kept"] if path.startswith(f"{_TMP}/")]
    for path in spec["kept"]:
        if path not in inner:
            _show(path, stage)
    _bind(spec["files"], stage + SEEN_AT)
    linux.make_read_only(stage)
    linux.mount("tmpfs", f"{stage}/dev/shm", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=64m,mode=1777")  # noqa: S108
    if spec["pids"]:
        linux.mount("proc", f"{stage}/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | _MS_NOEXEC)
    else:
        linux.mount("/proc", f"{stage}/proc", "", linux.MS_BIND | linux.MS_REC)
    sources = {path: os.open(path, os.O_PATH) for path in inner}
    _bind(spec["tmp"], stage + _TMP)
    for path, source in sources.items():
        os.makedirs(stage + path, exist_ok=True)
        linux.mount(f"/proc/self/fd/{source}", stage + path, "", linux.MS_BIND | linux.MS_REC)
        linux.make_read_only(stage + path)
        os.close(source)
    os.chdir(stage)
    # not pivot_root: the kernel then does not consider it a chroot
    linux.mount(".", "/", "", linux.MS_MOVE)
    os.chroot(".")
    os.chdir(spec["folder"])
    linux.give_programs_no_privileges()
    linux.use_capabilities(False)


def _show(path: str, stage: str) -> None:
    """Make a local path visible, with links kept as links; do nothing if the path does not exist."""
    if os.path.islink(path):
        os.makedirs(os.path.dirname(stage + path), exist_ok=True)
        if not os.path.lexists(stage + path):
            os.symlink(os.readlink(path), stage + path)
    elif os.path.exists(path):
        _bind(path, stage + path)


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
    linux.mount(source, target, "", linux.MS_BIND | linux.MS_REC)


if __name__ == "__main__":
    main()
