"""Requirements of a code folder: the file that lists them, and the requirements that are already
installed.
"""

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
"""The tool that SAM uses for a requirements file. `any` means any available tool."""

LOCK: Final = "uv.lock"
_FILES: Final[Mapping[Method, tuple[str, ...]]] = {
    "pip": ("requirements.txt",),
    "uv": ("pyproject.toml", "requirements.txt"),
    "any": ("requirements.txt", "pyproject.toml"),
}
"""Files by method. The first file with requirements is used.

See aws_lambda_builders/workflows/python_pip and python_uv in https://github.com/aws/aws-lambda-builders
"""
_NAME: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)")
_CLAUSE: Final = re.compile(r"\s*(==|!=|<=|>=|~=|<|>)\s*(\d+(?:\.\d+)*)\s*")
_INCLUDE: Final = re.compile(r"(?:-r|--requirement|-c|--constraint)[\s=]\s*(\S+)")
_COMMENT: Final = re.compile(r"(^|\s+)#.*$")


class RequirementsError(Exception):
    """A requirements file cannot be read. The message contains its name."""


@dataclass(frozen=True)
class Requirements:
    """The content of a requirements file.

    `lines` are its requirements and options, unchanged, including those from included files. `text` is
    everything that determines the installation.
    """

    file: Path
    lines: tuple[str, ...]
    text: str

    @property
    def locked(self) -> bool:
        """Return whether uv.lock determines the installed versions."""
        return self.file.name == "pyproject.toml" and is_file(self.file.with_name(LOCK))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the requirements, without options and markers."""
        return tuple(
            line.partition(";")[0].partition(" --hash")[0].strip()
            for line in self.lines
            if not line.startswith("-")
        )


def requirements_of(folder: Path, method: Method) -> Requirements | None:
    """Return the requirements of a folder. None if it has none.

    Raises:
        RequirementsError: the file cannot be read.
    """
    for name in _FILES[method]:
        file = folder / name
        if is_file(file) and (found := requirements_in(file)).lines:
            return found
    return None


def requirements_in(file: Path) -> Requirements:
    """Read the requirements from `pyproject.toml` or a pip requirements file. Raises RequirementsError."""
    try:
        text = read_text(file, encoding="utf-8-sig")  # like pip
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
    """Return the lines that neither the folder nor the packages available to every function satisfy.

    `versions` maps normalized package names to versions. A line that is not a plain requirement always counts
    as missing.
    """
    return tuple(line for line in requirements.lines if not _is_there(line, folder, versions))


def normalized(name: str) -> str:
    """Return the normalized name of a distribution, which is the same for all spellings.

    >>> normalized("Aws_Lambda.Powertools")
    'aws-lambda-powertools'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(requirement: str) -> str:
    """Return the normalized name of the distribution in a requirement, or "".

    >>> distribution("Legacy.CGI[x]>=2")
    'legacy-cgi'
    """
    found = _NAME.match(requirement)
    return normalized(found[1]) if found else ""


def satisfies(version: str, specifier: str) -> bool:
    """Return whether a version definitely matches a specifier. Supports only plain numbers.

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
    """Return the version of a package in the folder. "" if it is not known, None if there is no such
    package.
    """
    for info in folder.glob("*.dist-info"):
        found, _, version = info.name.removesuffix(".dist-info").rpartition("-")
        if normalized(found) == name:
            return version
    module = name.replace("-", "_")
    return "" if any(is_there(folder / each) for each in (module, f"{module}.py")) else None


def _lines(file: Path, text: str, parents: tuple[Path, ...]) -> Iterator[str]:
    """Return the requirements and options in a file, including those from included files."""
    for line in _joined(text.splitlines()):
        if not (plain := _COMMENT.sub("", line).strip()):
            continue
        yield plain
        if included := _INCLUDE.fullmatch(plain):
            path = file.parent / included[1]
            if is_file(path) and path.resolve() not in parents:
                yield from _lines(path, read_text(path, encoding="utf-8-sig"), (*parents, path.resolve()))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Split text into lines. A line that ends with a backslash is joined with the next line."""
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
