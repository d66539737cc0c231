"""The requirements of a folder with code: the file that names them, and what of them is there already."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final, Literal

from harness.files import is_file, is_there, read_text
from harness.json_types import as_dict

Method = Literal["pip", "uv", "any"]
"""The tool for which SAM takes a file of requirements; `any` is whatever is there."""

LOCK: Final = "uv.lock"
_FILES: Final[Mapping[Method, tuple[str, ...]]] = {
    "pip": ("requirements.txt",),
    "uv": ("pyproject.toml", "requirements.txt"),
    "any": ("requirements.txt", "pyproject.toml"),
}
"""Files by method, the first that has requirements counts.

See aws_lambda_builders/workflows/python_pip and python_uv in https://github.com/aws/aws-lambda-builders
"""
_NAME: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)")
_CLAUSE: Final = re.compile(r"\s*(==|!=|<=|>=|~=|<|>)\s*(\d+(?:\.\d+)*)\s*")
_INCLUDE: Final = re.compile(r"(?:-r|--requirement|-c|--constraint)[\s=]\s*(\S+)")
_COMMENT: Final = re.compile(r"(^|\s+)#.*$")


class RequirementsError(Exception):
    """A file of requirements cannot be read; the message names it."""


@dataclass(frozen=True)
class Requirements:
    """The content of a file of requirements.

    `lines` are its requirements and options, as they are written, those of included files too. `text` is all
    that decides about what is installed.
    """

    file: Path
    lines: tuple[str, ...]
    text: str

    @property
    def locked(self) -> bool:
        """Tell whether uv.lock says which versions are installed."""
        return self.file.name == "pyproject.toml" and is_file(self.file.with_name(LOCK))

    @property
    def names(self) -> tuple[str, ...]:
        """The requirements, without options and markers."""
        return tuple(
            line.partition(";")[0].partition(" --hash")[0].strip()
            for line in self.lines
            if not line.startswith("-")
        )


def requirements_of(folder: Path, method: Method) -> Requirements | None:
    """The requirements of a folder; None when nothing is asked for.

    Raises:
        RequirementsError: the file cannot be read.
    """
    for name in _FILES[method]:
        file = folder / name
        if is_file(file) and (found := requirements_in(file)).lines:
            return found
    return None


def requirements_in(file: Path) -> Requirements:
    """The requirements of a file, `pyproject.toml` or one of pip's. Raises RequirementsError."""
    try:
        text = read_text(file, encoding="utf-8-sig")  # as pip takes it
        if file.name != "pyproject.toml":
            lines = tuple(_lines(file, text, (file.resolve(),)))
            return Requirements(file, lines, "\n".join(lines))
        project = as_dict(as_dict(tomllib.loads(text)).get("project"))
        asked = project.get("dependencies")
        lock = file.with_name(LOCK)
        locked = read_text(lock) if is_file(lock) else ""
    except OSError as error:
        raise RequirementsError(f"{error.filename or file} cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RequirementsError(f"{file} cannot be read ({error})") from error
    lines = tuple(str(each) for each in asked) if isinstance(asked, list) else ()
    return Requirements(file, lines, "\n".join((text, locked)))


def missing(requirements: Requirements, folder: Path, versions: Mapping[str, str]) -> tuple[str, ...]:
    """The lines that are neither in the folder, nor satisfied by the versions that functions have anyway.

    `versions` are by normalized name. A line that is no plain requirement is always missing.
    """
    return tuple(line for line in requirements.lines if not _is_there(line, folder, versions))


def normalized(name: str) -> str:
    """The name of a distribution as all its spellings have it.

    >>> normalized("Aws_Lambda.Powertools")
    'aws-lambda-powertools'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(requirement: str) -> str:
    """The normalized name of the distribution that a requirement names; "" when it names none.

    >>> distribution("Legacy.CGI[x]>=2")
    'legacy-cgi'
    """
    found = _NAME.match(requirement)
    return normalized(found[1]) if found else ""


def satisfies(version: str, specifier: str) -> bool:
    """Tell whether a version surely is one that a specifier takes; of plain numbers only.

    >>> satisfies("1.43.6", ">=1.28,<2"), satisfies("1.43.6", "==1.28.83"), satisfies("1.43.6", "~=1.43.0")
    (True, False, True)
    """
    if not specifier.strip():
        return True
    if not re.fullmatch(r"\d+(\.\d+)*", version):
        return False
    clauses = [_CLAUSE.fullmatch(part) for part in specifier.strip("() ").split(",")]
    return all(each is not None and _holds(version, each[1], each[2]) for each in clauses)


def _holds(version: str, operator: str, wanted: str) -> bool:
    pairs = zip_longest(_numbers(version), _numbers(wanted), fillvalue=0)
    order = next(((a > b) - (a < b) for a, b in pairs if a != b), 0)
    if operator == "~=":
        kept = len(_numbers(wanted)) - 1
        return order >= 0 and _numbers(version)[:kept] == _numbers(wanted)[:kept]
    return {
        "==": order == 0,
        "!=": order != 0,
        "<=": order <= 0,
        ">=": order >= 0,
        "<": order < 0,
        ">": order > 0,
    }[operator]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _is_there(line: str, folder: Path, versions: Mapping[str, str]) -> bool:
    plain = line.partition(";")[0].partition(" --hash")[0].strip()
    found = _NAME.fullmatch(plain)
    if line.startswith("-") or found is None:
        return False
    name, extras, specifier = normalized(found[1]), found[2], found[3]
    vendored = _vendored(folder, name)
    if vendored is not None:
        return not vendored or satisfies(vendored, specifier) or not specifier
    return not extras and name in versions and satisfies(versions[name], specifier)


def _vendored(folder: Path, name: str) -> str | None:
    """The version of a package in the folder; "" where it is not known, None without such a package."""
    for info in folder.glob("*.dist-info"):
        found, _, version = info.name.removesuffix(".dist-info").rpartition("-")
        if normalized(found) == name:
            return version
    module = name.replace("-", "_")
    return "" if any(is_there(folder / each) for each in (module, f"{module}.py")) else None


def _lines(file: Path, text: str, parents: tuple[Path, ...]) -> Iterator[str]:
    """The requirements and options of a file, with those of the files that it includes after each."""
    for line in _joined(text.splitlines()):
        if not (plain := _COMMENT.sub("", line).strip()):
            continue
        yield plain
        if included := _INCLUDE.fullmatch(plain):
            path = file.parent / included[1]
            if is_file(path) and path.resolve() not in parents:
                yield from _lines(path, read_text(path, encoding="utf-8-sig"), (*parents, path.resolve()))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Lines, those that end with a backslash as one with the next."""
    begun = ""
    for line in lines:
        begun += line
        if begun.endswith("\\"):
            begun = begun[:-1]
            continue
        yield begun
        begun = ""
    if begun:
        yield begun
