"""The functions of `os` led to a function's folders: see `table`.

What Python code looks at, lists, makes and removes goes through here: on these functions `pathlib`,
`shutil`, `glob`, `tempfile`, `os.path` and the import system are built. `files` has `open`, `libraries` what
opens files by itself, and `programs` the children. They are replaced once, in the process that environments
are forked from, and do what they replace while the table is not active.
"""

from __future__ import annotations

import functools
import os
import posix
import sys
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

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
_WRITING_FD = ("write", "writev", "pwrite", "pwritev")
_TMPFILE: int = getattr(os, "O_TMPFILE", 0)


def replacements() -> dict[str, Function]:
    """Give the functions of `os` that lead to a function's folders, by name."""
    checks: Mapping[str, Check | None] = {
        **dict.fromkeys(_READING),
        **dict.fromkeys(_NEW, TABLE.check_new),
        **dict.fromkeys(_GONE, TABLE.check_gone),
        **dict.fromkeys(_CHANGE, TABLE.check_change),
        "utime": _check_utime,
    }
    made = {name: _led(getattr(os, name), check) for name, check in checks.items() if hasattr(os, name)}
    special = (
        _access,
        _close,
        _copy_file_range,
        _getcwd,
        _getcwdb,
        _link,
        _open,
        _readlink,
        _rename,
        _replace,
    )
    for make in (*special, _scandir, _sendfile, _statvfs, _symlink):
        name = make.__name__[1:]
        if hasattr(os, name):
            made[name] = make(made.get(name) or getattr(os, name))
    for name in _WRITING_FD:
        if hasattr(os, name):
            made[name] = _counted(getattr(os, name))
    return made


def _check_utime(path: str, given: Any) -> None:
    """Name the file in the error as Python does, from 3.13 on."""
    TABLE.check_change(path, given if sys.version_info >= (3, 13) else None)


def replace_in_os(made: Mapping[str, Function]) -> dict[Function, Function]:
    """Put functions into `os`; gives the replacement of each that was replaced."""
    replaced = {}
    for name, replacement in made.items():
        real = getattr(os, name)
        replaced[real] = replacement
        for abilities in (
            os.supports_dir_fd,
            os.supports_fd,
            os.supports_follow_symlinks,
            os.supports_effective_ids,
        ):
            if real in abilities:
                abilities.add(replacement)
        setattr(os, name, replacement)
        setattr(posix, name, replacement)
    return replaced


def replace_where_held(replaced: Mapping[Function, Function]) -> None:
    """Put functions also where modules that were loaded before hold on to what they replace."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if names is None or module.__name__.startswith(__name__.rpartition(".")[0]):
            continue
        for name, value in list(names.items()):
            try:
                replacement = replaced.get(value)
            except TypeError:  # it has no hash
                continue
            if replacement is not None:
                names[name] = replacement
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("glob", "pathlib"):  # whose classes hold on to some, too
            for kind in [each for each in vars(module).values() if isinstance(each, type)]:
                _replace_in_class(kind, replaced)


def _replace_in_class(kind: type, replaced: Mapping[Function, Function]) -> None:
    for name, value in list(vars(kind).items()):
        function = getattr(value, "__func__", value)
        if callable(function) and function in replaced:
            setattr(kind, name, staticmethod(replaced[function]))


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
    """Refuse to move between file systems, and outside of /tmp. Raises OSError."""
    import errno  # noqa: PLC0415

    if TABLE.root(old) != TABLE.root(new):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), src, None, dst)
    if not TABLE.is_writable(old):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), src, None, dst)


def _rename(real: Function) -> Function:
    return _led_pair(real, _check_move)


def _replace(real: Function) -> Function:
    return _led_pair(real, _check_move)


def _link(real: Function) -> Function:
    return _led_pair(real, _check_move)


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


def _close(real: Function) -> Function:
    @functools.wraps(real)
    def close(fd: int) -> None:
        QUOTA.files.discard(fd)
        real(fd)

    return close


def _counted(real: Function) -> Function:
    @functools.wraps(real)
    def counted(fd: int, data: Any, *args: Any) -> Any:
        if fd in QUOTA.files:
            buffers = [data] if real.__name__ in ("write", "pwrite") else data
            QUOTA.take(fd, sum(memoryview(buffer).nbytes for buffer in buffers))
        return real(fd, data, *args)

    return counted


def _sendfile(real: Function) -> Function:
    @functools.wraps(real)
    def sendfile(out_fd: int, in_fd: int, offset: int | None, count: int, *args: Any, **kwargs: Any) -> Any:
        if out_fd in QUOTA.files:
            left = max(os.fstat(in_fd).st_size - (offset or 0), 0)
            QUOTA.take(out_fd, min(left, count or left))
        return real(out_fd, in_fd, offset, count, *args, **kwargs)

    return sendfile


def _copy_file_range(real: Function) -> Function:
    @functools.wraps(real)
    def copy_file_range(src: int, dst: int, count: int, *args: Any, **kwargs: Any) -> Any:
        if dst in QUOTA.files:
            QUOTA.take(dst, min(count, os.fstat(src).st_size))
        return real(src, dst, count, *args, **kwargs)

    return copy_file_range


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
            led(path)  # which raises when it is not there
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
            return _Entries(real(like(target, path)), os.fspath(path))
        except OSError as error:
            rename_error(error, like(target, path), path)
            raise

    return scandir


def _folder_of(fd: int) -> str:
    """Give the function's path of an open folder."""
    return TABLE.there(os.fsdecode(_real_readlink(f"/proc/self/fd/{fd}")))


_real_readlink = os.readlink


class _Entries:
    """The entries of a folder, as `os.scandir` gives them, with the function's paths."""

    def __init__(self, entries: Any, folder: Any) -> None:
        self._entries = entries
        self._folder = folder

    def __iter__(self) -> Iterator[_Entry]:
        return self

    def __next__(self) -> _Entry:
        return _Entry(next(self._entries), self._folder)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entries.close()

    def close(self) -> None:
        """Close the folder."""
        self._entries.close()


class _Entry:
    """An entry of a folder, as an os.DirEntry."""

    def __init__(self, entry: Any, folder: Any) -> None:
        self._entry = entry
        self.name = entry.name
        self.path = os.path.join(folder, entry.name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entry, name)

    def __fspath__(self) -> Any:
        return self.path

    def __repr__(self) -> str:
        return f"<DirEntry {self.name!r}>"
