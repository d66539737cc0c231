"""A workflow without a template: its definition, and the parts that are set next to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PosixPath
from typing import Any, Self


def logical_id_of(name: str) -> str:
    """Return the logical ID for a name in a definition. A name that consists of letters and digits is already
    a logical ID.

    >>> logical_id_of("list-objects"), logical_id_of("orders")
    ('ListObjects', 'orders')
    """
    if name.isascii() and name.isalnum():
        return name
    return "".join(part[0].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name) if part)


@dataclass(frozen=True)
class GivenFunction:
    """A function that a definition calls: its code, and its settings.

    `code` is a folder, a Python file or a zip file. `timeout_s` and `memory_mb` are None for Lambda's
    defaults, 3 s and 128 MB. `runtime` is None for the Python version that runs the harness.
    """

    code: Path
    handler: str | None = None
    runtime: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    timeout_s: int | None = None
    memory_mb: int | None = None

    def __str__(self) -> str:
        return str(self.code)


@dataclass(frozen=True)
class GivenTable:
    """A table: its key attributes with their types, partition key first."""

    key: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return ", ".join(f"{name}: {kind}" for name, kind in self.key)


@dataclass(frozen=True)
class Plain:
    """The parts that are set next to a definition, by name.

    `functions` and `machines` are listed by the names in their ARNs. Each machine is a definition file.
    `substitutions` replace `${Name}`. `file` is the file that contains all parts. `marks` are locations in
    it, by key path.
    """

    functions: tuple[tuple[str, GivenFunction], ...] = ()
    tables: tuple[tuple[str, GivenTable], ...] = ()
    machines: tuple[tuple[str, Path], ...] = ()
    substitutions: tuple[tuple[str, str], ...] = ()
    file: Path = field(default=Path("scenario.yaml"), compare=False)
    marks: tuple[tuple[tuple[str, ...], tuple[int, int]], ...] = field(default=(), compare=False)

    def with_defaults(self, other: Plain) -> Plain:
        """Set the parts that are missing in this object to those of another one."""
        return Plain(
            functions=_merged(other.functions, self.functions),
            tables=_merged(other.tables, self.tables),
            machines=_merged(other.machines, self.machines),
            substitutions=_merged(other.substitutions, self.substitutions),
            file=self.file,
            marks=self.marks,
        )

    def place(self, *keys: str) -> tuple[int, int]:
        """Return the line and column of an entry, or of its nearest parent. Both count from 1."""
        known: Mapping[tuple[str, ...], tuple[int, int]] = dict(self.marks)
        return next((known[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in known), (1, 1))


def _merged(first: tuple[tuple[str, Any], ...], second: tuple[tuple[str, Any], ...]) -> tuple[Any, ...]:
    return tuple({**dict(first), **dict(second)}.items())


def toml_marks(
    file: Path, tables: Mapping[str, Mapping[str, object]]
) -> tuple[tuple[tuple[str, ...], tuple[int, int]], ...]:
    """Find the locations of table entries in a TOML file. Entries that are not found are omitted."""
    names = [(table, name) for table, entries in tables.items() for name in entries]
    try:
        text = file.read_text(encoding="utf-8") if names else ""
    except OSError:
        return ()
    found = []
    for table, name in names:
        begin = re.search(rf"^\s*(\[tool\.harness\.)?{table}\b", text, re.MULTILINE)
        entry = re.compile(rf"""(?<![\w-])(["']?){re.escape(name)}\1\s*[=\].]""")
        if begin and (at := entry.search(text, begin.start())):
            before = text[: at.start()]
            place = before.count("\n") + 1, at.start() - before.rfind("\n")
            found.append(((table, name), place))
    return tuple(found)


class DefinitionPath(PosixPath):
    """The path of a definition that is deployed without a template, with the parts that are set next to it.

    It can be used in place of a template path. Reading it as a template generates a template.
    """

    given: Plain | None = None

    @classmethod
    def of(cls, path: Path, given: Plain) -> DefinitionPath:
        """Create the path with its parts."""
        made = cls(path)
        made.given = given
        return made

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and self.given == getattr(other, "given", None)

    def __hash__(self) -> int:
        return hash((super().__hash__(), self.given))

    def __reduce__(self) -> Any:
        return _remade, (str(self), self.given)

    def relative_to(self, *other: Any, **more: Any) -> Self:
        """Return the path relative to another one, with its parts."""
        return self._kept(super().relative_to(*other, **more))

    def resolve(self, strict: bool = False) -> Self:
        """Return the path with its symbolic links resolved, and with its parts."""
        return self._kept(super().resolve(strict))

    def _kept(self, path: Path) -> Self:
        made = type(self)(path)
        made.given = self.given
        return made


def _remade(path: str, given: Plain | None) -> DefinitionPath:
    return DefinitionPath(path) if given is None else DefinitionPath.of(Path(path), given)
