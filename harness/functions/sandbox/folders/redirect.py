"""The `os` functions, redirected to a function's folders: see `table`.

Python code inspects, lists, creates and removes files through these functions. `pathlib`, `shutil`, `glob`,
`tempfile`, `os.path` and the import system are built on them. `files` handles `open`, `counting` handles
writes to descriptors, `libraries` handles the libraries that open files themselves, and `programs` handles
child processes. The functions are replaced once (`replacing`), in the process that environments are forked
from. While the table is inactive, they behave like the originals.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from .entries import Entries
from .quota import QUOTA
from .roots import TMP
from .table import TABLE, as_told, like, rename_error, text_of

Check = Callable[[str, object], None]
Function = Callable[..., Any]

_READING = (
    "access", "chdir", "chroot", "getxattr", "listdir", "listxattr", "lstat", "pathconf", "readlink", "stat",
    "statvfs",
)  # fmt: skip
_NEW = ("mkdir", "mkfifo", "mknod")
_GONE = ("remove", "rmdir", "unlink")
_CHANGE = ("chflags", "chmod", "chown", "lchflags", "lchmod", "lchown", "removexattr", "setxattr", "truncate")
_MOVES = ("link", "rename", "replace")
_TMPFILE: int = getattr(os, "O_TMPFILE", 0)
_real_readlink = os.readlink


def replacements() -> dict[str, Function]:
    """Return the `os` functions that use a function's folders, by name."""
    checks: Mapping[str, Check | None] = {
        **dict.fromkeys(_READING),
        **dict.fromkeys(_NEW, TABLE.check_new),
        **dict.fromkeys(_GONE, TABLE.check_gone),
        **dict.fromkeys(_CHANGE, TABLE.check_change),
        "utime": _check_utime,
    }
    made = {name: _led(getattr(os, name), check) for name, check in checks.items() if hasattr(os, name)}
    made |= {name: _led_pair(getattr(os, name), _check_move) for name in _MOVES}
    for make in (_access, _getcwd, _getcwdb, _open, _readlink, _scandir, _statvfs, _symlink):
        name = make.__name__[1:]
        made[name] = make(made.get(name) or getattr(os, name))
    return made


def _check_utime(path: str, given: Any) -> None:
    """Add the file name to the error, like Python 3.13 and later."""
    TABLE.check_change(path, given if sys.version_info >= (3, 13) else None)


def _led(real: Function, check: Check | None) -> Function:
    """Wrap a function whose first argument is a path."""

    @functools.wraps(real)
    def led(*args: Any, **kwargs: Any) -> Any:
        if not TABLE.active:
            return real(*args, **kwargs)
        if not args and "path" in kwargs:
            args = (kwargs.pop("path"),)
        given = as_told(args[0]) if args else None
        text = text_of(given)
        if text is None:
            return real(*args, **kwargs)
        if kwargs.get("dir_fd") is not None and text[:1] != "/":
            if check and TABLE.read_only:
                check(f"{_folder_of(kwargs['dir_fd'])}/{text}", given)
            return real(*args, **kwargs)
        if check and TABLE.read_only:
            check(text, given)
        path = like(TABLE.here(text), given)
        try:
            return real(path, *args[1:], **kwargs)
        except OSError as error:
            rename_error(error, path, given)
            raise

    return led


def _led_pair(real: Function, check: Callable[[str, str, object, object], None]) -> Function:
    """Wrap a function whose first two arguments are paths."""

    @functools.wraps(real)
    def led(src: Any, dst: Any, *args: Any, **kwargs: Any) -> Any:
        old, new = text_of(src), text_of(dst)
        if not TABLE.active or old is None or new is None:
            return real(src, dst, *args, **kwargs)
        if kwargs.get("src_dir_fd") is not None and old[:1] != "/":
            old_path, old = like(old, src), f"{_folder_of(kwargs['src_dir_fd'])}/{old}"
        else:
            old_path = like(TABLE.here(old), src)
        if (fd := kwargs.get("dst_dir_fd", kwargs.get("dir_fd"))) is not None and new[:1] != "/":
            new_path, new = like(new, dst), f"{_folder_of(fd)}/{new}"
        else:
            new_path = like(TABLE.here(new), dst)
        if TABLE.read_only:
            check(old, new, as_told(src), as_told(dst))
        try:
            return real(old_path, new_path, *args, **kwargs)
        except OSError as error:
            rename_error(error, old_path, as_told(src))
            rename_error(error, new_path, as_told(dst))
            raise

    return led


