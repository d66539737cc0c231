"""An environment's file system in its own mount namespace (Linux), enforced by the kernel.

A new root contains this machine's programs and libraries, Python, and the function's folders as on Lambda,
all read-only. /tmp is an in-memory file system of the function's size. The rest of the machine is not
visible. Other processes cannot see this root, and the kernel removes it with the environment's last process.

A user namespace grants the necessary capabilities, so root is not needed. For root, no user namespace is
needed. The function runs as Lambda's user, which has no capabilities.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from ...shared import linux
from ...shared.sandbox_protocol import FolderSetting, Isolation
from .roots import BYTECODE, LANG, TASK, TMP, Root, python_roots, read_only_roots
from .user import GROUP, USER

_SYSTEM = ("/bin", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/sbin", "/usr")
_DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
_LINKS = (
    ("fd", "/proc/self/fd"),
    *((f"std{n}", f"/proc/self/fd/{i}") for i, n in enumerate(("in", "out", "err"))),
)
_PROCESSORS = "/sys/devices/system"  # for reading the number of processors
_FOLDERS = ("/home", "/proc", "/root", "/tmp", "/var/tmp")  # noqa: S108


def enter(setting: FolderSetting, kind: Isolation) -> None:
    """Move this process, which has one thread, into a new root. Raises OSError.

    After an error, the process cannot be used for anything else.
    """
    _unshare(kind)
    linux.mount("", "/", "", linux.MS_REC | linux.MS_PRIVATE)
    stage = setting["stage"]
    linux.mount("tmpfs", stage, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=1m,mode=755")
    _fill(stage, read_only_roots(setting), setting["passwd"])
    linux.make_read_only(stage)
    linux.mount("/proc", f"{stage}/proc", "", linux.MS_BIND | linux.MS_REC)
    linux.mount(setting["bytecode"], stage + BYTECODE, "", linux.MS_BIND)
    _mount_tmp(stage + TMP, setting)
    os.chdir(stage)
    # Not pivot_root: it requires unmounting the old root, which takes the kernel 5 ms.
    linux.mount(".", "/", "", linux.MS_MOVE)
    os.chroot(".")
    os.chdir(TASK)
    sys.executable = f"{LANG}/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    linux.give_programs_no_privileges()
    linux.use_capabilities(False)


def renew_tmp(setting: FolderSetting) -> None:
    """Mount an empty /tmp for a fork of a process that has entered the namespace. Raises OSError."""
    linux.use_capabilities(True)
    linux.unshare(linux.CLONE_NEWNS)
    _mount_tmp(TMP, setting)
    linux.give_up_capabilities()


def _unshare(kind: Isolation) -> None:
    if kind == "mount":
        linux.unshare(linux.CLONE_NEWNS)
        return
    linux.unshare_as(USER, GROUP, linux.CLONE_NEWNS)


def _mount_tmp(target: str, setting: FolderSetting) -> None:
    """Mount an empty /tmp. A Python installation below this machine's /tmp stays visible."""
    kept = [root.at for root in python_roots() if root.at.startswith(f"{TMP}/")]
    sources = [os.open(path, os.O_PATH) for path in kept]
    options = f"size={setting['tmp_mib']}m,mode=1777"
    linux.mount("tmpfs", target, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)
    for path, source in zip(kept, sources, strict=True):
        place = target + path[len(TMP) :]
        os.makedirs(place)
        linux.mount(f"/proc/self/fd/{source}", place, "", linux.MS_BIND | linux.MS_REC)
        linux.make_read_only(place)
        os.close(source)


def _fill(stage: str, roots: Iterable[Root], passwd: str) -> None:
    for folder in _FOLDERS:
        os.makedirs(stage + folder, exist_ok=True)
    for path in _SYSTEM:
        if os.path.islink(path):
            os.symlink(os.readlink(path), stage + path)
        elif os.path.exists(path):
            _bind(path, stage + path)
    if os.path.exists(f"{stage}/etc/passwd"):
        linux.mount(passwd, f"{stage}/etc/passwd", "", linux.MS_BIND)
    if os.path.exists(_PROCESSORS):
        _bind(_PROCESSORS, stage + _PROCESSORS)
    for name in _DEVICES:
        if os.path.exists(f"/dev/{name}"):
            _bind(f"/dev/{name}", f"{stage}/dev/{name}")
    for name, target in _LINKS:
        os.symlink(target, f"{stage}/dev/{name}")
    for root in roots:
        if not root.at.startswith(f"{TMP}/"):
            _place(root, stage, roots)


def _place(root: Root, stage: str, roots: Iterable[Root]) -> None:
    """Bind-mount a folder. If it consists of links, or if other folders are mounted below it, bind-mount its
    entries instead.
    """
    target = stage + root.at
    if not root.links and not any(each.at.startswith(f"{root.at}/") for each in roots):
        _bind(root.here, target)
        return
    os.makedirs(target, exist_ok=True)
    for entry in os.listdir(root.here):
        source = f"{root.here}/{entry}"
        if os.path.islink(source) and not root.links:
            os.symlink(os.readlink(source), f"{target}/{entry}")
        else:
            _bind(source, f"{target}/{entry}")


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
    linux.mount(source, target, "", linux.MS_BIND | linux.MS_REC)
