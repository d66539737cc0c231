"""The user's files in an editor, and the identical files in deployed functions."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType

from harness.observe.code_folders import Folder


class SourceFiles:
    """Finds the project's files for functions' files, by the functions' physical names.

    `folders` are the folders from which functions are packaged, according to the templates. If a file's
    breakpoints were found in a deployed file, the file is the source of the deployed file, wherever it is: a
    build has copied it.
    """

    def __init__(self) -> None:
        self.folders: dict[str, Sequence[Folder]] = {}
        self._bound: dict[tuple[str, str], str] = {}

    def bind(self, function: str, deployed: str, path: str) -> None:
        """Record that a file's breakpoints were found in a deployed file."""
        self._bound[function, deployed] = path

    def source_of(self, function: str, deployed: str) -> str:
        """Return the source of a deployed file, or "" if it is unknown."""
        if bound := self._bound.get((function, deployed)):
            return bound
        for root, folder in self.folders.get(function, ()):
            if deployed.startswith(f"{root}/") and (file := folder / deployed[len(root) + 1 :]).is_file():
                return str(file.resolve())
        return ""

    def deployed_as(self, function: str, path: str) -> str:
        """Return a file's path in the function according to the template.

        Return "" if the file is not part of the function.
        """
        real = Path(os.path.realpath(path))
        for root, folder in self.folders.get(function, ()):
            if real.is_relative_to(folder.resolve()):
                return f"{root}/{real.relative_to(folder.resolve()).as_posix()}"
        return ""


def text_of(path: str) -> str:
    """Return a file's text, or "" if it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def lines_with_code(path: str, text: str) -> list[int]:
    """Return the sorted lines of a module that can have breakpoints. Raises SyntaxError, ValueError."""
    return sorted(set(_lines(compile(text, path, "exec", dont_inherit=True))))


def line_from(lines: Sequence[int], line: int) -> int | None:
    """Return the first of these lines at or after a line, or None."""
    at = bisect_left(lines, line)
    return lines[at] if at < len(lines) else None


def _lines(code: CodeType) -> Iterator[int]:
    yield from (line for _, _, line in code.co_lines() if line)  # 0 begins a module
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _lines(constant)
