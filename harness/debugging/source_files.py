"""The files of somebody's editor, and those of deployed functions that are the same."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType

from harness.observe.code_folders import Folder


class SourceFiles:
    """Finds files of the project behind those of functions, by the functions' physical names.

    `folders` are those from which functions are packaged, as far as templates tell. A file whose breakpoints
    were found in a deployed one is its source, wherever it lies: a build has copied it.
    """

    def __init__(self) -> None:
        self.folders: dict[str, Sequence[Folder]] = {}
        self._bound: dict[tuple[str, str], str] = {}

    def bind(self, function: str, deployed: str, path: str) -> None:
        """Say that breakpoints of a file were found in a deployed one."""
        self._bound[function, deployed] = path

    def source_of(self, function: str, deployed: str) -> str:
        """The file behind a deployed one; "" if it is not known."""
        if bound := self._bound.get((function, deployed)):
            return bound
        for root, folder in self.folders.get(function, ()):
            if deployed.startswith(f"{root}/") and (file := folder / deployed[len(root) + 1 :]).is_file():
                return str(file.resolve())
        return ""

    def deployed_as(self, function: str, path: str) -> str:
        """The place where a function has a file by the template; "" if it is none of its files."""
        real = Path(os.path.realpath(path))
        for root, folder in self.folders.get(function, ()):
            if real.is_relative_to(folder.resolve()):
                return f"{root}/{real.relative_to(folder.resolve()).as_posix()}"
        return ""


def text_of(path: str) -> str:
    """The text of a file; "" if it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def lines_with_code(path: str, text: str) -> list[int]:
    """The lines of a module where something can stop, in their order. Raises SyntaxError, ValueError."""
    return sorted(set(_lines(compile(text, path, "exec", dont_inherit=True))))


def line_from(lines: Sequence[int], line: int) -> int | None:
    """The first of these lines from a line on; None if there is none."""
    at = bisect_left(lines, line)
    return lines[at] if at < len(lines) else None


def _lines(code: CodeType) -> Iterator[int]:
    yield from (line for _, _, line in code.co_lines() if line)  # 0 begins a module
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _lines(constant)
