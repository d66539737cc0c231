"""`open` and `io.FileIO`, redirected to a function's folders: see `table`. Writes to /tmp are counted."""

from __future__ import annotations

import functools
import io
import os
from collections.abc import Callable
from typing import Any

from .quota import QUOTA
from .roots import TMP
from .table import TABLE, as_told, like, rename_error, text_of

_FileIO = io.FileIO
_FLAGS = {
    "r": os.O_RDONLY,
    "w": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    "a": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
    "x": os.O_WRONLY | os.O_CREAT | os.O_EXCL,
}


class _Kind(type(io.FileIO)):  # type: ignore[misc]
    """A metaclass that accepts every `io.FileIO` file as an instance of the replacing class."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _FileIO)


class CountedFile(_FileIO, metaclass=_Kind):
    """A file opened by the function's path. Writes to /tmp count towards the quota."""

    def __init__(
        self,
        file: Any,
        mode: str = "r",
        closefd: bool = True,
        opener: Callable[[Any, int], int] | None = None,
    ) -> None:
        file = as_told(file)
        text = text_of(file)
        if not TABLE.active or text is None or opener:
            super().__init__(file, mode, closefd, opener)
            self._counted = self.fileno() in QUOTA.files
            return
        flags = _FLAGS.get(mode.strip("b+")[:1], 0) | (os.O_RDWR if "+" in mode else 0)
        TABLE.check_open(text, flags, file)
        path = like(TABLE.here(text), file)
        try:
            super().__init__(path, mode, closefd)
        except OSError as error:
            rename_error(error, path, file)
            raise
        self.name = file
        self._counted = TABLE.read_only and self.writable() and TABLE.root(text) == TMP
        if self._counted:
            QUOTA.files.add(self.fileno())

    def write(self, data: Any, /) -> int:
        """Write if there is enough space. Raises OSError."""
        if self._counted:
            QUOTA.take(self.fileno(), memoryview(data).nbytes)
        return super().write(data)

    def close(self) -> None:
        """Close the file."""
        if self._counted and not self.closed:
            QUOTA.files.discard(self.fileno())
        super().close()

    def __repr__(self) -> str:
        return super().__repr__().replace(f"{__name__}.{type(self).__name__}", "_io.FileIO", 1)


CountedFile.__name__ = CountedFile.__qualname__ = "FileIO"
CountedFile.__module__ = "_io"


def led_open(real: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `open`."""

    @functools.wraps(real)
    def open(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Callable[[Any, int], int] | None = None,
    ) -> Any:
        rest = (buffering, encoding, errors, newline, closefd, opener)
        if not TABLE.active or not isinstance(mode, str):
            return real(file, mode, *rest)
        if "r" in mode and "+" not in mode:
            return _reading(real, file, mode, rest)
        if isinstance(file, int) and file not in QUOTA.files:
            return real(file, mode, *rest)
        return _writing(real, file, mode, rest)

    return open


def led_open_code(real: Callable[..., Any], real_open: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `io.open_code`, which reads modules. It calls `io.open`, even if that is replaced later."""

    @functools.wraps(real)
    def open_code(path: str) -> Any:
        return real_open(TABLE.here(path), "rb") if TABLE.active else real(path)

    return open_code


def _reading(real: Callable[..., Any], file: Any, mode: str, rest: tuple[Any, ...]) -> Any:
    file = as_told(file)
    text = None if rest[-1] else text_of(file)
    if text is None or (here := TABLE.here(text)) == text:
        return real(file, mode, *rest)
    path = like(here, file)
    try:
        opened = real(path, mode, *rest)
    except OSError as error:
        rename_error(error, path, file)
        raise
    raw = getattr(opened, "buffer", opened)
    getattr(raw, "raw", raw).name = file
    return opened


def _writing(real: Callable[..., Any], file: Any, mode: str, rest: tuple[Any, ...]) -> Any:
    """Do the work of `open`, with a counted file."""
    buffering, encoding, errors, newline, closefd, opener = rest
    text = "b" not in mode
    kinds = [letter for letter in mode if letter in "rwax"]
    wrong = (
        set(mode) - set("rwaxbt+")
        or len(set(mode)) < len(mode)
        or len(kinds) != 1
        or ("t" in mode and not text)
    )
    if wrong or (not text and (encoding or errors or newline) is not None):
        return real(os.devnull, mode, buffering, encoding, errors, newline)  # which raises
    raw = CountedFile(file, mode.replace("t", ""), closefd, opener)
    if buffering == 0 and text:
        raw.close()
        raise ValueError("can't have unbuffered text I/O")
    if buffering == 0:
        return raw
    try:
        size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
        by_line = text and (buffering == 1 or (buffering < 0 and raw.isatty()))
        buffered: Any = (io.BufferedRandom if "+" in mode else io.BufferedWriter)(raw, size)
        if not text:
            return buffered
        made = io.TextIOWrapper(buffered, io.text_encoding(encoding), errors, newline, by_line)
        made.mode = mode  # type: ignore[misc]
    except BaseException:
        raw.close()
        raise
    return made