def _check_move(old: str, new: str, src: object, dst: object) -> None:
    """Reject moves between file systems, and outside of /tmp. Raises OSError."""
    if TABLE.root(old) != TABLE.root(new):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), src, None, dst)
    if not TABLE.is_writable(old):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), src, None, dst)


def _symlink(real: Function) -> Function:
    def check(_old: str, new: str, src: object, dst: object) -> None:
        try:
            TABLE.check_new(new, dst)
        except OSError as error:
            raise OSError(error.errno, error.strerror, src, None, dst) from None

    return _led_pair(real, check)


def _access(led: Function) -> Function:
    @functools.wraps(led)
    def access(path: Any, mode: int, *args: Any, **kwargs: Any) -> bool:
        text = text_of(path)
        if (
            TABLE.read_only
            and text is not None
            and mode & os.W_OK
            and not text.startswith(("/dev/", "/proc/"))
        ):
            return TABLE.is_writable(text) and bool(led(path, mode, *args, **kwargs))
        return bool(led(path, mode, *args, **kwargs))

    return access


def _open(real: Function) -> Function:
    @functools.wraps(real)
    def open(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        path = as_told(path)
        text = text_of(path)
        if not TABLE.active or text is None:
            return real(path, flags, mode, dir_fd=dir_fd)  # type: ignore[no-any-return]
        whole, target = text, like(TABLE.here(text), path)
        if dir_fd is not None and text[:1] != "/":
            whole, target = f"{_folder_of(dir_fd)}/{text}", path
        if _TMPFILE and flags & _TMPFILE == _TMPFILE:
            TABLE.check_gone(f"{whole}/new", path)
        else:
            TABLE.check_open(whole, flags, path)
        try:
            fd: int = real(target, flags, mode, dir_fd=dir_fd)
        except OSError as error:
            rename_error(error, target, path)
            raise
        if flags & os.O_ACCMODE != os.O_RDONLY and TABLE.read_only and TABLE.root(whole) == TMP:
            QUOTA.files.add(fd)
        return fd

    return open


def _getcwd(real: Function) -> Function:
    @functools.wraps(real)
    def getcwd() -> str:
        return TABLE.there(real())

    return getcwd


def _getcwdb(real: Function) -> Function:
    @functools.wraps(real)
    def getcwdb() -> bytes:
        return os.fsencode(TABLE.there(os.fsdecode(real())))

    return getcwdb


def _readlink(led: Function) -> Function:
    @functools.wraps(led)
    def readlink(path: Any, *args: Any, **kwargs: Any) -> Any:
        target = led(path, *args, **kwargs)
        return like(TABLE.there(os.fsdecode(target)), target)

    return readlink


def _statvfs(led: Function) -> Function:
    @functools.wraps(led)
    def statvfs(path: Any) -> os.statvfs_result:
        text = text_of(path)
        if TABLE.read_only and text is not None and TABLE.root(text) == TMP:
            led(path)  # raises if it does not exist
            return QUOTA.statvfs()
        return led(path)  # type: ignore[no-any-return]

    return statvfs


def _scandir(real: Function) -> Function:
    @functools.wraps(real)
    def scandir(path: Any = ".") -> Any:
        text = text_of(path)
        if not TABLE.active or text is None or (target := TABLE.here(text)) == text:
            return real(path)
        try:
            return Entries(real(like(target, path)), os.fspath(path))
        except OSError as error:
            rename_error(error, like(target, path), path)
            raise

    return scandir


def _folder_of(fd: int) -> str:
    """Return the function's path for an open folder."""
    return TABLE.there(os.fsdecode(_real_readlink(f"/proc/self/fd/{fd}")))
